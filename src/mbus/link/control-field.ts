/** The C and A fields of the link layer (EN 13757-2). */

/** Bit 6 of C: set in every frame from the master, clear in every answer. */
export const fromMasterBit = 0x40;
/** Frame count bit: toggles with each new request, the same again asks for a repetition. */
export const frameCountBit = 0x20;
/** Frame count valid: the frame count bit counts. */
export const frameCountValid = 0x10;

/** Requests without frame count bit; set `frameCountBit` in those that carry one. */
export const sndNke = 0x40;
export const sndUd = 0x53;
export const reqUd2 = 0x5b;
export const reqUd1 = 0x5a;

/** Answer with user data; ACD (20h) says alarm data waits, DFC (10h) says no more data can be taken. */
export const rspUd = 0x08;
export const accessDemandBit = 0x20;

/** Function code of a request: C without direction, FCB and FCV. */
export function functionOf(control: number): number {
  return control & 0x0f;
}
export const functionNke = 0x00;
export const functionSndUd = 0x03;
export const functionReqUd1 = 0x0a;
export const functionReqUd2 = 0x0b;

/** The slave selected by its secondary address. */
export const selectedAddress = 253;
/** All answer: for a bus with one slave. */
export const broadcastWithAnswer = 254;
/** All act, none answers. */
export const broadcastSilent = 255;

/** CI fields the link dialogue itself knows. */
export const ci = {
  applicationReset: 0x50,
  sendData: 0x51,
  select: 0x52,
  sendDataMode2: 0x55,
  selectMode2: 0x56,
  errorShortHeader: 0x6e,
  errorLongHeader: 0x6f,
  applicationError: 0x70,
  alarm: 0x71,
  responseLong: 0x72,
  responseFixed: 0x73,
  responseLongMode2: 0x76,
} as const;

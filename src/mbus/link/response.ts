/** What a master looks at in an answer before handing it on. */
import { ci, fromMasterBit, rspUd } from "./control-field.js";
import type { LinkFrame } from "./frame.js";
import type { MasterSettings, ReadoutNote } from "./readout-outcome.js";

export type ResponseFrame = Extract<LinkFrame, { kind: "long" }>;

/** RSP_UD, whatever its ACD and DFC bits. */
export function isResponse(frame: LinkFrame): frame is ResponseFrame {
  return frame.kind === "long" && (frame.control & (fromMasterBit | 0x0f)) === rspUd;
}

/** An application error (CI 70, 6E, 6F) in the answer, with its code where one was sent. */
export function applicationErrorIn(applicationData: Uint8Array): { readonly code: number | undefined } | undefined {
  const controlInformation = applicationData[0];
  if (controlInformation === ci.applicationError) return { code: applicationData[1] };
  if (controlInformation === ci.errorShortHeader) return { code: applicationData[5] };
  if (controlInformation === ci.errorLongHeader) return { code: applicationData[13] };
  return undefined;
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

const automaticTelegramLimit = 32;

/** More telegrams follow the so many read: ask for the next, or say why not. */
export function noteOnMore(settings: MasterSettings, telegramCount: number): ReadoutNote | "askNext" {
  if (settings.multiTelegram === "off") return "moreTelegramsFollow";
  const limit = settings.telegramLimit > 0 ? settings.telegramLimit : automaticTelegramLimit;
  return telegramCount < limit ? "askNext" : "telegramLimitReached";
}

/** The control field of HDLC frames as IEC 62056-46 uses them: numbers modulo 8, no REJ. */

export type HdlcControl =
  | { readonly kind: "I"; readonly sendNumber: number; readonly receiveNumber: number; readonly isPoll: boolean }
  | { readonly kind: "RR" | "RNR"; readonly receiveNumber: number; readonly isPoll: boolean }
  | { readonly kind: "SNRM" | "DISC" | "UA" | "DM" | "FRMR" | "UI"; readonly isPoll: boolean }
  /** One that is not used here, or not defined. */
  | { readonly kind: "unknown"; readonly octet: number; readonly isPoll: boolean };

export type HdlcFrameKind = HdlcControl["kind"];

const pollBit = 0x10;

const unnumbered = { SNRM: 0x83, DISC: 0x43, UA: 0x63, DM: 0x0f, FRMR: 0x87, UI: 0x03 } as const;
const unnumberedKinds = new Map<number, keyof typeof unnumbered>(
  Object.entries(unnumbered).map(([kind, code]) => [code, kind as keyof typeof unnumbered]),
);

export function decodeControl(octet: number): HdlcControl {
  const isPoll = (octet & pollBit) !== 0;
  const receiveNumber = octet >> 5;
  if ((octet & 1) === 0) return { kind: "I", sendNumber: (octet >> 1) & 7, receiveNumber, isPoll };
  if ((octet & 0x0f) === 0x01) return { kind: "RR", receiveNumber, isPoll };
  if ((octet & 0x0f) === 0x05) return { kind: "RNR", receiveNumber, isPoll };
  const kind = unnumberedKinds.get(octet & ~pollBit);
  return kind === undefined ? { kind: "unknown", octet, isPoll } : { kind, isPoll };
}

export function encodeControl(control: HdlcControl): number {
  const poll = control.isPoll ? pollBit : 0;
  switch (control.kind) {
    case "I":
      return (control.receiveNumber << 5) | poll | (control.sendNumber << 1);
    case "RR":
      return (control.receiveNumber << 5) | poll | 0x01;
    case "RNR":
      return (control.receiveNumber << 5) | poll | 0x05;
    case "unknown":
      return control.octet;
    default:
      return unnumbered[control.kind] | poll;
  }
}

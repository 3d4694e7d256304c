/** The control information fields whose transport layer is decoded, and what stands behind it (EN 13757-7, CI fields). */

export type HeaderKind = "none" | "short" | "long";

/** What stands behind the transport header. */
export type Content = "full" | "compact" | "format" | "error" | "alarm" | "nothing";

export interface TransportKind {
  readonly header: HeaderKind;
  readonly content: Content;
}

/** Wireless 73 is a compact frame: the fixed structure of wired 73 never comes over the air. */
const transports: ReadonlyMap<number, TransportKind> = new Map<number, TransportKind>([
  [0x72, { header: "long", content: "full" }],
  [0x76, { header: "long", content: "full" }],
  [0x7a, { header: "short", content: "full" }],
  [0x78, { header: "none", content: "full" }],
  [0x73, { header: "long", content: "compact" }],
  [0x7b, { header: "short", content: "compact" }],
  [0x79, { header: "none", content: "compact" }],
  [0x6b, { header: "long", content: "format" }],
  [0x6a, { header: "short", content: "format" }],
  [0x69, { header: "none", content: "format" }],
  [0x6f, { header: "long", content: "error" }],
  [0x6e, { header: "short", content: "error" }],
  [0x70, { header: "none", content: "error" }],
  [0x75, { header: "long", content: "alarm" }],
  [0x74, { header: "short", content: "alarm" }],
  [0x71, { header: "none", content: "alarm" }],
  [0x80, { header: "long", content: "nothing" }],
  [0x8b, { header: "long", content: "nothing" }],
  [0x8a, { header: "short", content: "nothing" }],
]);

/** Undefined for what is refused. */
export function transportKind(controlInformation: number): TransportKind | undefined {
  return transports.get(controlInformation);
}

/** What a control information field of a wireless telegram announces (EN 13757-7, CI fields; MBUS facts, part a). */

export type HeaderKind = "none" | "short" | "long";

/** What stands behind the transport header. */
export type Content = "full" | "compact" | "format" | "error" | "alarm" | "nothing";

export interface TransportKind {
  readonly header: HeaderKind;
  readonly content: Content;
}

/** Transport layers that are decoded. Wireless 73 is a compact frame; the fixed structure of wired 73 never comes. */
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

/** Undefined for what is refused; see refusedName(). */
export function transportKind(controlInformation: number): TransportKind | undefined {
  return transports.get(controlInformation);
}

const refused: readonly (readonly [number, number, string])[] = [
  [0x00, 0x1f, "DLMS segment"],
  [0x50, 0x50, "application reset"],
  [0x51, 0x51, "command to the meter"],
  [0x52, 0x52, "selection by secondary address"],
  [0x53, 0x53, "application reset with long header"],
  [0x54, 0x55, "request of the selected application"],
  [0x5a, 0x5b, "command to the meter"],
  [0x5c, 0x5c, "synchronise action"],
  [0x5f, 0x5f, "security information (TLS)"],
  [0x60, 0x61, "DLMS to the meter"],
  [0x64, 0x65, "SML to the meter"],
  [0x66, 0x68, "selected application"],
  [0x6c, 0x6d, "clock synchronisation"],
  [0x7c, 0x7d, "DLMS application"],
  [0x7e, 0x7f, "SML application"],
  [0x81, 0x81, "network layer"],
  [0x82, 0x83, "network management to the device"],
  [0x84, 0x85, "transport layer to the device"],
  [0x86, 0x86, "extended link layer V"],
  [0x87, 0x89, "network management from the device"],
  [0x9e, 0x9f, "specific usage"],
  [0xb8, 0xbf, "baud rate of a wired bus"],
  [0xc0, 0xc2, "image transfer"],
  [0xc3, 0xc5, "security information transfer"],
];

/** Name of control information that is known and not decoded; `reserved` for the rest. */
export function refusedName(controlInformation: number): string {
  const found = refused.find(([from, to]) => controlInformation >= from && controlInformation <= to);
  return found?.[2] ?? "reserved";
}

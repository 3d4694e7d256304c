/**
 * The table of texts (PRODUCT.md, E8): every event that the gateway knows has an id here, which is its COSEM event code
 * too. Ids are given once and never reused. Sections: 1000 system, 1100 time, 1200 network, 2000 security (the fraud
 * log), 3000 jobs, 4000 to 4255 a meter's status byte, 4300 meters, 5000 reports, 6000 services, 7000 configuration.
 */
export interface LogText {
  readonly id: number;
  /** What the program writes, and the text shown; `{name}` stands for a parameter. */
  readonly text: string;
  /** Seen in a COSEM event log; those of section 2000 in the fraud log. */
  readonly isEvent: boolean;
}

/** An entry that no text was made for yet; its words are the parameter `message`. */
export const otherTextId = 999;
/** `{count} more within a minute: {text}` */
export const heldTextId = 998;
/** Entries that the disk was too slow or too full for. */
export const lostTextId = 997;
/** And the status byte. */
export const meterStatusTextId = 4000;

/** Who did what: the audit has a guard of its own against floods. */
export const auditTextIds: ReadonlySet<number> = new Set([2020, 2021, 2022, 7020]);

export const logTextId = { started: 1000, stopped: 1001, heldBack: 2001 } as const;

/** `*`: an event. */
const table: Readonly<Record<number, string>> = {
  997: "*{count} log entries were lost: the disk was too slow or full",
  998: "{count} more of the same within {seconds} s: {text}",
  999: "{message}",
  1000: "*gateway started, version {version}",
  1001: "*gateway stopped",
  1002: "a part did not stop well",
  1003: "stopped",
  1004: "*the database is damaged; it is set aside and what can be read is taken over",
  1005: "*a new database was begun",
  1006: "*the store's writer failed",
  1007: "the history could not be compacted; it is tried again",
  1008: "the history could not be looked after",
  1009: "old readings were removed",
  1010: "a listener to registry notices failed",
  1011: "progress listener failed",
  1012: "formats and counters not kept",
  1013: "a kept format is not good",
  1014: "what was written could not be kept",
  1015: "a kept value is no longer taken",
  1016: "alarm script refused",
  1017: "alarm script failed",
  1018: "gateway started",
  1022: "gateway starts again",
  1019: "gateway stopping",
  1020: "old log entries were removed",
  1021: "the log could not be looked after",
  1100: "*the clock was set back; schedules begin anew",
  1101: "clock not set: the operating system keeps the time",
  1102: "*the clock was set",
  1103: "the clock is known to be good",
  1104: "a listener to the clock failed",
  1105: "clock not set over DLMS: the setting timeSync.setByDlms is off",
  1106: "*the clock is not known good yet: readings are marked and put right later",
  1107: "*the clock is still not known good after 10 minutes: reports leave all the same",
  1108: "*the clock is known good",
  1109: "a reading was not put right",
  1110: "*the clock was set back; runs are not repeated",
  1111: "*the clock was set back; readings are kept in order and marked doubtful until it has caught up",
  1200: "connection ended by a fault of the gateway",
  1201: "connection failed",
  1202: "connection error",
  1203: "connection closed",
  1204: "listening failed",
  2001: "*too many failed authentications from {address}",
  2002: "*association refused",
  2003: "held back after too many failed authentications",
  2004: "connection refused",
  2005: "request rejected",
  2006: "*replayed telegram refused",
  2007: "invocation counters cannot be reserved; ciphered answers end with this range",
  2008: "received invocation counters cannot be kept; a restart would forget them",
  2009: "*connection ended: too many requests at once",
  2020: "audit: accounts",
  2021: "*audit: refused",
  2022: "audit: failed",
  3000: "readout cycle ended",
  3001: "*job failed",
  3002: "*job is due while it still runs",
  3003: "*the readout cycle outlasted its period; the next one begins late",
  3004: "*a job was interrupted by the gateway's end",
  3005: "a job's run could not be put on record",
  3006: "a job's end could not be put on record",
  3007: "continuous mode failed",
  3008: "search failed",
  3009: "the schedule of the settings counts again: it was changed later",
  4300: "meter named",
  4301: "layout learned",
  4302: "a record changed its unit or scale: it has a new object",
  4303: "records that no map knows",
  4304: "readout failed",
  4305: "readout not kept",
  4306: "another meter answers",
  4307: "telegrams as received were not kept",
  4308: "meter not heard at its own rate",
  4309: "damaged telegram",
  4310: "live readout failed",
  4311: "refused: not there yet",
  4312: "capture failed",
  4313: "M-Bus client method refused",
  4314: "records of readouts were not kept",
  4315: "a meter key cannot be opened; give it again",
  4316: "a listener to the meter list failed",
  4317: "meters that the settings name no longer are passive",
  4318: "a meter of the settings cannot be installed",
  4319: "a telegram beside the readout was not read",
  4400: "*bus not opened",
  4401: "*bus lost",
  4410: "receiver opened",
  4411: "receiver not opened",
  4412: "*receiver lost",
  4413: "*receiver silent: it is reset",
  4414: "receiver did not take its reset",
  4415: "receiver answered",
  4416: "receiver's message not understood",
  4417: "telegram lost by a fault of the gateway",
  4418: "receiver listens",
  5000: "report delivered",
  5001: "*report not delivered",
  5002: "*report failed",
  5003: "*report not made",
  5004: "report run",
  5005: "push refused: reports over DLMS are not there yet",
  5006: "push sent",
  5007: "push not sent",
  5008: "push refused",
  6000: "door opened",
  6001: "association opened",
  6002: "association closed",
  6003: "request failed",
  6004: "HDLC line opened",
  6005: "HDLC line not opened",
  6006: "HDLC line lost",
  6007: "HDLC link opened",
  6008: "HDLC link ended",
  6009: "HDLC frame discarded",
  6010: "optical sign-on",
  6011: "optical sign-on failed",
  6020: "modbus connection opened",
  6021: "modbus connection closed",
  6022: "modbus connection failed",
  6023: "modbus stream broken, connection closed",
  6024: "modbus request failed, connection closed",
  6025: "modbus master turned away: too many connections",
  6026: "modbus port failed",
  6030: "rest view opened",
  6031: "REST request failed",
  6032: "event stream failed",
  6033: "web pages are not built: npm run build:web",
  7000: "changed",
  7001: "firmware image refused: updates over DLMS are not there yet",
  7020: "audit: done",
  7010: "*licence installed",
  7011: "*licence limit: meters became passive",
  7013: "meters over the licence limit could not be made passive",
  7015: "*put in place before this start",
  7014: "*a door stays shut: no licence for it",
  7012: "an installed licence is not good",
};

export const logTexts: ReadonlyMap<number, LogText> = new Map(
  Object.entries(table).map(([id, written]) => {
    const isEvent = written.startsWith("*");
    return [Number(id), { id: Number(id), text: isEvent ? written.slice(1) : written, isEvent }];
  }),
);

const byWords = new Map([...logTexts.values()].map(({ id, text }) => [text, id]));

/** The id of what the program wrote; undefined: no text was made for it. */
export function textIdOf(message: string): number | undefined {
  return byWords.get(message);
}

const sections: readonly (readonly [number, string])[] = [
  [7000, "config"],
  [6000, "service"],
  [5000, "report"],
  [4400, "bus"],
  [4000, "meter"],
  [3000, "job"],
  [2000, "security"],
  [1200, "network"],
  [1100, "time"],
  [0, "system"],
];

export function sectionOf(textId: number): string {
  return sections.find(([first]) => textId >= first)?.[1] ?? "system";
}

/** Whether an event is of the fraud log. */
export function isFraud(textId: number): boolean {
  return sectionOf(textId) === "security" && logTexts.get(textId)?.isEvent === true;
}

type Parameters = Readonly<Record<string, unknown>>;

/** The text with its parameters put in; those that it has no place for stand behind it. */
export function wordsOf(textId: number, parameters: Parameters): string {
  if (textId >= meterStatusTextId && textId < meterStatusTextId + 256) return String(parameters["words"] ?? textId);
  const text = logTexts.get(textId)?.text ?? `text ${textId}`;
  const used = new Set<string>();
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    used.add(name);
    return shown(parameters[name]);
  });
  const rest = Object.entries(parameters).filter(([name]) => !used.has(name));
  if (rest.length === 0) return filled;
  return `${filled} (${rest.map(([name, value]) => `${name} ${shown(value)}`).join(", ")})`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

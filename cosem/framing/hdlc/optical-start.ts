/**
 * How a dialogue at an optical head begins: IEC 62056-21, mode E, server side.
 *
 *     idle --"/?!" CR LF--> identification at 300 Bd --ACK 2 Z 2 CR LF--> the same at rate Z --> HDLC
 *
 * Characters have 7 bits and even parity; on a line of 8 bits without parity the eighth bit is that parity, put on and taken
 * off here, so that the line need not be set up anew. What does not fit is ignored; a start not ended in time is forgotten.
 */

export interface OpticalStartOptions {
  /** Three letters; a small third one says that this side answers within 20 ms, which it does not. */
  readonly manufacturerId: string;
  /** At most 16 printable characters without / and !. */
  readonly identification: string;
  /** The rate offered; a client may choose a lower one. */
  readonly baudRate: OpticalBaudRate;
  /** Answered to when named in the request; a request without an address is for everybody. */
  readonly deviceAddress?: string;
}

export type OpticalStartEvent =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** Before what follows is sent. */
  | { readonly kind: "setBaudRate"; readonly baudRate: OpticalBaudRate }
  /** What comes from now on is HDLC. */
  | { readonly kind: "started" };

export interface OpticalStart {
  receive(bytes: Uint8Array, now: number): readonly OpticalStartEvent[];
  nextDeadline(): number | undefined;
  expire(now: number): readonly OpticalStartEvent[];
  /** Begins anew; the line is at 300 Bd then. */
  reset(): void;
}

/** By the character Z of mode C and E. */
export const opticalBaudRates = [300, 600, 1200, 2400, 4800, 9600, 19_200] as const;
export type OpticalBaudRate = (typeof opticalBaudRates)[number];
/** The rate at which every start begins. */
export const firstOpticalBaudRate: OpticalBaudRate = 300;

/** An answer begins no sooner than this after the request. */
const reactionMs = 200;
/** An acknowledgement that does not come within this is not waited for. */
const acknowledgeMs = 3000;
/** A request has a device address of at most 32 characters. */
const maxLineLength = 40;
const lineFeed = 0x0a;
const acknowledge = String.fromCharCode(6);

/** @throws RangeError for an identification that cannot be sent */
export function createOpticalStart(options: OpticalStartOptions): OpticalStart {
  const { manufacturerId, identification, baudRate, deviceAddress } = options;
  if (!/^[A-Za-z]{3}$/.test(manufacturerId)) throw new RangeError("a manufacturer id has three letters");
  if (!/^[ "-.0-~]{0,16}$/.test(identification)) throw new RangeError("an identification has at most 16 characters");
  const offered = opticalBaudRates.indexOf(baudRate);
  let line = "";
  let isAcknowledgeAwaited = false;
  let dueAt: number | undefined;
  /** What goes out when the reaction time is over. */
  let reply: readonly OpticalStartEvent[] | undefined;

  function reset(): void {
    line = "";
    isAcknowledgeAwaited = false;
    dueAt = undefined;
    reply = undefined;
  }

  function take(text: string, now: number): void {
    const [, address] = /\/\?([^!/]*)!\r\n$/.exec(text) ?? [];
    if (address !== undefined) {
      const isForUs = address === "" || withoutZeros(address) === withoutZeros(deviceAddress ?? "");
      reset();
      if (isForUs) answerLater([send(`/${manufacturerId}${offered}\\2${identification}\r\n`)], now);
      return;
    }
    const [, chosen] = isAcknowledgeAwaited ? (new RegExp(`${acknowledge}2([0-6])2\r\n$`).exec(text) ?? []) : [];
    if (chosen === undefined) return;
    const rate = opticalBaudRates[Number(chosen)];
    reset();
    if (rate === undefined || Number(chosen) > offered) return;
    const confirmation = send(`${acknowledge}2${chosen}2\r\n`);
    answerLater([{ kind: "setBaudRate", baudRate: rate }, confirmation, { kind: "started" }], now);
  }

  function answerLater(events: readonly OpticalStartEvent[], now: number): void {
    reply = events;
    dueAt = now + reactionMs;
  }

  return {
    receive(bytes, now) {
      // While an answer is due nobody should speak; an optical head may hear its own light.
      if (reply !== undefined) return [];
      for (const octet of bytes) {
        line += String.fromCharCode(octet & 0x7f);
        if ((octet & 0x7f) === lineFeed) {
          take(line, now);
          line = "";
        } else if (line.length > maxLineLength) line = line.slice(-maxLineLength);
      }
      return [];
    },
    nextDeadline: () => dueAt,
    expire(now) {
      if (dueAt === undefined || now < dueAt) return [];
      const events = reply ?? [];
      const isStarted = events.some(({ kind }) => kind === "started");
      const isIdentified = events.length > 0 && !isStarted;
      reset();
      if (isIdentified) {
        isAcknowledgeAwaited = true;
        dueAt = now + acknowledgeMs;
      }
      return events;
    },
    reset,
  };
}

/** Leading zeros of a device address do not count. */
function withoutZeros(address: string): string {
  return address.replace(/^0+/, "");
}

function send(text: string): OpticalStartEvent {
  return { kind: "send", bytes: withEvenParity(text) };
}

function withEvenParity(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0) & 0x7f;
    let ones = 0;
    for (let bits = code; bits > 0; bits >>= 1) ones += bits & 1;
    return code | ((ones & 1) << 7);
  });
}

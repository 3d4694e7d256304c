/** Mutated streams of every receiver driver without end, the same ones for the same seed: for fuzz and soak. */
import { DecodeError, fromHex, toHex } from "../../cosem/codec/bytes.js";
import {
  createReceiverDriver,
  decodeWireless,
  type ReceiverEvent,
  type ReceiverTypeName,
  RememberedFormats,
  receiverEncoders,
  receiverTypes,
} from "../../src/mbus/index.js";
import { streamBytes, streamCases } from "../mbus/receivers/streams.js";
import { wirelessVectors } from "../mbus/wireless/support/vectors.js";
import { joined, Mutator } from "./mutated-bytes.js";

const types = Object.keys(receiverTypes) as ReceiverTypeName[];
/** The longest message of a binary protocol, or the longest line. */
const mostKept = 8192;
const modes = ["S", "T", "C", "CT"] as const;

export class ReceptionRun {
  streams = 0;
  telegrams = 0;
  decoded = 0;
  refused = 0;
  rejected = 0;
  answers = 0;
  /** Telegrams by receiver. */
  readonly byType = new Map<ReceiverTypeName, number>(types.map((type) => [type, 0]));
  private readonly mutator: Mutator;
  private readonly seeds: ReadonlyMap<ReceiverTypeName, readonly Uint8Array[]>;
  private readonly all: readonly Uint8Array[];
  private readonly formats = new RememberedFormats(20);

  constructor(seed: number) {
    this.mutator = new Mutator(seed);
    this.seeds = new Map(types.map((type) => [type, seedsOf(type)]));
    this.all = [...this.seeds.values()].flat();
  }

  /** One stream more, through the next driver; throws on the first that breaks a rule. */
  step(): void {
    const { mutator } = this;
    const { dice } = mutator;
    const type = types[this.streams % types.length] as ReceiverTypeName;
    this.streams += 1;
    const own = this.seeds.get(type) ?? this.all;
    const pieces = Array.from({ length: 1 + dice.roll(5) }, () => {
      const piece = mutator.one(dice.roll(10) === 0 ? this.all : own);
      return mutator.mutated(piece, dice.roll(4), this.all, 3000);
    });
    const stream = joined(...pieces);
    const options = { mode: mutator.one(modes), appendsRssi: dice.roll(2) === 0 };
    const whole = createReceiverDriver(type, options);
    const events = [...whole.push(stream), ...whole.flush()];
    const cut = createReceiverDriver(type, options);
    const found: ReceiverEvent[] = [];
    for (let start = 0; start < stream.length; ) {
      const end = start + 1 + dice.roll(dice.roll(3) === 0 ? 4 : stream.length);
      found.push(...cut.push(stream.subarray(start, end)));
      if (cut.pendingBytes > mostKept) throw new Error(`${type} keeps ${cut.pendingBytes} bytes of ${toHex(stream)}`);
      start = end;
    }
    found.push(...cut.flush());
    if (text(events) !== text(found)) throw new Error(`${type}: cutting changes what is found in ${toHex(stream)}`);
    if (cut.pendingBytes > 0 || whole.pendingBytes > 0) throw new Error(`${type} keeps bytes behind the end`);
    for (const event of events) this.take(type, event);
  }

  private take(type: ReceiverTypeName, event: ReceiverEvent): void {
    if (event.kind === "rejected") this.rejected += 1;
    if (event.kind === "answer") this.answers += 1;
    if (event.kind !== "telegram") return;
    this.telegrams += 1;
    this.byType.set(type, (this.byType.get(type) ?? 0) + 1);
    try {
      const { bytes, frameFormat } = event;
      decodeWireless(bytes, { keyFor: () => undefined, formats: this.formats, frameFormat });
      this.decoded += 1;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.refused += 1;
    }
  }
}

/** The recorded and built streams of a driver, and telegrams of the corpus in its framing where that is simple. */
function seedsOf(type: ReceiverTypeName): readonly Uint8Array[] {
  const streams = streamCases.filter((streamCase) => streamCase.type === type).map(streamBytes);
  const encode = (
    receiverEncoders as Partial<Record<ReceiverTypeName, (bytes: Uint8Array, rssi: number) => Uint8Array>>
  )[type];
  const plain = wirelessVectors.filter(({ crc, hex }) => crc === "removed" && hex.length % 2 === 0).slice(0, 60);
  const built = plain.map(({ hex }) => {
    if (encode !== undefined) return encode(fromHex(hex), -70);
    return type === "hexLines" ? new TextEncoder().encode(`${hex}\n`) : fromHex(hex);
  });
  const isBinary = type === "rawBytes" || type === "rc1180" || type === "amb8465";
  return encode !== undefined || type === "hexLines" || isBinary ? [...streams, ...built] : streams;
}

const text = (events: readonly ReceiverEvent[]) =>
  events
    .map((event) =>
      event.kind === "telegram" ? JSON.stringify({ ...event, bytes: toHex(event.bytes) }) : JSON.stringify(event),
    )
    .join();

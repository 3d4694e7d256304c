import { fromHex } from "../../cosem/codec/bytes.js";
import { LinkSlave, parseSecondaryAddress, type SecondaryAddress } from "../../src/mbus/index.js";
import type { SimulatedMeter } from "../../src/simulator/index.js";

export interface PlainMeterSpec {
  /** Sixteen hex digits. */
  readonly address: string;
  readonly primaryAddress?: number;
  /** Eight digits; default the identification. */
  readonly fabricationNumber?: string;
  /** Length of its RSP_UD frame on the wire. */
  readonly frameBytes?: number;
  /** False: it keeps silent when selected by fabrication number. */
  readonly isEnhanced?: boolean;
  /** Milliseconds to its answer; default that of its bus. */
  readonly answerDelayMs?: number;
}

/** A meter that answers with a header, its fabrication number, and filler up to the length wanted. */
export function plainMeter(spec: PlainMeterSpec): SimulatedMeter {
  const secondaryAddress = parseSecondaryAddress(spec.address);
  const number = spec.fabricationNumber ?? spec.address.slice(0, 8);
  const fabricationNumber = fromHex(number).reverse();
  const telegram = new Uint8Array((spec.frameBytes ?? 150) - 8).fill(0x2f);
  // Long header: access number, status, signature; then DIF 0C, VIF 78.
  telegram.set([0x72, ...secondaryAddress, 1, 0, 0, 0, 0x0c, 0x78, ...fabricationNumber]);
  const slave = new LinkSlave({
    primaryAddress: spec.primaryAddress ?? 0,
    secondaryAddress,
    ...(spec.isEnhanced === false ? {} : { fabricationNumber }),
    readout: () => [telegram],
  });
  return {
    name: spec.address,
    spec: { name: spec.address, telegrams: [], identification: number, primaryAddress: 0, seed: 0 },
    primaryAddress: spec.primaryAddress ?? 0,
    secondaryAddress: secondaryAddress as SecondaryAddress,
    answerDelayMs: spec.answerDelayMs,
    isDead: false,
    applicationErrorCode: undefined,
    receive: (frame) => slave.receive(frame),
    telegramsNow: () => [telegram],
  };
}

/** Numbers from a seed, 0 to below 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Answer delays as they come at 2400 baud: anything EN 13757-2 allows, 96 ms on average. */
export function anyDelays(count: number, seed = 1): readonly number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => 4.6 + random() * 182.9);
}

/** So many different identifications of 8 decimal digits, as whole addresses of one maker, version and medium. */
export function addresses(count: number, kind: "random" | "consecutive", seed = 1): readonly string[] {
  const random = randomFrom(seed);
  const ids = new Set<number>();
  while (ids.size < count) ids.add(kind === "random" ? Math.floor(random() * 100_000_000) : 10_000_001 + ids.size);
  return [...ids].map((id) => `${String(id).padStart(8, "0")}24400107`);
}

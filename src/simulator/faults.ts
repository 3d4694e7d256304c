/**
 * Carries a fault script out. How it works: the wire asks at each place where a fault could strike; a rule strikes when
 * kind, bus, meter and time fit, and its count is not used up. Chance comes from the seed: the same requests at the same
 * moments meet the same faults.
 */
import { decodeApplication, encodeLongFrame, functionOf, functionReqUd2, type LinkFrame } from "../mbus/index.js";
import type { Clock } from "../ports/index.js";
import type { Fault, FaultKind } from "./fault-script.js";
import { seededRandom } from "./random.js";

export interface FaultParts {
  readonly script: readonly Fault[];
  readonly clock: Clock;
  readonly seed: number;
}

interface Rule {
  readonly fault: Fault;
  chances: number;
  struck: number;
}

export class Faults {
  private readonly rules: readonly Rule[];
  private readonly clock: Clock;
  private readonly startMs: number;
  private readonly random: () => number;

  /** The script's seconds count from here. */
  constructor({ script, clock, seed }: FaultParts) {
    this.rules = script.map((fault) => ({ fault, chances: 0, struck: 0 }));
    this.clock = clock;
    this.startMs = clock.monotonic();
    this.random = seededRandom(seed);
  }

  /** The rule that strikes here and now, if one does; each call is one chance. */
  strike(kind: FaultKind, bus: string, meter?: string): Fault | undefined {
    const seconds = (this.clock.monotonic() - this.startMs) / 1000;
    for (const rule of this.rules) {
      const { fault } = rule;
      if (fault.fault !== kind || (fault.bus ?? bus) !== bus || (fault.meter ?? meter) !== meter) continue;
      if (seconds < fault.fromSeconds || seconds >= fault.untilSeconds) continue;
      rule.chances += 1;
      if (rule.chances % fault.every !== 0 || rule.struck >= fault.count) continue;
      rule.struck += 1;
      return fault;
    }
    return undefined;
  }

  /** The frame as a meter takes it whose frame count is stuck. */
  heardBy(frame: LinkFrame, bus: string, meter: string): LinkFrame {
    if (!isRequest(frame) || this.strike("frameCountStuck", bus, meter) === undefined) return frame;
    return { ...frame, control: frame.control | 0x20 };
  }

  /** A meter's answer with what befalls it; undefined: swallowed. `delayMs` comes on top of the meter's own. */
  answerOf(
    answer: Uint8Array,
    frame: LinkFrame,
    bus: string,
    meter: string,
  ): { readonly bytes: Uint8Array; readonly delayMs: number; readonly intruder: Uint8Array | undefined } | undefined {
    if (this.strike("silent", bus, meter) !== undefined) return undefined;
    let bytes = answer;
    const isData = isRequest(frame) && answer.length > 8;
    const error = isData ? this.strike("applicationError", bus, meter) : undefined;
    if (error !== undefined) bytes = encodeLongFrame(answer[4] ?? 8, answer[5] ?? 0, Uint8Array.of(0x70, error.code));
    else if (isData && this.strike("unitChange", bus, meter) !== undefined) bytes = withOtherUnits(answer);
    const isBroken = bytes.length > 1 && this.strike("wrongChecksum", bus, meter) !== undefined;
    if (isBroken) bytes = bytes.with(-2, (bytes.at(-2) ?? 0) ^ 0xff);
    const delayMs = this.strike("slow", bus, meter)?.delayMs ?? 0;
    const collision = this.strike("collision", bus, meter);
    const intruder = collision === undefined ? undefined : bytes.map((byte) => byte ^ Math.floor(this.random() * 256));
    return { bytes, delayMs, intruder };
  }

  /** Bytes on their way over a noisy bus. */
  throughNoise(bytes: Uint8Array, bus: string): Uint8Array {
    const fault = this.strike("noise", bus);
    if (fault === undefined) return bytes;
    return Uint8Array.from([...bytes].flatMap((byte) => (this.random() < fault.rate ? this.damaged(byte) : [byte])));
  }

  private damaged(byte: number): readonly number[] {
    const kind = Math.floor(this.random() * 3);
    if (kind === 0) return [];
    return kind === 1 ? [byte, byte] : [byte ^ (1 << Math.floor(this.random() * 8))];
  }
}

function isRequest(frame: LinkFrame): frame is Extract<LinkFrame, { kind: "short" }> {
  return frame.kind === "short" && functionOf(frame.control) === functionReqUd2;
}

/** Primary VIFs whose unit changes with one bit, the power of ten staying: Wh and J, m3 and kg, W and J/h. */
const unitBits: readonly (readonly [from: number, to: number, bit: number])[] = [
  [0x00, 0x07, 0x08],
  [0x10, 0x17, 0x08],
  [0x28, 0x2f, 0x18],
];

/** The frame with the units of energy, volume and power changed in place. What cannot be decoded stays as it is. */
function withOtherUnits(frame: Uint8Array): Uint8Array {
  const application = frame.slice(6, -2);
  try {
    for (const record of decodeApplication(application).records) {
      const vifAt = record.headerOffset + vifIndex(record.header);
      const vif = application[vifAt] ?? 0xff;
      const change = unitBits.find(([from, to]) => (vif & 0x7f) >= from && (vif & 0x7f) <= to);
      if (change !== undefined) application[vifAt] = vif ^ change[2];
    }
  } catch {
    return frame;
  }
  return encodeLongFrame(frame[4] ?? 8, frame[5] ?? 0, application);
}

/** The VIF stands behind the DIF and its extensions. */
function vifIndex(header: Uint8Array): number {
  let index = 0;
  while (((header[index] ?? 0) & 0x80) !== 0) index += 1;
  return index + 1;
}

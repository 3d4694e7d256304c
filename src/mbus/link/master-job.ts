/** One job of the master: the steps it takes, what it has seen so far, and the frames it sends. */
import { setBaudRate } from "./commands.js";
import { broadcastSilent, ci, frameCountBit, reqUd1, reqUd2, selectedAddress, sndNke, sndUd } from "./control-field.js";
import { encodeLongFrame, encodeShortFrame } from "./frame.js";
import type { LinkFailure, MasterSettings, MeterTarget } from "./readout-outcome.js";
import { hasWildcard, type SecondaryAddress } from "./secondary-address.js";

/**
 * initialise: SND_NKE to all. reset: SND_NKE, an answer is welcome. ping: SND_NKE that must be answered. select: SND_UD
 * with CI 52. send: SND_UD. request: REQ_UD2, for each telegram. alarm: REQ_UD1. confirm: is the meter there at the new
 * baud rate? restore: and at the old one?
 */
export type Step = "initialise" | "reset" | "ping" | "select" | "send" | "request" | "alarm" | "confirm" | "restore";

/** What one readout may have of its own. */
export type TelegramSettings = Partial<
  Pick<
    MasterSettings,
    | "multiTelegram"
    | "telegramLimit"
    | "selectionRetries"
    | "readoutRetries"
    | "requestIdleMs"
    | "collisionIdleMs"
    | "responseTimeout"
    | "responseTimeoutMs"
    | "selectControl"
  >
> & {
  /** Sent before the first request: an application reset, a selection of data … (from the CI field on). */
  readonly before?: Uint8Array;
  /** Primary addresses: ask for data only where SND_NKE was answered. */
  readonly pingFirst?: boolean;
  /** With `learned`: how long a first try waits, as known of this meter; default: as known of the bus. */
  readonly firstTimeoutMs?: number | undefined;
};

/** What a master can be asked to do beside reading. */
export type LinkCommand =
  /** SND_UD; `applicationData` from the CI field on. */
  | { readonly kind: "send"; readonly applicationData: Uint8Array }
  /** REQ_UD1: alarm data, if there are any. */
  | { readonly kind: "requestAlarm" }
  /** Is it there? SND_NKE to a primary address, SELECT to a secondary one, and no more. */
  | { readonly kind: "probe" }
  /** The meter and this master go over to `baudRate`; back again when the meter is not heard there. */
  | { readonly kind: "setBaudRate"; readonly baudRate: number };

export interface Job {
  readonly target: MeterTarget | undefined;
  readonly steps: readonly Step[];
  /** Index into `steps`. */
  at: number;
  readonly settings: MasterSettings & Pick<TelegramSettings, "firstTimeoutMs">;
  readonly payload: Uint8Array | undefined;
  /** Of a change of the baud rate. */
  readonly rates: { readonly from: number; readonly to: number } | undefined;
  readonly isCommand: boolean;
  /** Tries of each step that failed. The C field of SELECT alternates with them. */
  readonly failures: Partial<Record<Step, number>>;
  /** How often it was begun anew at SELECT: what was read before that counts no more, and must not begin without end. */
  restarts: number;
  readonly telegrams: Uint8Array[];
  secondaryAddress: SecondaryAddress | undefined;
  sawWrongMeter: boolean;
  sawOtherNumber: boolean;
  /** A telegram named the fabrication number selected by. */
  isProven: boolean;
  /** More than one E5 came to a SELECT: several meters heed it. */
  sawSecondAck: boolean;
}

type JobParts = Pick<Job, "target" | "steps" | "settings"> & Partial<Pick<Job, "payload" | "rates" | "isCommand">>;

export function createJob({ payload, rates, isCommand = false, ...parts }: JobParts): Job {
  return {
    ...parts,
    payload,
    rates,
    isCommand,
    at: 0,
    failures: {},
    restarts: 0,
    telegrams: [],
    secondaryAddress: undefined,
    sawWrongMeter: false,
    sawOtherNumber: false,
    isProven: false,
    sawSecondAck: false,
  };
}

export function stepOf(job: Job): Step {
  return job.steps[job.at] ?? "request";
}

export function failuresOf(job: Job): number {
  return job.failures[stepOf(job)] ?? 0;
}

export function addressOf(job: Job): number {
  if (job.target === undefined) return broadcastSilent;
  return job.target.kind === "primary" ? job.target.address : selectedAddress;
}

/** Could more than one meter heed this job's selection? */
export function mayCollide(job: Job): boolean {
  return job.target?.kind === "secondary" && hasWildcard(job.target.mask);
}

/** The fabrication number that must be in the answer, wildcards in it or not. */
export function numberOf(job: Job): Uint8Array | undefined {
  return job.target?.kind === "secondary" ? job.target.fabricationNumber : undefined;
}

/** An answer that names no number is as good as none, where all digits of it were asked for. */
export function lacksProof(job: Job): boolean {
  const number = numberOf(job);
  return number !== undefined && !job.isProven && number.every((byte) => byte >> 4 < 0xa && (byte & 0xf) < 0xa);
}

/** Are several meters to be expected behind it? Under a whole identification broken bytes are those of one answer. */
export function hasOpenIdentification(job: Job): boolean {
  return job.target?.kind === "secondary" && hasWildcard(Uint8Array.of(...job.target.mask.subarray(0, 4), 0, 0, 0, 0));
}

/** A meter that says it is busy is left alone for so long at least. */
const leastBusyIdleMs = 1000;

/** Idle before a step is tried again, by what came of the last try. */
export function idleBeforeRetry(found: LinkFailure, { collisionIdleMs, requestIdleMs }: MasterSettings): number {
  if (found === "busy") return Math.max(collisionIdleMs, requestIdleMs, leastBusyIdleMs);
  return found === "collision" ? collisionIdleMs : requestIdleMs;
}

/** The steps of a command to a target. A SND_NKE before each SND_UD: only then both sides agree on the frame count. */
export function commandSteps(target: MeterTarget, command: LinkCommand): readonly Step[] {
  if (command.kind === "probe") return [target.kind === "secondary" ? "select" : "ping"];
  const goal: readonly Step[] =
    command.kind === "send" ? ["send"] : command.kind === "requestAlarm" ? ["alarm"] : ["send", "confirm"];
  if (target.kind === "secondary") return ["select", ...goal];
  return target.address === broadcastSilent ? goal.slice(0, 1) : ["reset", ...goal];
}

export function payloadOf(command: LinkCommand): Uint8Array | undefined {
  if (command.kind === "send") return command.applicationData;
  return command.kind === "setBaudRate" ? setBaudRate(command.baudRate) : undefined;
}

/** The frame of the job's current step; `isCountSet`: the frame count bit. */
export function requestFor(job: Job, isCountSet: boolean): Uint8Array {
  const address = addressOf(job);
  const countBit = isCountSet ? frameCountBit : 0;
  const step = stepOf(job);
  switch (step) {
    case "select":
      return selectFrame(job);
    case "send":
      return encodeLongFrame(sndUd | countBit, address, job.payload ?? Uint8Array.of(ci.applicationReset));
    case "request":
      return encodeShortFrame(reqUd2 | countBit, address);
    case "alarm":
      return encodeShortFrame(reqUd1 | countBit, address);
    case "confirm":
    case "restore":
      // SND_NKE to 253 would deselect the meter.
      return job.target?.kind === "secondary" ? selectFrame(job) : encodeShortFrame(sndNke, address);
    default:
      return encodeShortFrame(sndNke, address);
  }
}

function selectFrame(job: Job): Uint8Array {
  if (job.target?.kind !== "secondary") return encodeShortFrame(sndNke, addressOf(job));
  const { mask, fabricationNumber } = job.target;
  // Manuals of meters show both C fields, and some meters take one alone: the retries alternate.
  const isSecond = failuresOf(job) % 2 === 1;
  const control = isSecond === (job.settings.selectControl === sndUd) ? sndUd | frameCountBit : sndUd;
  const enhanced = fabricationNumber === undefined ? [] : [0x0c, 0x78, ...fabricationNumber];
  return encodeLongFrame(control, selectedAddress, Uint8Array.of(ci.select, ...mask, ...enhanced));
}

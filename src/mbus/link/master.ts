/**
 * The master's side of the dialogue, one job at a time, without I/O: bytes and the moment (monotonic milliseconds) go
 * in, events come out. How it works:
 * - a job is a row of steps: reset (SND_NKE), select (SND_UD, CI 52), request (REQ_UD2, again for each telegram);
 * - each step waits its idle time (`gap`), sends, and awaits the answer until its deadline (`awaiting`);
 * - a whole frame ends the wait at once; silence, noise or a wrong answer costs one try of the step;
 * - the frame count bit is kept for each primary address; behind 253 the first request after SELECT has it set;
 * - our own echo and broken bytes are dropped by the stream decoder.
 * @see EN 13757-2
 */
import { broadcastSilent, ci, frameCountBit, reqUd2, selectedAddress, sndNke, sndUd } from "./control-field.js";
import { encodeLongFrame, encodeShortFrame, type LinkFrame, maxFrameBytes } from "./frame.js";
import {
  failedReadout,
  type LinkFailure,
  type LinkReadout,
  type MasterSettings,
  type MeterTarget,
  type ReadoutNote,
} from "./readout-outcome.js";
import { addressInResponse, answerFits, hasWildcard, type SecondaryAddress } from "./secondary-address.js";
import { LinkStreamDecoder } from "./stream.js";
import { idleGapMs, transmissionMs } from "./timing.js";

export type MasterEvent =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "finished"; readonly result: LinkReadout }
  /** The SND_NKE to all is sent and its idle time over. */
  | { readonly kind: "initialised" };

type Step = "initialise" | "reset" | "select" | "request";
type Phase = "idle" | "gap" | "awaiting";

interface Job {
  readonly target: MeterTarget | undefined;
  step: Step;
  /** Tries of each step that failed. */
  readonly failures: { select: number; request: number };
  readonly telegrams: Uint8Array[];
  secondaryAddress: SecondaryAddress | undefined;
  sawWrongMeter: boolean;
  readonly multiTelegram: MasterSettings["multiTelegram"];
  readonly telegramLimit: number;
}

/** Where one meter differs from its bus. */
export type TelegramSettings = Partial<Pick<MasterSettings, "multiTelegram" | "telegramLimit">>;

const automaticTelegramLimit = 32;
const nothing: readonly MasterEvent[] = [];

export interface LinkMasterParts {
  readonly settings: MasterSettings;
  /** Does this application data end with DIF 1F, more records in the next telegram? Must not throw. */
  readonly moreFollows: (applicationData: Uint8Array) => boolean;
}

export class LinkMaster {
  private readonly settings: MasterSettings;
  private readonly moreFollows: (applicationData: Uint8Array) => boolean;
  private readonly decoder = new LinkStreamDecoder("master");
  /** The frame count bit for the next request to a primary address: true = set. */
  private readonly nextFrameCount = new Map<number, boolean>();
  private job: Job | undefined;
  private phase: Phase = "idle";
  private deadline: number | undefined;
  /** However long bytes trickle in, no wait lasts longer. */
  private latestDeadline = 0;
  private lineFreeAt = Number.NEGATIVE_INFINITY;

  constructor(parts: LinkMasterParts) {
    this.settings = parts.settings;
    this.moreFollows = parts.moreFollows;
  }

  get isBusy(): boolean {
    return this.job !== undefined;
  }

  /** Begins the readout of one meter. @throws Error while another job runs: a bug of the caller. */
  readMeter(target: MeterTarget, now: number, overrides: TelegramSettings = {}): readonly MasterEvent[] {
    const step = target.kind === "secondary" ? "select" : this.firstStepFor(target.address);
    return this.begin(target, step, now, overrides);
  }

  /** Sends SND_NKE to all (address 255) and waits `initIdleMs`; ends with `initialised`. */
  initialise(now: number): readonly MasterEvent[] {
    return this.begin(undefined, "initialise", now, {});
  }

  private begin(
    target: MeterTarget | undefined,
    step: Step,
    now: number,
    overrides: TelegramSettings,
  ): readonly MasterEvent[] {
    if (this.job !== undefined) throw new Error("the master has a job already");
    this.job = {
      target,
      step,
      failures: { select: 0, request: 0 },
      telegrams: [],
      secondaryAddress: undefined,
      sawWrongMeter: false,
      multiTelegram: overrides.multiTelegram ?? this.settings.multiTelegram,
      telegramLimit: overrides.telegramLimit ?? this.settings.telegramLimit,
    };
    return this.schedule(this.job, this.settings.requestIdleMs, now);
  }

  private firstStepFor(address: number): Step {
    if (this.settings.sendNke === "always") return "reset";
    return this.settings.sendNke === "whenUnknown" && !this.nextFrameCount.has(address) ? "reset" : "request";
  }

  /** Feeds what the line brought. Bytes that nobody awaits only keep the line busy. */
  receive(bytes: Uint8Array, now: number): readonly MasterEvent[] {
    this.lineFreeAt = now;
    const job = this.job;
    if (job === undefined || bytes.length === 0) return nothing;
    if (this.phase !== "awaiting") {
      this.extendDeadline(now + idleGapMs(this.settings.baudRate));
      return nothing;
    }
    for (const frame of this.decoder.push(bytes)) {
      const events = this.answered(job, frame, now);
      if (events !== undefined) return events;
    }
    if (this.decoder.pendingBytes > 0) this.extendDeadline(now + this.settings.pauseInFrameMs);
    return nothing;
  }

  nextDeadline(): number | undefined {
    return this.deadline;
  }

  expire(now: number): readonly MasterEvent[] {
    const job = this.job;
    if (job === undefined || this.deadline === undefined || now < this.deadline) return nothing;
    if (this.phase === "gap") return this.send(job, now);
    for (const frame of this.decoder.flush()) {
      const events = this.answered(job, frame, now);
      if (events !== undefined) return events;
    }
    return this.tryFailed(job, undefined, now);
  }

  /** Ends the job at once, e.g. when the channel is lost or the gateway stops. */
  abort(reason: "channelLost" | "stopped"): readonly MasterEvent[] {
    if (this.job === undefined) return nothing;
    return this.fail(this.job, reason);
  }

  private extendDeadline(until: number): void {
    if (this.deadline !== undefined && until > this.deadline) this.deadline = Math.min(until, this.latestDeadline);
  }

  /** Waits until the line was idle long enough, then sends the job's step. */
  private schedule(job: Job, idleMs: number, now: number): readonly MasterEvent[] {
    const idle = Math.max(idleMs, idleGapMs(this.settings.baudRate));
    const sendAt = this.lineFreeAt + idle;
    if (sendAt <= now) return this.send(job, now);
    this.phase = "gap";
    this.deadline = sendAt;
    this.latestDeadline = sendAt + this.settings.responseTimeoutMs;
    return nothing;
  }

  private send(job: Job, now: number): readonly MasterEvent[] {
    const bytes = this.requestFor(job);
    this.decoder.reset();
    this.lineFreeAt = now + transmissionMs(bytes.length, this.settings.baudRate);
    this.phase = "awaiting";
    const wait = job.step === "initialise" ? this.settings.initIdleMs : this.settings.responseTimeoutMs;
    this.deadline = this.lineFreeAt + wait;
    this.latestDeadline =
      this.deadline + 2 * transmissionMs(maxFrameBytes, this.settings.baudRate) + 2 * this.settings.pauseInFrameMs;
    return [{ kind: "send", bytes }];
  }

  private requestFor(job: Job): Uint8Array {
    const target = job.target;
    if (target === undefined) return encodeShortFrame(sndNke, broadcastSilent);
    if (target.kind === "primary") {
      return job.step === "reset"
        ? encodeShortFrame(sndNke, target.address)
        : encodeShortFrame(this.requestControl(target.address), target.address);
    }
    if (job.step !== "select") return encodeShortFrame(this.requestControl(selectedAddress), selectedAddress);
    // Manuals of meters show both C fields, and some meters take one alone: the retries alternate.
    const control = job.failures.select % 2 === 0 ? sndUd : sndUd | frameCountBit;
    return encodeLongFrame(control, selectedAddress, Uint8Array.of(ci.select, ...target.mask));
  }

  private requestControl(address: number): number {
    return reqUd2 | (this.nextFrameCount.get(address) === false ? 0 : frameCountBit);
  }

  /** What a whole frame means in the current step; undefined when it is none of ours and the wait goes on. */
  private answered(job: Job, frame: LinkFrame, now: number): readonly MasterEvent[] | undefined {
    if (job.step === "initialise") return undefined;
    if (job.step !== "request") {
      if (frame.kind !== "ack") return undefined;
      this.nextFrameCount.set(addressOf(job), true);
      job.step = "request";
      return this.schedule(job, 0, now);
    }
    if (frame.kind === "ack") return this.tryFailed(job, "noData", now);
    if (frame.kind !== "long" || (frame.control & 0x4f) !== 0x08) return undefined;
    return this.response(job, frame, now);
  }

  private response(
    job: Job,
    frame: Extract<LinkFrame, { kind: "long" }>,
    now: number,
  ): readonly MasterEvent[] | undefined {
    const target = job.target;
    if (target?.kind === "primary" && target.address <= 250 && frame.address !== target.address) {
      job.sawWrongMeter = true;
      return undefined;
    }
    const error = applicationErrorIn(frame.applicationData);
    if (error !== undefined) {
      if (error.code === 8) return this.tryFailed(job, "busy", now, error.code);
      return this.fail(job, "applicationError", error.code);
    }
    const secondaryAddress = addressInResponse(frame.applicationData);
    if (secondaryAddress !== undefined && !this.isWanted(job, secondaryAddress)) {
      job.sawWrongMeter = true;
      // Behind 253 it may be a late answer of the meter before: the right one may still come.
      return target?.kind === "primary" ? this.fail(job, "wrongMeter") : undefined;
    }
    return this.accept(job, frame, secondaryAddress, now);
  }

  private isWanted(job: Job, answer: SecondaryAddress): boolean {
    if (job.secondaryAddress !== undefined && !answerFits(job.secondaryAddress, answer)) return false;
    const mask = job.target?.kind === "secondary" ? job.target.mask : job.target?.expected;
    return mask === undefined || answerFits(mask, answer);
  }

  private accept(
    job: Job,
    frame: Extract<LinkFrame, { kind: "long" }>,
    secondaryAddress: SecondaryAddress | undefined,
    now: number,
  ): readonly MasterEvent[] {
    const address = addressOf(job);
    this.nextFrameCount.set(address, this.nextFrameCount.get(address) === false);
    job.secondaryAddress ??= secondaryAddress;
    job.failures.request = 0;
    job.sawWrongMeter = false;
    const previous = job.telegrams.at(-1);
    const isRepeated = previous !== undefined && sameBytes(previous, frame.applicationData);
    if (!isRepeated) job.telegrams.push(frame.applicationData);
    const note = this.noteAfter(job, frame.applicationData, isRepeated);
    if (note === "askNext") return this.schedule(job, 0, now);
    return this.finish({
      ok: true,
      telegrams: job.telegrams,
      primaryAddress: frame.address,
      secondaryAddress: job.secondaryAddress,
      alarmWaits: (frame.control & 0x20) !== 0,
      notes: note === undefined ? [] : [note],
    });
  }

  private noteAfter(job: Job, applicationData: Uint8Array, isRepeated: boolean): ReadoutNote | "askNext" | undefined {
    if (isRepeated) return "sameTelegramAgain";
    if (!this.moreFollows(applicationData)) return undefined;
    if (job.multiTelegram === "off") return "moreTelegramsFollow";
    const limit = job.telegramLimit > 0 ? job.telegramLimit : automaticTelegramLimit;
    return job.telegrams.length < limit ? "askNext" : "telegramLimitReached";
  }

  /** One try of the current step brought nothing; `reason` where the answer itself says why. */
  private tryFailed(job: Job, reason: LinkFailure | undefined, now: number, code?: number): readonly MasterEvent[] {
    if (job.step === "initialise") {
      this.clear();
      return [{ kind: "initialised" }];
    }
    if (job.step === "reset") {
      // No answer to SND_NKE is no failure: some meters ignore it. The request decides.
      this.nextFrameCount.set(addressOf(job), true);
      job.step = "request";
      return this.schedule(job, 0, now);
    }
    const found = reason ?? this.reasonOfSilence(job);
    job.failures[job.step] += 1;
    const limit = job.step === "select" ? this.settings.selectionRetries : this.settings.readoutRetries;
    if (job.failures[job.step] > limit) return this.fail(job, found, code);
    if (
      job.step === "request" &&
      job.target?.kind === "secondary" &&
      (found === "wrongMeter" || found === "collision")
    ) {
      // The selection itself is in doubt: select again, which starts with the first telegram.
      job.step = "select";
      job.telegrams.length = 0;
    }
    job.sawWrongMeter = false;
    return this.schedule(job, found === "collision" ? this.settings.collisionIdleMs : this.settings.requestIdleMs, now);
  }

  private reasonOfSilence(job: Job): LinkFailure {
    if (job.sawWrongMeter) return "wrongMeter";
    if (this.decoder.skippedBytes > 0) {
      return job.target?.kind === "secondary" && hasWildcard(job.target.mask) ? "collision" : "noise";
    }
    return job.step === "select" ? "notSelected" : "noAnswer";
  }

  private fail(job: Job, reason: LinkFailure, code?: number): readonly MasterEvent[] {
    // What the meter made of the last request is not known: its frame count bit neither.
    this.nextFrameCount.delete(addressOf(job));
    return this.finish(failedReadout(reason, code));
  }

  private finish(result: LinkReadout): readonly MasterEvent[] {
    this.clear();
    return [{ kind: "finished", result }];
  }

  private clear(): void {
    this.job = undefined;
    this.phase = "idle";
    this.deadline = undefined;
    this.decoder.reset();
  }
}

function addressOf(job: Job): number {
  return job.target?.kind === "primary" ? job.target.address : selectedAddress;
}

function applicationErrorIn(applicationData: Uint8Array): { readonly code: number | undefined } | undefined {
  const controlInformation = applicationData[0];
  if (controlInformation === ci.applicationError) return { code: applicationData[1] };
  if (controlInformation === ci.errorShortHeader) return { code: applicationData[5] };
  if (controlInformation === ci.errorLongHeader) return { code: applicationData[13] };
  return undefined;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

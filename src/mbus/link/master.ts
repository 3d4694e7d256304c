/**
 * The master's side of the dialogue, one job at a time, without I/O: bytes and the moment (monotonic milliseconds) go
 * in, events come out. How it works:
 * - a job is a row of steps (`master-job.ts`); each waits its idle time (`gap`), sends, and awaits the answer
 *   (`awaiting`) until its deadline;
 * - a whole frame ends the wait at once; silence, noise or a wrong answer costs one try of the step;
 * - the frame count bit is kept for each primary address; behind 253 the first request after SELECT has it set;
 * - our own echo and broken bytes are dropped by the stream decoder;
 * - a change of the baud rate is told to the shell, which sets the line; the meter must then be heard, or all goes back.
 * @see EN 13757-2
 */
import { broadcastSilent } from "./control-field.js";
import { type LinkFrame, maxFrameBytes } from "./frame.js";
import { LineTimes } from "./line-times.js";
import type { JobEffort, LinkMasterParts, MasterEvent } from "./master-event.js";
import {
  addressOf,
  commandSteps,
  createJob,
  failuresOf,
  hasOpenIdentification,
  idleBeforeRetry,
  type Job,
  type LinkCommand,
  lacksProof,
  mayCollide,
  numberOf,
  payloadOf,
  requestFor,
  type Step,
  stepOf,
  type TelegramSettings,
} from "./master-job.js";
import {
  failedReadout,
  type LinkFailure,
  type LinkReadout,
  type MasterSettings,
  type MeterTarget,
  type ReadoutNote,
} from "./readout-outcome.js";
import { applicationErrorIn, isResponse, noteOnMore, type ResponseFrame, sameBytes } from "./response.js";
import { addressInResponse, answerFits, type SecondaryAddress } from "./secondary-address.js";
import { LinkStreamDecoder } from "./stream.js";
import { transmissionMs } from "./timing.js";

type Phase = "idle" | "gap" | "awaiting";

const nothing: readonly MasterEvent[] = [];

export class LinkMaster {
  private readonly settings: MasterSettings;
  private readonly moreFollows: LinkMasterParts["moreFollows"];
  private readonly provesFabricationNumber: LinkMasterParts["provesFabricationNumber"];
  private readonly decoder = new LinkStreamDecoder("master");
  private readonly times: LineTimes;
  /** The frame count bit for the next request to a primary address: true = set. */
  private readonly nextFrameCount = new Map<number, boolean>();
  private job: Job | undefined;
  private phase: Phase = "idle";
  private deadline: number | undefined;
  /** However long bytes trickle in, no wait lasts longer. */
  private latestDeadline = 0;
  private retries = 0;

  constructor(parts: LinkMasterParts) {
    this.settings = parts.settings;
    this.times = new LineTimes(parts.settings);
    this.moreFollows = parts.moreFollows;
    this.provesFabricationNumber = parts.provesFabricationNumber;
  }

  get isBusy(): boolean {
    return this.job !== undefined;
  }

  /** Bits a second that all times are reckoned with. */
  get baudRate(): number {
    return this.times.baudRate;
  }

  /** Of the last job, once it has ended: requests sent again, and the longest wait for an answer to begin, in ms. */
  get effort(): JobEffort {
    return { retries: this.retries, responseMs: this.times.slowestAnswerMs };
  }

  /** The line was set to another rate. @throws Error while a job runs: a bug of the caller. */
  switchBaudRate(baudRate: number): void {
    this.refuseWhileBusy();
    this.times.takeRate(baudRate);
  }

  /** Begins the readout of one meter. @throws Error while another job runs: a bug of the caller. */
  readMeter(target: MeterTarget, now: number, overrides: TelegramSettings = {}): readonly MasterEvent[] {
    const { before, pingFirst = false, ...own } = overrides;
    const first: readonly Step[] =
      target.kind === "secondary" ? ["select"] : this.firstStepsFor(target.address, pingFirst, before !== undefined);
    const steps: readonly Step[] = before === undefined ? [...first, "request"] : [...first, "send", "request"];
    return this.begin(createJob({ target, steps, settings: { ...this.settings, ...own }, payload: before }), now);
  }

  /**
   * Begins a command to one meter; ends with `commandFinished`.
   * @throws Error while another job runs, RangeError when the payload is longer than a frame or the rate unknown
   */
  command(
    target: MeterTarget,
    command: LinkCommand,
    now: number,
    overrides: TelegramSettings = {},
  ): readonly MasterEvent[] {
    const rates = command.kind === "setBaudRate" ? { from: this.times.baudRate, to: command.baudRate } : undefined;
    const settings = { ...this.settings, ...overrides };
    const parts = { target, steps: commandSteps(target, command), settings, isCommand: true };
    const payload = payloadOf(command);
    if (payload !== undefined && (payload.length < 1 || payload.length > 253)) {
      throw new RangeError(`a command carries 1 to 253 bytes, not ${payload.length}`);
    }
    return this.begin(createJob({ ...parts, payload, rates }), now);
  }

  /** Sends SND_NKE to all (address 255) and waits `initIdleMs`; ends with `initialised`. */
  initialise(now: number): readonly MasterEvent[] {
    return this.begin(createJob({ target: undefined, steps: ["initialise"], settings: this.settings }), now);
  }

  private refuseWhileBusy(): void {
    if (this.job !== undefined) throw new Error("the master has a job already");
  }

  private begin(job: Job, now: number): readonly MasterEvent[] {
    this.refuseWhileBusy();
    this.job = job;
    this.retries = 0;
    this.times.slowestAnswerMs = undefined;
    return this.schedule(job, job.settings.requestIdleMs, now);
  }

  private firstStepsFor(address: number, pingFirst: boolean, sends: boolean): readonly Step[] {
    if (pingFirst) return ["ping"];
    if (sends || this.settings.sendNke === "always") return ["reset"];
    return this.settings.sendNke === "whenUnknown" && !this.nextFrameCount.has(address) ? ["reset"] : [];
  }

  /** Feeds what the line brought. Bytes that nobody awaits only keep the line busy. */
  receive(bytes: Uint8Array, now: number): readonly MasterEvent[] {
    this.times.freeAt = now;
    const job = this.job;
    if (job === undefined || bytes.length === 0) return nothing;
    if (this.phase !== "awaiting") {
      if (job.at > 0 && job.steps[job.at - 1] === "select") job.sawSecondAck = true;
      this.extendDeadline(now + this.times.idleMs(0));
      return nothing;
    }
    const frames = this.decoder.push(bytes);
    this.measureDelay(bytes.length, frames, now);
    for (const [index, frame] of frames.entries()) {
      const isSelect = stepOf(job) === "select";
      const isLast = index + 1 === frames.length && this.decoder.pendingBytes === 0;
      if (frame.kind === "ack" && this.isStray(job, isLast)) continue;
      const events = this.answered(job, frame, now);
      if (events === undefined) continue;
      if (isSelect && index + 1 < frames.length) job.sawSecondAck = true;
      return events;
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

  /** The first bytes after a request tell how long the slave and what lies between take. An echo tells nothing. */
  private measureDelay(byteCount: number, frames: readonly LinkFrame[], now: number): void {
    if (this.decoder.echoedFrames > 0 || (frames.length === 0 && this.decoder.pendingBytes === 0)) return;
    this.times.answerBegan(byteCount, now);
  }

  /** Waits until the line was idle long enough, then sends the job's step. */
  private schedule(job: Job, idleMs: number, now: number): readonly MasterEvent[] {
    const sendAt = this.times.freeAt + this.times.idleMs(idleMs);
    if (sendAt <= now) return this.send(job, now);
    this.phase = "gap";
    this.deadline = sendAt;
    this.latestDeadline =
      sendAt + Math.max(job.settings.responseTimeoutMs, 2 * transmissionMs(maxFrameBytes, this.times.baudRate));
    return nothing;
  }

  private send(job: Job, now: number): readonly MasterEvent[] {
    if (job.sawSecondAck && mayCollide(job) && stepOf(job) !== "select") {
      // Several meters acknowledged: what they send would be laid over one another.
      job.at = job.steps.indexOf("select");
      job.sawSecondAck = false;
      return this.tryFailed(job, "collision", now);
    }
    const bytes = requestFor(job, this.nextFrameCount.get(addressOf(job)) !== false);
    this.decoder.reset();
    this.times.sent(bytes.length, now);
    this.phase = "awaiting";
    this.deadline = this.times.requestLeft + this.waitFor(job);
    this.latestDeadline =
      this.deadline + 2 * transmissionMs(maxFrameBytes, this.times.baudRate) + 2 * this.settings.pauseInFrameMs;
    return [{ kind: "send", bytes }];
  }

  /** How long silence is borne after the current step's request. */
  private waitFor(job: Job): number {
    if (stepOf(job) === "initialise") return this.settings.initIdleMs;
    if (addressOf(job) === broadcastSilent) return 0;
    const { responseTimeout, responseTimeoutMs, firstTimeoutMs } = job.settings;
    if (responseTimeout === "fixed" || failuresOf(job) > 0) return responseTimeoutMs;
    return firstTimeoutMs === undefined
      ? this.times.learnedTimeoutMs(responseTimeoutMs)
      : Math.min(firstTimeoutMs, responseTimeoutMs);
  }

  /** An E5 among other bytes is no answer of "no data": a stray one before the telegram, or part of what was broken. */
  private isStray(job: Job, isLast: boolean): boolean {
    if (stepOf(job) !== "request" || mayCollide(job)) return false;
    return !isLast || this.decoder.skippedBytes > 0;
  }

  /** What a whole frame means in the current step; undefined when it is none of ours and the wait goes on. */
  private answered(job: Job, frame: LinkFrame, now: number): readonly MasterEvent[] | undefined {
    const step = stepOf(job);
    if (step === "initialise") return undefined;
    if (step === "request" || step === "alarm") {
      if (frame.kind === "ack") return this.acknowledgedRequest(job, step, now);
      return isResponse(frame) ? this.response(job, frame, now) : undefined;
    }
    if (frame.kind === "ack") return this.acknowledged(job, step, now);
    if (step !== "send" || !isResponse(frame)) return undefined;
    // Some meters refuse a command with an application error instead of keeping silent.
    const error = applicationErrorIn(frame.applicationData);
    return error === undefined ? undefined : this.fail(job, "applicationError", error.code);
  }

  /** E5 to a request: no data. Or the late E5 of a second meter to the SELECT before. */
  private acknowledgedRequest(job: Job, step: Step, now: number): readonly MasterEvent[] | undefined {
    if (mayCollide(job)) return this.tryFailed(job, "collision", now);
    if (this.settings.line === "direct" && now < this.times.requestLeft) return undefined;
    return step === "alarm" ? this.done(undefined) : this.tryFailed(job, "noData", now);
  }

  private acknowledged(job: Job, step: Step, now: number): readonly MasterEvent[] {
    const address = addressOf(job);
    // After a SND_UD the bit toggles; all else that is acknowledged sets it anew.
    this.nextFrameCount.set(address, step === "send" ? this.nextFrameCount.get(address) === false : true);
    if (step === "restore") return this.fail(job, "baudRateRefused");
    const rates = step === "send" ? job.rates : undefined;
    if (rates === undefined) return this.nextStep(job, now);
    return [...this.changeRate(rates.to, now), ...this.nextStep(job, now)];
  }

  private nextStep(job: Job, now: number): readonly MasterEvent[] {
    job.at += 1;
    return job.at < job.steps.length ? this.schedule(job, 0, now) : this.done(undefined);
  }

  private changeRate(baudRate: number, now: number): readonly MasterEvent[] {
    this.times.changeRate(baudRate, now);
    return [{ kind: "setBaudRate", baudRate }];
  }

  private response(job: Job, frame: ResponseFrame, now: number): readonly MasterEvent[] | undefined {
    const target = job.target;
    if (target?.kind === "primary" && target.address <= 250 && frame.address !== target.address) {
      job.sawWrongMeter = true;
      return undefined;
    }
    const error = applicationErrorIn(frame.applicationData);
    if (error !== undefined) {
      if (error.code === 8) {
        // That was its answer to this request: only with the other bit does it answer anew.
        this.toggleFrameCount(job);
        return this.tryFailed(job, "busy", now, error.code);
      }
      return this.fail(job, "applicationError", error.code);
    }
    const secondaryAddress = addressInResponse(frame.applicationData);
    if (secondaryAddress !== undefined && !this.isWanted(job, secondaryAddress)) {
      job.sawWrongMeter = true;
      // Behind 253 it may be a late answer of the meter before: the right one may still come.
      return target?.kind === "primary" ? this.fail(job, "wrongMeter") : undefined;
    }
    if (stepOf(job) === "request" && this.isOfOtherNumber(job, frame.applicationData)) return undefined;
    this.toggleFrameCount(job);
    if (stepOf(job) === "alarm") return this.done(frame.applicationData);
    return this.accept(job, frame, secondaryAddress, now);
  }

  /** Behind 253 it may be a late answer of the twin asked before, or of one that ignores the enhanced selection. */
  private isOfOtherNumber(job: Job, applicationData: Uint8Array): boolean {
    const number = numberOf(job);
    if (number === undefined) return false;
    const proof = this.provesFabricationNumber(applicationData, number);
    job.isProven ||= proof === "same";
    // What belongs to a proven meter may name numbers of other things behind it.
    job.sawOtherNumber = proof === "other" && !job.isProven;
    return job.sawOtherNumber;
  }

  private toggleFrameCount(job: Job): void {
    const address = addressOf(job);
    this.nextFrameCount.set(address, this.nextFrameCount.get(address) === false);
  }

  private isWanted(job: Job, answer: SecondaryAddress): boolean {
    if (job.secondaryAddress !== undefined && !answerFits(job.secondaryAddress, answer)) return false;
    const mask = job.target?.kind === "secondary" ? job.target.mask : job.target?.expected;
    return mask === undefined || answerFits(mask, answer);
  }

  private accept(
    job: Job,
    frame: ResponseFrame,
    secondaryAddress: SecondaryAddress | undefined,
    now: number,
  ): readonly MasterEvent[] {
    job.secondaryAddress ??= secondaryAddress;
    job.failures.request = 0;
    job.sawWrongMeter = false;
    const previous = job.telegrams.at(-1);
    const isRepeated = previous !== undefined && sameBytes(previous, frame.applicationData);
    if (!isRepeated) job.telegrams.push(frame.applicationData);
    const note = isRepeated ? "sameTelegramAgain" : this.noteAfter(job, frame.applicationData);
    if (note === "askNext") return this.schedule(job, 0, now);
    if (lacksProof(job)) return this.fail(job, "noFabricationNumber");
    this.clear();
    const result: LinkReadout = {
      ok: true,
      telegrams: job.telegrams,
      primaryAddress: frame.address,
      secondaryAddress: job.secondaryAddress,
      alarmWaits: (frame.control & 0x20) !== 0,
      notes: note === undefined ? [] : [note],
    };
    return [{ kind: "finished", result }];
  }

  private noteAfter(job: Job, applicationData: Uint8Array): ReadoutNote | "askNext" | undefined {
    return this.moreFollows(applicationData) ? noteOnMore(job.settings, job.telegrams.length) : undefined;
  }

  /** One try of the current step brought nothing; `reason` where the answer itself says why. */
  private tryFailed(job: Job, reason: LinkFailure | undefined, now: number, code?: number): readonly MasterEvent[] {
    const step = stepOf(job);
    if (step === "initialise") {
      this.clear();
      return [{ kind: "initialised" }];
    }
    if (addressOf(job) === broadcastSilent) return this.unanswered(job, now);
    if (step === "reset") {
      // No answer to SND_NKE is no failure: some meters ignore it. The request decides.
      this.nextFrameCount.set(addressOf(job), true);
      return this.nextStep(job, now);
    }
    const found = reason ?? this.reasonOfSilence(job, step);
    if (found === "collision" || found === "noise") this.times.expectStragglers(now);
    job.failures[step] = failuresOf(job) + 1;
    const limit = step === "select" || step === "ping" ? job.settings.selectionRetries : job.settings.readoutRetries;
    if (failuresOf(job) > limit) return this.givenUp(job, step, found, now, code);
    const selectAt = job.steps.indexOf("select");
    if (
      (step === "request" || step === "alarm") &&
      selectAt >= 0 &&
      (found === "wrongMeter" || found === "otherFabricationNumber" || found === "collision")
    ) {
      // The selection itself is in doubt: select again, which starts with the first telegram.
      job.restarts += 1;
      if (job.restarts > limit) return this.givenUp(job, step, found, now, code);
      job.at = selectAt;
      job.telegrams.length = 0;
      job.isProven = false;
    }
    job.sawWrongMeter = false;
    this.retries += 1;
    job.sawOtherNumber = false;
    return this.schedule(job, idleBeforeRetry(found, job.settings), now);
  }

  /** To all without answer: whoever heard it obeys. */
  private unanswered(job: Job, now: number): readonly MasterEvent[] {
    const change = job.rates === undefined ? nothing : this.changeRate(job.rates.to, now);
    return [...change, ...this.nextStep(job, now)];
  }

  /** No try is left. A meter that is not heard at its new rate may still be there at the old one. */
  private givenUp(job: Job, step: Step, found: LinkFailure, now: number, code?: number): readonly MasterEvent[] {
    if (step !== "confirm" || job.rates === undefined) return this.fail(job, found, code);
    const back = this.changeRate(job.rates.from, now);
    this.job = { ...job, steps: ["restore"], at: 0 };
    return [...back, ...this.schedule(this.job, 0, now)];
  }

  private reasonOfSilence(job: Job, step: Step): LinkFailure {
    if (job.sawOtherNumber) return "otherFabricationNumber";
    if (job.sawWrongMeter) return "wrongMeter";
    if (this.decoder.skippedBytes > 0) return hasOpenIdentification(job) ? "collision" : "noise";
    return step === "select" ? "notSelected" : "noAnswer";
  }

  private fail(job: Job, reason: LinkFailure, code?: number): readonly MasterEvent[] {
    // What the meter made of the last request is not known: its frame count bit neither.
    this.nextFrameCount.delete(addressOf(job));
    const result = failedReadout(reason, code);
    const isAtNewRate = job.rates !== undefined && this.times.baudRate !== job.rates.from;
    const back: readonly MasterEvent[] =
      isAtNewRate && job.rates !== undefined ? this.changeRate(job.rates.from, this.times.freeAt) : [];
    this.clear();
    return [...back, job.isCommand ? { kind: "commandFinished", result } : { kind: "finished", result }];
  }

  private done(answer: Uint8Array | undefined): readonly MasterEvent[] {
    this.clear();
    return [{ kind: "commandFinished", result: { ok: true, answer } }];
  }

  private clear(): void {
    this.job = undefined;
    this.phase = "idle";
    this.deadline = undefined;
    this.decoder.reset();
  }
}

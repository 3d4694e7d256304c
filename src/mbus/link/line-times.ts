/** What a master knows of its line in time: when it is free, how long to leave it alone, how long to wait for an answer. */
import type { MasterSettings } from "./readout-outcome.js";
import { ResponseTimes } from "./response-times.js";
import { answerWindowMs, idleGapMs, transmissionMs } from "./timing.js";

/** The line is left alone for so long after its rate was changed. */
const rateChangeMs = 50;
/** After noise: silence shorter than this may be but the pause between two pieces of it. */
const quietMs = { direct: 50, network: 150 } as const;

export class LineTimes {
  private readonly line: MasterSettings["line"];
  private readonly responseTimes = new ResponseTimes();
  private rate: number;
  /** When the last bytes, of either side, had passed. */
  freeAt = Number.NEGATIVE_INFINITY;
  /** When the last request had left the line. */
  requestLeft = 0;
  private isAnswerAwaited = false;
  private silenceMs = 0;
  /** The longest that this job waited for an answer to begin, in ms; undefined before the first. */
  slowestAnswerMs: number | undefined;

  constructor(settings: MasterSettings) {
    this.line = settings.line;
    this.rate = settings.baudRate;
  }

  get baudRate(): number {
    return this.rate;
  }

  takeRate(baudRate: number): void {
    this.rate = baudRate;
  }

  changeRate(baudRate: number, now: number): void {
    this.rate = baudRate;
    this.freeAt = now + rateChangeMs;
  }

  sent(byteCount: number, now: number): void {
    this.silenceMs = 0;
    this.freeAt = now + transmissionMs(byteCount, this.rate);
    this.requestLeft = this.freeAt;
    this.isAnswerAwaited = true;
  }

  /** The answer to the last request has begun: its first bytes, so many, are there. */
  answerBegan(byteCount: number, now: number): void {
    if (!this.isAnswerAwaited) return;
    this.isAnswerAwaited = false;
    const delayMs = now - transmissionMs(byteCount, this.rate) - this.requestLeft;
    this.slowestAnswerMs = Math.max(0, delayMs, this.slowestAnswerMs ?? 0);
    this.responseTimes.heard(delayMs);
  }

  /** How long the line must have been idle before the next request: what is wanted, and 33 bit times at least. */
  idleMs(wantedMs: number): number {
    return Math.max(wantedMs, this.silenceMs, idleGapMs(this.rate));
  }

  /** Several slaves sent: the last may begin at the end of the window; only then silence means that all are through. */
  expectStragglers(now: number): void {
    const { latest } = answerWindowMs(this.rate);
    const windowEndsAt = this.requestLeft + latest + transmissionMs(1, this.rate);
    this.freeAt = Math.max(this.freeAt, Math.min(windowEndsAt, now + latest));
    this.silenceMs = quietMs[this.line];
  }

  /** How long answers on this line take at most, as far as it is known. */
  learnedTimeoutMs(mostMs: number): number {
    return this.responseTimes.timeoutMs(this.rate, this.line, mostMs);
  }
}

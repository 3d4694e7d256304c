/**
 * Learns how long the slaves of one bus take to answer, so that silence need not be paid in full each time. How it works:
 * - a compliant slave begins within 330 bit times + 50 ms: less than that is never waited;
 * - a network between adds its delay to each answer: the shortest delay heard is taken for it, on top of the window;
 * - slaves slower than allowed stretch the wait: half as long again as the slowest of the last answers;
 * - never longer than the setting; behind a network nothing is known before the first answer, so the setting counts.
 */
import { answerWindowMs, transmissionMs } from "./timing.js";

/** Answers of a bus that are remembered. */
const rememberedOfBus = 64;
/** What serial drivers and timers add. */
const slackMs = 20;

export class ResponseTimes {
  private readonly delays: number[] = [];
  private readonly remembered: number;

  constructor(remembered = rememberedOfBus) {
    this.remembered = remembered;
  }

  /** An answer began so many ms after the request had left the line. */
  heard(delayMs: number): void {
    this.delays.push(Math.max(0, delayMs));
    if (this.delays.length > this.remembered) this.delays.shift();
  }

  /** How long to wait for the first byte, in ms after the request has left the line; at most `mostMs`. */
  timeoutMs(baudRate: number, line: "direct" | "network", mostMs: number): number {
    if (line === "network" && this.delays.length === 0) return mostMs;
    const addedMs = line === "network" ? Math.min(...this.delays) : 0;
    const window = answerWindowMs(baudRate).latest + transmissionMs(1, baudRate) + addedMs;
    const slowest = 1.5 * Math.max(0, ...this.delays);
    return Math.min(mostMs, Math.max(window, slowest) + slackMs);
  }
}

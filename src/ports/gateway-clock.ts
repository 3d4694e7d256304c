/**
 * The gateway's own time: the system's and an offset to it, for the process seldom may set the system's clock. Whether
 * it is right is known only after somebody who knows the time said so: a time server, a head-end, or the operating
 * system that looks after it.
 */
import type { Clock } from "./clock.js";

/** A change of the time, or that it is known to be right; told once each. */
export interface ClockChange {
  /** Added to the time; 0: it was right already. */
  readonly shiftMs: number;
  /** The first word since the start that the time is good: readings taken before move by `shiftMs`. */
  readonly isFirstGood: boolean;
  /** `time server 10.0.0.1`, `DLMS management`; for people. */
  readonly source: string;
}

export interface GatewayClock extends Clock {
  /** What is added to the system's time, in milliseconds. */
  readonly offsetMs: number;
  readonly isKnownGood: boolean;
  /** When the time was last said to be good; milliseconds since 1970 UTC. */
  readonly confirmedAtMs: number | undefined;
  /** Moves the time by `shiftMs` and takes it for good from now on. */
  set(shiftMs: number, source: string): void;
  /** @returns ends the listening */
  onChange(listener: (change: ClockChange) => void): () => void;
}

/**
 * The attempts of one push, over a clock that it is told: a machine without I/O.
 *
 *   waiting --expire: send--> sending --settled--> ended (enough for the method)
 *      ^                         |---> waiting for the next attempt, or for a late confirmation after the last
 *      '-------------------------'
 *
 * An attempt is made inside a communication window alone; each window, and each begin, is randomised.
 */
import type { LocalTimeAt } from "../daylight-saving.js";
import {
  type CommunicationWindow,
  type PushOperationMethod,
  pushOperationMethod,
  type RepetitionDelay,
} from "./definition.js";
import { windowState } from "./windows.js";

/** What became of one attempt: `acknowledged` by the supporting layer, `confirmed` by the client's application. */
export type PushOutcome = "failed" | "sent" | "acknowledged" | "confirmed";

export type PushEvent =
  /** Send now; tell settled() what became of it. `attempt` from 1. */
  { readonly kind: "send"; readonly attempt: number } | { readonly kind: "ended"; readonly result: PushResult };

/** `noWindow`: none of the windows opens again. */
export type PushResult = "delivered" | "givenUp" | "noWindow";

export interface PushPlan {
  readonly communicationWindow: readonly CommunicationWindow[];
  /** Seconds. */
  readonly randomisationStartInterval: number;
  readonly numberOfRetries: number;
  readonly repetitionDelay: RepetitionDelay;
  readonly pushOperationMethod: PushOperationMethod;
}

export interface PushDelivery {
  /** Milliseconds since 1970 UTC: when to call expire(); undefined while an attempt is under way, and at the end. */
  nextDeadline(): number | undefined;
  expire(now: number): readonly PushEvent[];
  /** A confirmation may also come later than that of the attempt itself. */
  settled(outcome: PushOutcome, now: number): readonly PushEvent[];
}

export interface PushDeliveryParts {
  readonly plan: PushPlan;
  readonly localTimeAt: LocalTimeAt;
  /** From 0 up to, not including, 1. */
  random(): number;
}

/** Delay before attempt `attempt` + 1, in milliseconds: min × (exponent / 100) ^ (attempt - 1), at most max. */
export function repetitionDelayMs(delay: RepetitionDelay, attempt: number): number {
  const { repetitionDelayMin: min, repetitionDelayExponent: exponent, repetitionDelayMax: max } = delay;
  const seconds = min * (exponent / 100) ** (attempt - 1);
  return Math.round(Math.min(seconds, max === 0 ? longestDelay : max) * 1000);
}

/** Where nothing limits the exponent: a day, in seconds. */
const longestDelay = 86_400;

const isEnough: Readonly<Record<PushOperationMethod, ReadonlySet<PushOutcome>>> = {
  [pushOperationMethod.unconfirmedRetryOnFailure]: new Set<PushOutcome>(["sent", "acknowledged", "confirmed"]),
  [pushOperationMethod.unconfirmedRetryOnMissingConfirmation]: new Set<PushOutcome>(["acknowledged", "confirmed"]),
  [pushOperationMethod.confirmed]: new Set<PushOutcome>(["confirmed"]),
};

/** Begins at `now`; ask nextDeadline() at once. */
export function beginPush(parts: PushDeliveryParts, now: number): PushDelivery {
  const { plan, localTimeAt } = parts;
  let attempt = 0;
  let phase: "waiting" | "sending" | "awaitingLate" | "ended" = "waiting";
  let deadline = firstAttempt(parts, now);

  function end(result: PushResult): readonly PushEvent[] {
    phase = "ended";
    deadline = undefined;
    return [{ kind: "ended", result }];
  }

  return {
    nextDeadline: () => deadline ?? (phase === "waiting" ? now : undefined),
    expire(at) {
      if (phase === "waiting" && deadline === undefined) return end("noWindow");
      if (deadline === undefined || at < deadline) return [];
      if (phase === "awaitingLate") return end("givenUp");
      const { isOpen } = windowState(plan.communicationWindow, at, localTimeAt);
      if (!isOpen) {
        // Woken too late: the window has gone by.
        deadline = firstAttempt(parts, at);
        return deadline === undefined ? end("noWindow") : [];
      }
      attempt += 1;
      phase = "sending";
      deadline = undefined;
      return [{ kind: "send", attempt }];
    },
    settled(outcome, at) {
      if (phase === "ended") return [];
      if (isEnough[plan.pushOperationMethod].has(outcome)) return end("delivered");
      if (phase !== "sending") return [];
      const isLast = attempt > plan.numberOfRetries;
      if (isLast && outcome === "failed") return end("givenUp");
      const due = at + repetitionDelayMs(plan.repetitionDelay, attempt);
      if (isLast) {
        phase = "awaitingLate";
        deadline = due;
        return [];
      }
      phase = "waiting";
      const { isOpen } = windowState(plan.communicationWindow, due, localTimeAt);
      deadline = isOpen ? due : firstAttempt(parts, due);
      return deadline === undefined ? end("noWindow") : [];
    },
  };
}

/** Inside the window that is open or opens next; randomised, yet not beyond its end. */
function firstAttempt({ plan, localTimeAt, random }: PushDeliveryParts, from: number): number | undefined {
  const state = windowState(plan.communicationWindow, from, localTimeAt);
  const start = state.isOpen ? from : state.until;
  if (start === undefined) return undefined;
  const end = state.isOpen ? state.until : windowState(plan.communicationWindow, start, localTimeAt).until;
  const interval = plan.randomisationStartInterval * 1000;
  const room = end === undefined ? interval : Math.min(interval, Math.max(0, end - start - 1));
  return start + Math.floor(random() * room);
}

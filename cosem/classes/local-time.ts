/** From local times to instants. Pure. */
import type { LocalTimeAt } from "./daylight-saving.js";

const dayMs = 86_400_000;
const minuteMs = 60_000;

/**
 * The instants at which clocks show a local time: one, none where the clock is put forward over it, two where it is
 * put back, in order.
 * @param local  the local date and time as if it were UTC, in milliseconds
 */
export function instantsOfLocal(local: number, localTimeAt: LocalTimeAt): readonly number[] {
  const candidates = [local - dayMs, local + dayMs]
    .map((near) => local + localTimeAt(near).deviation * minuteMs)
    .filter((instant) => localOf(instant, localTimeAt) === local);
  return [...new Set(candidates)].sort((one, other) => one - other);
}

/** One instant for a local time: the earlier of two, and for a time left out the one as long after the change. */
export function instantOfLocal(local: number, localTimeAt: LocalTimeAt): number {
  const [first] = instantsOfLocal(local, localTimeAt);
  return first ?? local + localTimeAt(local - dayMs).deviation * minuteMs;
}

/** The local date and time of an instant, as if it were UTC. */
export function localOf(instant: number, localTimeAt: LocalTimeAt): number {
  return instant - localTimeAt(instant).deviation * minuteMs;
}

/**
 * Communication windows of Push setup. Pure: functions of windows, an instant and the zone. Start and end may leave out
 * fields, as execution times do: `*-*-* 02:00` to `*-*-* 04:00` is every night.
 */
import { type CosemDateTime, cosemDateTimeToBytes } from "../../model/cosem-date-time.js";
import type { LocalTimeAt } from "../daylight-saving.js";
import { isExecutionTime, nextExecution } from "../single-action-schedule/next-execution.js";
import type { CommunicationWindow } from "./definition.js";

/** `until`: when that changes, in milliseconds since 1970 UTC; undefined: never. */
export interface WindowState {
  readonly isOpen: boolean;
  readonly until: number | undefined;
}

/** Without any window it is always open; with more than one, open where one of them is. */
export function windowState(
  windows: readonly CommunicationWindow[],
  instant: number,
  localTimeAt: LocalTimeAt,
): WindowState {
  if (windows.length === 0) return { isOpen: true, until: undefined };
  const states = windows.map((window) => stateOf(window, instant, localTimeAt));
  const open = states.filter(({ isOpen }) => isOpen);
  if (open.length > 0) return { isOpen: true, until: latest(open) };
  return { isOpen: false, until: earliest(states) };
}

/** False: a window with a field that no time has. */
export function isCommunicationWindow({ startTime, endTime }: CommunicationWindow): boolean {
  return [startTime, endTime].every((time) => isUnspecified(time) || isExecutionTime(executionTimeOf(time)));
}

/** Open where the end comes before the next start: a start that lies behind it has then been. */
function stateOf({ startTime, endTime }: CommunicationWindow, instant: number, localTimeAt: LocalTimeAt): WindowState {
  const start = isUnspecified(startTime) ? undefined : next(startTime, instant, localTimeAt);
  if (isUnspecified(endTime)) {
    const isYetToCome = start !== undefined && startTime.toInstant() !== undefined;
    return isYetToCome ? { isOpen: false, until: start } : { isOpen: true, until: undefined };
  }
  const end = next(endTime, instant, localTimeAt);
  if (end === undefined) return { isOpen: false, until: undefined };
  return start === undefined || end < start ? { isOpen: true, until: end } : { isOpen: false, until: start };
}

/** The first time after `instant` that fits; one that is given with its deviation is an instant of its own. */
function next(time: CosemDateTime, instant: number, localTimeAt: LocalTimeAt): number | undefined {
  const fixed = time.deviation === undefined ? undefined : time.toInstant();
  if (fixed !== undefined) return fixed > instant ? fixed : undefined;
  return nextExecution([executionTimeOf(time)], instant, localTimeAt);
}

function executionTimeOf(time: CosemDateTime) {
  const bytes = cosemDateTimeToBytes(time);
  return { time: bytes.subarray(5, 9), date: bytes.subarray(0, 5) };
}

function isUnspecified(time: CosemDateTime): boolean {
  return cosemDateTimeToBytes(time)
    .subarray(0, 8)
    .every((byte) => byte === 0xff);
}

/** Undefined, never, is the latest of all. */
function latest(states: readonly WindowState[]): number | undefined {
  const times = states.map(({ until }) => until ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...times);
  return Number.isFinite(last) ? last : undefined;
}

function earliest(states: readonly WindowState[]): number | undefined {
  const first = Math.min(...states.map(({ until }) => until ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(first) ? first : undefined;
}

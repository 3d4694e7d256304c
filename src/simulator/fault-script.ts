/** The form of a fault script, read from YAML or JSON by the caller. */

/**
 * silent: an answer is swallowed. slow: it comes `delayMs` later, outside the window too. collision: another meter
 * answers into it. wrongChecksum. frameCountStuck: REQ_UD2 counts as a repetition whatever its frame count bit.
 * applicationError: `code` instead of data. unitChange: energy comes in J instead of Wh, volume in kg, power in J/h.
 * Of a whole bus: echo; noise: of all bytes the share `rate` is lost, doubled or flipped; deadBus: nobody is heard.
 */
export const faultKinds = [
  "silent",
  "slow",
  "collision",
  "wrongChecksum",
  "frameCountStuck",
  "applicationError",
  "unitChange",
  "echo",
  "noise",
  "deadBus",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly fault: FaultKind;
  /** Name of the bus; undefined: every one. */
  readonly bus: string | undefined;
  /** Name of the meter; undefined: every one. */
  readonly meter: string | undefined;
  /** Since the start of the simulation. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** Each so-many-th time that it could strike. */
  readonly every: number;
  /** At most so often. */
  readonly count: number;
  readonly delayMs: number;
  readonly code: number;
  readonly rate: number;
}

const defaults = {
  bus: undefined,
  meter: undefined,
  fromSeconds: 0,
  untilSeconds: Number.POSITIVE_INFINITY,
  every: 1,
  count: Number.POSITIVE_INFINITY,
  delayMs: 1000,
  code: 0,
  rate: 0.01,
} as const;

const limits = {
  fromSeconds: [0, 1e9],
  untilSeconds: [0, 1e9],
  every: [1, 1e9],
  count: [0, 1e9],
  delayMs: [0, 60_000],
  code: [0, 255],
  rate: [0, 1],
} as const satisfies Record<string, readonly [number, number]>;
const whole = new Set(["every", "count", "code"]);

/** @throws RangeError that names the entry and key at fault, and what is wanted */
export function readFaultScript(script: unknown): readonly Fault[] {
  const entries = isGroup(script) && Object.keys(script).join() === "faults" ? script["faults"] : undefined;
  if (!Array.isArray(entries)) throw new RangeError("wants one key, faults, with a list");
  return entries.map((entry: unknown, index) => readFault(entry, `faults[${index}]`));
}

/** @throws RangeError that names the entry whose bus or meter is not simulated */
export function checkFaultNames(
  script: readonly Fault[],
  buses: readonly { readonly name: string; readonly meters: readonly { readonly name: string }[] }[],
): void {
  for (const [index, { bus, meter }] of script.entries()) {
    const within = buses.filter(({ name }) => bus === undefined || name === bus);
    if (within.length === 0) {
      const names = buses.map(({ name }) => name).join(", ");
      throw new RangeError(`faults[${index}].bus: there is no bus "${bus}"; known: ${names}`);
    }
    if (meter === undefined || within.some(({ meters }) => meters.some(({ name }) => name === meter))) continue;
    const example = within[0]?.meters[0]?.name;
    const where = bus === undefined ? "on these buses" : `on ${bus}`;
    throw new RangeError(`faults[${index}].meter: there is no meter "${meter}" ${where}; they are named as ${example}`);
  }
}

function readFault(entry: unknown, where: string): Fault {
  if (!isGroup(entry)) throw new RangeError(`${where}: wants a group of keys`);
  const { fault, ...rest } = entry;
  const kind = faultKinds.find((known) => known === fault);
  if (kind === undefined) throw new RangeError(`${where}.fault: wants one of ${faultKinds.join(", ")}`);
  for (const [key, value] of Object.entries(rest)) checkKey(key, value, where);
  return { ...defaults, ...rest, fault: kind };
}

function checkKey(key: string, value: unknown, where: string): void {
  if (key === "bus" || key === "meter") {
    if (typeof value !== "string") throw new RangeError(`${where}.${key}: wants a name`);
    return;
  }
  const range = Object.entries(limits).find(([known]) => known === key)?.[1];
  if (range === undefined) {
    throw new RangeError(
      `${where}.${key}: there is no such key; known: fault, bus, meter, ${Object.keys(limits).join(", ")}`,
    );
  }
  const isSound = typeof value === "number" && value >= range[0] && value <= range[1];
  if (!isSound || (whole.has(key) && !Number.isInteger(value))) {
    throw new RangeError(
      `${where}.${key}: wants a ${whole.has(key) ? "whole " : ""}number from ${range[0]} to ${range[1]}`,
    );
  }
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import {
  defaultMasterSettings,
  type LinkCommand,
  type LinkCommandResult,
  LinkMaster,
  type LinkReadout,
  type MasterEvent,
  type MasterSettings,
  type MeterTarget,
  provesFabricationNumber,
} from "../../../src/mbus/index.js";

/** 2400 baud, no idle but the 33 bit times (13.75 ms), 1000 ms for silence. */
export const quickSettings: MasterSettings = {
  ...defaultMasterSettings,
  responseTimeoutMs: 1000,
  requestIdleMs: 0,
  collisionIdleMs: 3500,
  initIdleMs: 0,
  readoutRetries: 1,
  selectionRetries: 1,
  multiTelegram: "auto",
};

/** One answer: so many ms after the request was sent, these bytes. */
export interface ScriptedAnswer {
  readonly afterMs: number;
  readonly hex: string;
}
export type Responder = (requestHex: string, count: number) => readonly ScriptedAnswer[];

export interface Dialogue {
  readonly result: LinkReadout | "initialised" | undefined;
  /** Of a command. */
  readonly command: LinkCommandResult | undefined;
  /** Rates the line was set to. */
  readonly rates: readonly number[];
  /** Requests as hex, with the moment they were sent. */
  readonly requests: readonly { readonly atMs: number; readonly hex: string }[];
  readonly endedAtMs: number;
}

export function moreByLastByte(applicationData: Uint8Array): boolean {
  return applicationData.at(-1) === 0x1f;
}

export function masterWith(settings: Partial<MasterSettings> = {}): LinkMaster {
  return new LinkMaster({
    settings: { ...quickSettings, ...settings },
    moreFollows: moreByLastByte,
    provesFabricationNumber,
  });
}

/** Runs one job to its end against a script; `startMs` is when it begins. */
export function converse(
  master: LinkMaster,
  job: MeterTarget | "initialise" | { readonly target: MeterTarget; readonly command: LinkCommand },
  responder: Responder,
  startMs = 1000,
): Dialogue {
  const requests: { atMs: number; hex: string }[] = [];
  let arrivals: { atMs: number; bytes: Uint8Array }[] = [];
  let now = startMs;
  let result: Dialogue["result"];
  let command: Dialogue["command"];
  const rates: number[] = [];
  const act = (events: readonly MasterEvent[]) => {
    for (const event of events) {
      if (event.kind === "finished") result = event.result;
      if (event.kind === "commandFinished") command = event.result;
      if (event.kind === "setBaudRate") rates.push(event.baudRate);
      if (event.kind === "initialised") result = "initialised";
      if (event.kind !== "send") continue;
      const hex = toHex(event.bytes);
      requests.push({ atMs: now, hex });
      for (const answer of responder(hex, requests.length)) {
        arrivals.push({ atMs: now + answer.afterMs, bytes: fromHex(answer.hex) });
      }
    }
  };
  if (job === "initialise") act(master.initialise(now));
  else if ("command" in job) act(master.command(job.target, job.command, now));
  else act(master.readMeter(job, now));
  for (let step = 0; step < 10_000 && result === undefined && command === undefined; step++) {
    arrivals = arrivals.toSorted((left, right) => left.atMs - right.atMs);
    const [arrival] = arrivals;
    const deadline = master.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (arrival !== undefined && arrival.atMs <= deadline) {
      arrivals.shift();
      now = Math.max(now, arrival.atMs);
      act(master.receive(arrival.bytes, now));
    } else {
      now = Math.max(now, deadline);
      act(master.expire(now));
    }
  }
  return { result, command, rates, requests, endedAtMs: now };
}

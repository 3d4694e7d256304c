import { describe, expect, it } from "vitest";
import type { RegistryNotice } from "../../../cosem/index.js";
import { createLiveReadout } from "../../../src/host/management/live-readout.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";

type Outcome = { readonly ok: boolean } | undefined;

const second = 1000;

function live(limitMs = 30 * second) {
  const clock = manualClock(1_000_000_000);
  const asked: number[] = [];
  const answers: ((outcome: Outcome | Error) => void)[] = [];
  let listener: (notice: RegistryNotice) => void = () => undefined;
  const logger = recordingLogger();
  const freshen = createLiveReadout({
    registry: {
      subscribe(given) {
        listener = given;
        return { close: () => undefined };
      },
    },
    readOne(meterId) {
      asked.push(meterId);
      return new Promise((resolve, reject) => {
        answers.push((outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
      });
    },
    clock,
    logger,
    limitMs,
  });
  const meter = (sap: number) => ({
    name: `sap${sap}`,
    row: {
      id: sap - 15,
      sap,
      logicalDeviceName: undefined,
      kind: undefined,
      interfaceName: "bus",
      secondaryAddress: undefined,
      primaryAddress: 1,
      position: "",
    },
  });
  const device = { name: "sap16", sap: 16, kind: "meter", find: () => undefined, objects: () => [] } as const;
  return {
    clock,
    asked,
    logger,
    ask: (ageMs: number | undefined, sap = 16) =>
      freshen(meter(sap), ageMs === undefined ? undefined : clock.now() - ageMs),
    answer: (outcome: Outcome | Error) => answers.shift()?.(outcome),
    commit: () => listener({ kind: "readingCommitted", device, readingNumber: 1 }),
  };
}

/** Whether it has ended by the next turn. */
async function hasEnded(waiting: Promise<void> | undefined): Promise<boolean> {
  return Promise.race([
    (waiting ?? Promise.resolve()).then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

describe("a live readout on GET", () => {
  it("is not made for a value younger than 60 s", () => {
    const { ask, asked } = live();
    expect(ask(59 * second)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("ends with the commit of the reading, not with its arrival", async () => {
    const { ask, answer, commit, asked } = live();
    const waiting = ask(60 * second);
    expect(asked).toEqual([1]);
    answer({ ok: true });
    expect(await hasEnded(waiting)).toBe(false);
    commit();
    expect(await hasEnded(waiting)).toBe(true);
  });

  it("is shared by equal requests, and made for a meter that was never read", async () => {
    const { ask, asked, commit } = live();
    const [one, other] = [ask(undefined), ask(undefined)];
    expect(asked).toEqual([1]);
    commit();
    expect([await hasEnded(one), await hasEnded(other)]).toEqual([true, true]);
    void ask(undefined, 17);
    expect(asked).toEqual([1, 2]);
  });

  it("ends when the meter does not answer, and leaves it alone for a minute", async () => {
    const { ask, answer, asked, clock } = live();
    const waiting = ask(undefined);
    answer({ ok: false });
    expect(await hasEnded(waiting)).toBe(true);
    expect(ask(undefined)).toBeUndefined();
    await clock.advance(60 * second);
    expect(ask(undefined)).toBeDefined();
    expect(asked).toEqual([1, 1]);
  });

  it("ends after its limit", async () => {
    const { ask, clock } = live(5 * second);
    const waiting = ask(undefined);
    await clock.advance(4999);
    expect(await hasEnded(waiting)).toBe(false);
    await clock.advance(1);
    expect(await hasEnded(waiting)).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  it("ends with a fault of its own, which is told", async () => {
    const { ask, answer, logger } = live();
    const waiting = ask(undefined);
    answer(new Error("no bus"));
    expect(await hasEnded(waiting)).toBe(true);
    expect(logger.lines.map(({ message }) => message)).toEqual(["live readout failed"]);
  });
});

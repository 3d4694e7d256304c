import { describe, expect, it } from "vitest";
import { createGatewayClock } from "../../../src/host/gateway-clock.js";
import { registerTimeSync } from "../../../src/host/jobs/index.js";
import type { JobDefinition } from "../../../src/services/jobs/index.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";

const settings = {
  enabled: true,
  schedule: "0 * * * *",
  servers: [
    { host: "first", port: 123 },
    { host: "second", port: 123 },
  ],
  timeoutSeconds: 5,
  acceptedDifferenceSeconds: 2,
  setByDlms: true,
};

function timeSync(answers: Readonly<Record<string, number | Error>>) {
  const system = manualClock(1_000_000);
  const clock = createGatewayClock(system, recordingLogger(), false);
  let definition: JobDefinition | undefined;
  registerTimeSync({
    settings,
    list: {
      register(given) {
        definition = given;
        return { reschedule: () => undefined, remove: async () => undefined };
      },
      trigger: () => true,
    },
    clock,
    async ask({ host }) {
      const answer = answers[host];
      if (typeof answer !== "number") throw answer;
      return { offsetMs: answer, roundTripMs: 10, stratum: 2 };
    },
  });
  const run = () =>
    definition?.run({
      reason: "schedule",
      scheduledForMs: 0,
      attempt: 1,
      parameters: undefined,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
  return { clock, run };
}

describe("the time sync job", () => {
  it("sets the gateway's clock where it is off by more than accepted, from the first server that answers", async () => {
    const { clock, run } = timeSync({ first: new Error("first does not answer"), second: 5000 });
    expect(clock.isKnownGood).toBe(false);
    const changes: unknown[] = [];
    clock.onChange((change) => changes.push(change));
    expect(await run()).toMatchObject({ outcome: "good", words: "5.000 s off by second, set" });
    expect([clock.isKnownGood, clock.offsetMs, clock.now()]).toEqual([true, 5000, 1_005_000]);
    expect(changes).toEqual([{ shiftMs: 5000, isFirstGood: true, source: "time server second" }]);
  });

  it("leaves a small difference as it is, and takes the clock for good", async () => {
    const { clock, run } = timeSync({ first: -1900 });
    expect(await run()).toMatchObject({ words: "-1.900 s off by first, left as it is" });
    expect([clock.isKnownGood, clock.offsetMs]).toEqual([true, 0]);
  });

  it("fails in words where no server answers", async () => {
    const { clock, run } = timeSync({ first: new Error("first: no answer"), second: new Error("second: no answer") });
    expect(await run()).toEqual({ outcome: "failed", words: "first: no answer; second: no answer" });
    expect(clock.isKnownGood).toBe(false);
  });
});

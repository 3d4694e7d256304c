import { expect, it } from "vitest";
import { createGatewayClock } from "../../src/host/gateway-clock.js";
import type { ClockChange } from "../../src/ports/index.js";
import { keepingLogger } from "../support/silent-logger.js";
import { createStandingClock } from "../support/standing-clock.js";

it("stays in whole milliseconds when a time server's answer sets it: the database takes no others", () => {
  const clock = createGatewayClock(createStandingClock(1_795_426_161_000), keepingLogger(), false);
  const told: ClockChange[] = [];
  clock.onChange((change) => told.push(change));
  clock.set(224.7373, "10.0.0.1");
  expect(clock.now()).toBe(1_795_426_161_225);
  expect(clock.offsetMs).toBe(225);
  expect(clock.confirmedAtMs).toBe(1_795_426_161_225);
  clock.set(-0.3, "10.0.0.1");
  expect(clock.now()).toBe(1_795_426_161_225);
  expect(told).toEqual([{ shiftMs: 225, isFirstGood: true, source: "10.0.0.1" }]);
});

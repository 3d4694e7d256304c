import { expect, it } from "vitest";
import { systemClock } from "../../src/transport/index.js";

it("wakes up after the time asked for, unless it is cancelled", async () => {
  const order: string[] = [];
  const from = systemClock.monotonic();
  const cancel = systemClock.after(1, () => order.push("cancelled"));
  cancel();
  // Longer than a timer of Node can be: must not fire at once.
  const cancelFar = systemClock.after(40 * 86_400_000, () => order.push("far"));
  await new Promise<void>((resolve) => systemClock.after(20, resolve));
  cancelFar();
  expect(order).toEqual([]);
  expect(systemClock.monotonic() - from).toBeGreaterThanOrEqual(19);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
});

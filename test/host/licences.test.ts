import { expect, it } from "vitest";
import { holdToLimit, watchLimit } from "../../src/host/licences.js";
import type { Licences } from "../../src/services/licences/index.js";
import { admin, listFixture, valueFrom } from "../services/meter-list/list-fixture.js";
import { manualClock } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";

it("makes the last installed meters passive within the hour in which a licence ends", async () => {
  const { service, list } = await listFixture();
  for (const primaryAddress of [1, 2, 3]) valueFrom(await service.add(admin, { interfaceName: "bus", primaryAddress }));
  const clock = manualClock(0);
  const endsAtMs = 90 * 60_000;
  const licences = { activeLimit: () => (clock.now() < endsAtMs ? 3 : 1) } as Licences;
  const logger = recordingLogger();
  await holdToLimit(list, licences, logger);
  const end = watchLimit(list, licences, clock, logger);
  await clock.advance(3_600_000);
  expect(list.counts()).toEqual({ active: 3, passive: 0 });
  await clock.advance(3_600_000);
  await expect.poll(() => list.counts()).toEqual({ active: 1, passive: 2 });
  expect([...list.devices()].map(({ row }) => row.isPassive === true)).toEqual([false, true, true]);
  end();
  expect(clock.waiting).toBe(0);
});

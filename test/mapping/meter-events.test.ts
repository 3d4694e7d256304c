/** Events of a meter: its status byte when it changes. */
import { describe, expect, it } from "vitest";
import type { Data } from "../../cosem/index.js";
import type { MeterDevice } from "../../src/mapping/index.js";
import { heatHeader, memoryFixture, readAttribute, start } from "./support/mapping-fixture.js";

const minute = 60_000;
const log = "0-0:99.98.0*255";

async function withStatuses(statuses: readonly string[]) {
  const fixture = memoryFixture();
  const device = await fixture.install();
  let number = 0;
  const read = async (status: string) => {
    number += 1;
    await fixture.read(device, [`${heatHeader("12345678", status)} 04 06 00000000`], start + number * minute);
  };
  for (const status of statuses) await read(status);
  const codes = async (of: MeterDevice = device) => {
    const rows = await readAttribute(fixture.registry, of, log, 2);
    return rows.type === "array"
      ? rows.value.map((row) =>
          row.type === "structure" && row.value[1]?.type === "long-unsigned" ? row.value[1].value : row,
        )
      : rows;
  };
  return { ...fixture, device, read, codes };
}

const long = (value: number): Data => ({ type: "long-unsigned", value });
const text = (value: string): Data => ({ type: "visible-string", value });

describe("the event log of a meter", () => {
  it("has 4000 plus the status byte, on change only", async () => {
    const { codes } = await withStatuses(["00", "00", "04", "04", "10", "00", "00"]);
    expect(await codes()).toEqual([4004, 4016, 4000]);
  });

  it("begins with a first status that is not 0", async () => {
    const { codes } = await withStatuses(["08", "08"]);
    expect(await codes()).toEqual([4008]);
  });

  it("goes on where it was when more is read, also while it is asked", async () => {
    const { codes, read } = await withStatuses(["00", "04"]);
    expect(await codes()).toEqual([4004]);
    await read("04");
    const [one, other] = [codes(), codes()];
    await read("00");
    expect([await one, await other]).toEqual([[4004], [4004]]);
    expect(await codes()).toEqual([4004, 4000]);
  });

  it("shows time, code and words, and the newest event beside it", async () => {
    const { registry, device } = await withStatuses(["00", "24"]);
    const rows = await readAttribute(registry, device, log, 2);
    // 11:02 UTC; 24h: power low, and 1 in the maker's three bits.
    expect(rows).toEqual({
      type: "array",
      value: [
        {
          type: "structure",
          value: [
            { type: "octet-string", value: Uint8Array.of(0x07, 0xea, 11, 22, 7, 11, 2, 0, 0, 0, 0, 0) },
            long(4036),
            text("M-Bus status 36: power low, manufacturer specific 1"),
          ],
        },
      ],
    });
    expect(await readAttribute(registry, device, "0-0:96.11.0*255", 2)).toEqual(long(4036));
    expect(await readAttribute(registry, device, "0-128:96.11.0*255", 2)).toEqual(
      text("M-Bus status 36: power low, manufacturer specific 1"),
    );
    expect(await readAttribute(registry, device, log, 7)).toEqual({ type: "double-long-unsigned", value: 1 });
  });

  it("keeps the newest thousand", async () => {
    const { codes } = await withStatuses(Array.from({ length: 1004 }, (_, index) => (index % 2 === 0 ? "04" : "00")));
    const all = await codes();
    expect(all).toHaveLength(1000);
    expect(Array.isArray(all) && [all[0], all.at(-1)]).toEqual([4004, 4000]);
  });

  it("has no event and no fraud of a meter in order", async () => {
    const { registry, device, codes } = await withStatuses(["00"]);
    expect(await codes()).toEqual([]);
    expect(await readAttribute(registry, device, "0-0:96.11.0*255", 2)).toEqual(long(0));
    expect(await readAttribute(registry, device, "0-0:99.98.1*255", 2)).toEqual({ type: "array", value: [] });
  });
});

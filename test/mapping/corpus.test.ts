import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cosemDateTimeFromBytes, type Data, formatScaled, toHex, unitSymbol } from "../../cosem/index.js";
import type { KindObject, MeterDevice } from "../../src/mapping/index.js";
import { testFile } from "../support/repository.js";
import { memoryFixture } from "./support/mapping-fixture.js";

interface ExpectedRecord {
  readonly function: string;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly quantity: string;
  readonly unit: string;
  readonly kind: string;
  readonly value: number | string | null;
  readonly altValue?: number | string | null;
  readonly manufacturerSpecific?: boolean;
}

interface Item {
  readonly id: string;
  readonly hex: string;
  readonly expect: {
    readonly kind: string;
    readonly id: string;
    readonly manufacturer: string | null;
    readonly version: number | null;
    readonly mediumCode: number;
    readonly records: readonly ExpectedRecord[];
  };
}

const corpus = JSON.parse(readFileSync(testFile("vectors/mbus/corpus-wired.json"), "utf8")) as { items: Item[] };
const readouts = corpus.items.filter((item) => item.expect.kind === "variable" || item.expect.kind === "fixed");

/** Application data of a link frame: behind 68 L L 68 C A, before checksum and 16. */
const applicationData = (frame: string) => frame.slice(12, -4);

async function ingested(item: Item): Promise<{ device: MeterDevice; objects: readonly KindObject[] }> {
  const fixture = memoryFixture();
  const device = await fixture.install();
  const outcome = await fixture.read(device, [applicationData(item.hex)]);
  expect(outcome).toEqual({ ok: true, message: "Readout successful" });
  return { device, objects: device.meterKind?.objects ?? [] };
}

/** Units that are served converted: the factor is arithmetic, not ours. */
const factors: Readonly<Record<string, readonly [string, number]>> = {
  "m3/min": ["m3/h", 60],
  "m3/s": ["m3/h", 3600],
  cal: ["J", 4.1868],
};

function scaled(data: Data, object: KindObject): number | string | null {
  switch (data.type) {
    case "null-data":
      return null;
    case "date-time":
      return cosemDateTimeFromBytes(data.value)
        .toString()
        .replace(/T\*\*:\*\*:\*\*$/, "")
        .replace(/^\*{4}-\*\*-\*\*T/, "");
    case "visible-string":
      return data.value;
    case "octet-string":
      return toHex(data.value);
    case "array":
    case "structure":
    case "compact-array":
    case "bit-string":
    case "boolean":
    case "date":
    case "time":
    case "dont-care":
    case "utf8-string":
      return `unexpected ${data.type}`;
    default:
      return Number(formatScaled(data.value, object.scaler));
  }
}

function agrees(got: number | string | null, wanted: number | string | null): boolean {
  if (typeof got === "number" && typeof wanted === "number") {
    return Math.abs(got - wanted) <= Math.abs(wanted) * 1e-9;
  }
  return String(got).toLowerCase() === String(wanted).toLowerCase();
}

describe("every readout of the wired corpus", () => {
  it.each(readouts.map((item) => [item.id, item] as const))("%s is served value by value", async (_, item) => {
    const { device, objects } = await ingested(item);
    const { records } = item.expect;
    expect(objects.length).toBe(records.length);
    records.forEach((record, index) => {
      const object = objects[index] as KindObject;
      const [unit, factor] = factors[record.unit] ?? [record.unit, 1];
      const got = scaled(device.value(object), object);
      const times = (value: number | string | null) => (typeof value === "number" ? value * factor : value);
      const isRight =
        agrees(got, times(record.value)) || (record.altValue !== undefined && agrees(got, times(record.altValue)));
      expect([index, record.quantity, got, isRight], `${record.value}`).toEqual([index, record.quantity, got, true]);
      if (record.kind === "number" && object.unit < 250)
        expect(unitSymbol(object.unit).replace("mo", "month")).toBe(unit);
    });
  });

  it.each(readouts.map((item) => [item.id, item] as const))("%s has no code twice", async (_, item) => {
    const { device } = await ingested(item);
    const names = [...device.objects()].map((object) => object.logicalName);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(readouts.map((item) => [item.id, item] as const))("%s names its meter", async (_, item) => {
    const { device } = await ingested(item);
    const { manufacturer, id, mediumCode, version } = item.expect;
    const hex = (value: number | null) => (value ?? 255).toString(16).toUpperCase().padStart(2, "0");
    expect(device.name).toBe(`${manufacturer ?? "XXX"}${id.toUpperCase()}${hex(mediumCode)}${hex(version)}`);
  });

  it("has a standard code for at least 95 % of the records with a standard VIF", async () => {
    let standard = 0;
    let mapped = 0;
    for (const item of readouts) {
      const { objects } = await ingested(item);
      item.expect.records.forEach((record, index) => {
        if (record.manufacturerSpecific === true || record.quantity === "Plain text") return;
        standard++;
        if (objects[index]?.row.unmapped === false) mapped++;
      });
    }
    expect(mapped / standard).toBeGreaterThanOrEqual(0.95);
  });
});

import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import { startDecodeRun } from "../../src/host/decode-line.js";
import { wirelessCrc } from "../../src/mbus/index.js";
import { examples, wirelessVectors } from "../mbus/wireless/support/vectors.js";

interface Answer {
  readonly id: unknown;
  readonly ok: boolean;
  readonly meter: Readonly<Record<string, unknown>> | null;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly manufacturerData: string | null;
  readonly layers: readonly string[];
  readonly error: { readonly reason: string; readonly offset: number } | null;
}

const scored = wirelessVectors.filter(({ proprietary }) => !proprietary);

/** The whole corpus in one run, each compact frame behind the full one it requires. */
function answers(): Map<string, Answer> {
  const answer = startDecodeRun();
  const ask = ({ id, hex, key }: (typeof scored)[number]) =>
    answer(JSON.stringify({ id, hex, key, wireless: true })) as Answer;
  const result = new Map<string, Answer>();
  for (const vector of scored.filter(({ requires }) => requires === undefined)) result.set(vector.id, ask(vector));
  for (const vector of scored.filter(({ requires }) => requires !== undefined)) result.set(vector.id, ask(vector));
  return result;
}

describe("decode --json with wireless telegrams", () => {
  const all = answers();

  it("reads every sound telegram of the corpus in the form DESIGN gives", () => {
    for (const { id, expect: wanted, telegram } of scored.filter((vector) => vector.expect.kind === "wireless")) {
      const answer = all.get(id);
      expect(answer, id).toMatchObject({
        id,
        ok: true,
        error: null,
        meter: {
          manufacturer: wanted.manufacturer,
          id: wanted.idNumber,
          version: wanted.version,
          medium: wanted.mediumCode,
          accessNumber: wanted.accessNumber,
          status: wanted.status,
        },
        manufacturerData: wanted.manufacturerData,
        layers: telegram?.layers,
      });
      expect(
        answer?.records.map(({ function: kind, storage, tariff, subunit, quantity, unit, ...rest }) => [
          ...[kind, storage, tariff, subunit, quantity, unit],
          ...[rest["kind"], rest["modifiers"], rest["recordError"], rest["drh"], rest["data"]],
        ]),
        id,
      ).toEqual(
        wanted.records?.map((record) => [
          ...[record.function, record.storage, record.tariff, record.subunit, record.quantity, record.unit],
          ...[record.kind, record.modifiers ?? [], record.recordError ?? null, record.drh, record.data],
        ]),
      );
      answer?.records.forEach(({ value, drh }, index) => {
        const record = wanted.records?.[index];
        const allowed = [record?.value, record?.altValue];
        const isRight = allowed.some((other) => {
          if (typeof other === "number" && value !== null)
            return Math.abs(Number(value) - other) <= 1e-9 * Math.abs(other);
          return other === value;
        });
        expect(isRight, `${id} ${drh}: ${value} instead of ${record?.value}`).toBe(true);
      });
    }
  });

  it("refuses the others with a reason, without records, and says who sent them where that can be read", () => {
    for (const { id, expect: wanted } of scored.filter((vector) => vector.expect.kind !== "wireless")) {
      const answer = all.get(id);
      expect(answer, id).toMatchObject({ ok: false, records: [], error: { reason: expect.any(String) } });
      if (wanted.idNumber !== undefined) expect(answer?.meter, id).toMatchObject({ id: wanted.idNumber });
    }
  });

  it("opens secured wired telegrams", () => {
    const wired = examples.find((example) => example.wired === true);
    const answer = startDecodeRun()(JSON.stringify({ id: 1, hex: wired?.hex, key: wired?.key })) as Answer;
    expect(answer).toMatchObject({ ok: true, meter: wired?.expect.meter, layers: wired?.expect.layers });
    const locked = startDecodeRun()(JSON.stringify({ id: 1, hex: wired?.hex })) as Answer;
    expect(locked).toMatchObject({ ok: false, error: { reason: "keyRequired" } });
  });

  it.each(["00", "zz".repeat(16), "00".repeat(15), "00".repeat(17), 5, {}])("refuses the key %j", (key) => {
    const answer = startDecodeRun()(JSON.stringify({ id: 7, hex: "00", key, wireless: true })) as Answer;
    expect(answer).toMatchObject({ id: 7, ok: false, error: { reason: "badValue" } });
  });
});

describe("decode --json with compact frames on wires", () => {
  const frame = (applicationData: string) => {
    const body = [0x08, 0x05, ...Buffer.from(applicationData, "hex")];
    const sum = body.reduce((total, byte) => total + byte, 0) & 0xff;
    const bytes = [0x68, body.length, body.length, 0x68, ...body, sum, 0x16];
    return JSON.stringify({ id: 1, hex: Buffer.from(bytes).toString("hex"), key: null, wireless: false });
  };
  // Volume 2850427 l and error flags 0, made compact: signature, full-frame CRC (polynomial 3D65), values.
  const full = "0c142704850202fd170000";
  const word = (hex: string) => {
    const crc = wirelessCrc(fromHex(hex));
    return toHex(Uint8Array.of(crc & 0xff, crc >> 8));
  };
  const compact = `79${word("0c1402fd17")}${word(full)}270485020000`;

  it.each([
    ["a full frame", `72785634129315330701000000${full}`, 2],
    ["a format frame", `6907${word("0c1402fd17")}0c1402fd17`, 0],
  ])("reads them behind %s of the same run", (_, first, records) => {
    const answer = startDecodeRun();
    expect(answer(frame(compact))).toMatchObject({ ok: false, error: { reason: "formatUnknown" } });
    const taught = answer(frame(first)) as Answer;
    expect([taught.ok, taught.records.length]).toEqual([true, records]);
    const read = answer(frame(compact)) as Answer;
    expect(read).toMatchObject({
      ok: true,
      layers: ["79"],
      records: [{ drh: "0c14", value: 28_504.27 }, { drh: "02fd17" }],
    });
  });
});

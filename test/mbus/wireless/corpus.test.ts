import { describe, expect, it } from "vitest";
import { DecodeError, fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { type DataRecord, decodeApplication, inspectWireless, mediumName } from "../../../src/mbus/index.js";
import { expectRecord, shown } from "../application/support/expect-record.js";
import { decodeVector, layerNames, telegramOf, type WirelessVector, wirelessVectors } from "./support/vectors.js";

const scored = wirelessVectors.filter(({ proprietary }) => !proprietary);

function ofKind(...kinds: WirelessVector["expect"]["kind"][]): [string, WirelessVector][] {
  return scored.filter(({ expect: { kind } }) => kinds.includes(kind)).map((vector) => [vector.id, vector]);
}

function refusalOf(vector: WirelessVector): DecodeError {
  try {
    decodeVector(vector);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error(`${vector.id} was not refused`);
}

/** What a field of the source's own JSON stands for, by the suffix of its name. */
const fieldUnits: Readonly<Record<string, (value: number, unit: string) => number>> = {
  kwh: (value, unit) => value / (unit === "J" ? 3.6e6 : 1000),
  kw: (value) => value / 1000,
  kvarh: (value) => value / 1000,
  kvah: (value) => value / 1000,
  h: (value, unit) => value * ({ s: 1 / 3600, min: 1 / 60, h: 1, d: 24 }[unit] ?? 1),
  y: (value, unit) => value * ({ d: 1 / 365.2425, month: 1 / 12, year: 1 }[unit] ?? 1),
  month: (value, unit) => value * ({ year: 12 }[unit] ?? 1),
  d: (value, unit) => value * ({ h: 1 / 24, s: 1 / 86_400 }[unit] ?? 1),
};

/** True when the record holds what the field of that name says. */
function agrees(record: DataRecord, data: Uint8Array, name: string, field: number | string | null): boolean {
  const value = shown(record);
  // Numbers of versions and meters are texts there: the bytes, most significant first.
  const bytes = toHex(data.slice(record.dataOffset, record.endOffset).reverse());
  if (typeof field === "string" && bytes === field.toLowerCase()) return true;
  if (field === null || value === null) return field === value;
  if (typeof field === "string") return value.replace("T", " ").startsWith(field) || value.trim() === field.trim();
  const scaled = (fieldUnits[name.split("_").at(-1) ?? ""] ?? ((number) => number))(
    Number(value),
    record.information.unit,
  );
  return Math.abs(scaled - field) <= 1e-5 * Math.max(1, Math.abs(field));
}

describe("wireless telegrams of the corpus", () => {
  it("holds the whole corpus", () => {
    expect(wirelessVectors.length).toBe(217);
    expect(ofKind("wireless").length).toBe(160);
    expect(scored.length).toBe(193);
  });

  it.each(ofKind("wireless"))("reads %s", (_, vector) => {
    const wanted = vector.expect;
    const result = telegramOf(decodeVector(vector));
    const { meter, records, manufacturerData } = result.telegram;
    expect(meter).toEqual({
      manufacturer: wanted.manufacturer,
      id: wanted.idNumber,
      version: wanted.version,
      medium: wanted.mediumCode,
      accessNumber: wanted.accessNumber,
      status: wanted.status,
    });
    expect(mediumName(result.meter.medium)).toBe(mediumName(wanted.mediumCode ?? -1));
    expect(result.link.format).toBe(vector.crc);
    expect(layerNames(result.layers)).toEqual(vector.telegram?.layers);
    expect(result.security.mode).toBe(vector.telegram?.securityMode);
    expect(result.security.isEncrypted).toBe(vector.telegram?.security !== "none");
    expect(manufacturerData === undefined ? null : toHex(manufacturerData)).toBe(wanted.manufacturerData);
    expect(records.length).toBe(wanted.records?.length);
    records.forEach((record, index) => {
      const expected = wanted.records?.[index];
      if (expected !== undefined) expectRecord(record, expected, result.applicationData);
    });
  });

  it.each(ofKind("wireless"))("tells radio part and meter apart in %s", (_, vector) => {
    const { link, isForeign, meter } = telegramOf(decodeVector(vector));
    const wanted = vector.expect.link ?? undefined;
    expect(isForeign).toBe(wanted !== undefined);
    const { manufacturer, id, version, medium } = link.address;
    expect({ manufacturer, id, version, mediumCode: medium }).toEqual(
      wanted ?? {
        manufacturer: meter.manufacturer,
        id: meter.id,
        version: meter.version,
        mediumCode: meter.medium,
      },
    );
  });

  it.each(ofKind("wireless"))("gives %s in a form that is read again without key or memory", (_, vector) => {
    const { applicationData, telegram, meter } = telegramOf(decodeVector(vector));
    const again = decodeApplication(applicationData);
    expect(again.records).toEqual(telegram.records);
    expect(again.meter).toMatchObject({ manufacturer: meter.manufacturer, id: meter.id, medium: meter.medium });
  });

  it("finds every field that wmbusmeters' own expectation has", () => {
    let checked = 0;
    const missing: string[] = [];
    for (const [, vector] of ofKind("wireless")) {
      const { telegram, applicationData } = telegramOf(decodeVector(vector));
      const { records } = telegram;
      for (const [name, field] of Object.entries(vector.expect.fields ?? {})) {
        // Not every field names its record; then one of the telegram's must hold it.
        const named = records.filter((_, index) => vector.expect.records?.[index]?.wmbusmeters?.includes(name));
        const found = (named.length > 0 ? named : records).some((record) =>
          agrees(record, applicationData, name, field),
        );
        if (!found) missing.push(`${vector.id}: ${name} ${field}`);
        checked++;
      }
    }
    expect(missing).toEqual([]);
    expect(checked).toBeGreaterThan(900);
  });
});

describe("wireless telegrams of the corpus that must be refused", () => {
  const reasons = {
    malformed: ["truncated"],
    "bad-crc": ["badChecksum"],
    "bad-mac": ["badMac"],
    encrypted: ["keyRequired"],
    "wrong-key": ["wrongKey"],
  } as const;

  for (const [kind, wanted] of Object.entries(reasons)) {
    it.each(ofKind(kind as keyof typeof reasons))(`refuses %s as ${wanted.join()}`, (_, vector) => {
      expect(wanted).toContain(refusalOf(vector).reason);
    });
  }

  it.each(ofKind("encrypted", "wrong-key", "bad-mac"))("still says who sent %s", (_, vector) => {
    const { meter, isEncrypted } = inspectWireless(fromHex(vector.hex));
    const { manufacturer, idNumber, version, mediumCode } = vector.expect;
    expect(meter).toMatchObject({ manufacturer, id: idNumber, version, medium: mediumCode });
    expect(isEncrypted).toBe(true);
  });
});

describe("proprietary telegrams of the corpus", () => {
  const proprietary = wirelessVectors.filter((vector) => vector.proprietary);

  it.each(proprietary.map((vector): [string, WirelessVector] => [vector.id, vector]))("answers %s", (_, vector) => {
    try {
      decodeVector(vector);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  });

  it.each([
    // Meter, serial number and prefix as wmbusmeters gives them for these telegrams (id, prefix and serial_number).
    ["wmbusmeters/fhkvdataiii-d95dcc", "Techem FHKV data III heat cost allocator, CI a2"],
    ["wmbusmeters/compact5-8638a6", "Techem compact V heat meter, CI a1"],
    ["wmbusmeters/izarv2-7a04f3", "Diehl IZAR (PRIOS), meter 66236629, CI a2"],
    ["wmbusmeters/izarv2-9c29bd", "Diehl IZAR (PRIOS), meter 20481979, CI a1"],
    ["wmbusmeters/sim-t1-542a50", "Diehl IZAR (PRIOS), meter 18001698, CI a2"],
    ["wmbusmeters/izarv2-e78661", "Diehl/Sappel IZAR (PRIOS), meter C19UA 145842, CI a2"],
    ["wmbusmeters/izarv2-f1871f", "Diehl/Sappel IZAR (PRIOS), meter H19CA 159196, CI a3"],
    ["wmbusmeters/apator172-ac4c81", "Apator, CI a0"],
  ])("names %s: %s", (id, name) => {
    const vector = proprietary.find((candidate) => candidate.id === id);
    if (vector === undefined) throw new Error(id);
    const error = refusalOf(vector);
    expect(error.reason).toBe("formatUnknown");
    expect(error.message).toContain(`(proprietary: ${name})`);
    // The list of what is heard names it too, so that nobody takes the link address for the number on the meter.
    expect(inspectWireless(fromHex(vector.hex)).proprietary).toBe(name);
  });
});

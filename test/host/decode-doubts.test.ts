import { describe, expect, it } from "vitest";
import { startDecodeRun } from "../../src/host/decode-line.js";
import { wiredVectors } from "../mbus/application/support/vectors.js";

interface Answer {
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly link: unknown;
  readonly error: { readonly reason: string; readonly detail: string } | null;
}

/** A frame of C field 08 and A field 05; checksum by EN 13757-2: the sum of the bytes from the C field on. */
function wired(application: string): string {
  const data = [0x08, 0x05, ...Buffer.from(application.replaceAll(" ", ""), "hex")];
  const sum = data.reduce((total, byte) => total + byte, 0) & 0xff;
  return Buffer.from([0x68, data.length, data.length, 0x68, ...data, sum, 0x16]).toString("hex");
}

const answer = (question: object) => startDecodeRun()(JSON.stringify({ id: 1, key: null, ...question })) as Answer;
const first = (records: string) => answer({ hex: wired(`78 ${records}`) }).records[0];

describe("decode --json", () => {
  it.each([
    // 18 digits at 10^-3 m3, by the digits themselves; 14 digits at 10^-3 are exact in a double.
    ["0D13 C9 999999999999999999", "999999999999999.999"],
    ["0D13 C8 9999999999999900", 99999999999.999],
    ["0413 E8030000", 1],
    ["0413 D2040000", 1.234],
  ])("gives %s as text only past 15 digits", (record, value) => {
    expect(first(record)).toMatchObject({ value });
  });

  it("says what stands against a value", () => {
    // VIF 13 is 10^-3 m3.
    expect(first("0413 00000080")).toMatchObject({ value: -2147483.648, notValid: "no value (80000000)" });
    // Type F with bit 7 of the minute byte: time invalid.
    expect(first("046D 80200101")).toMatchObject({ value: null, kind: "datetime", notValid: "time marked invalid" });
    // The uiws telegram of the corpus: hundred-year bits 2, a clock of 2126.
    expect(first("046D 22484136")).toMatchObject({ value: "2126-06-01T08:34:00", doubtful: expect.any(String) });
    expect(first("046D 22284136")).not.toHaveProperty("doubtful");
    expect(first("0413 E8030000")).not.toHaveProperty("notValid");
  });

  it("gives the link address, of a refused telegram too", () => {
    expect(answer({ hex: wired("78 0413 E8030000") }).link).toEqual({ control: "08", address: 5 });
    expect(answer({ hex: wired("51 0413") }).link).toEqual({ control: "08", address: 5 });
    expect(answer({ hex: "zz" }).link).toBeNull();
    // ELS 12345678, version 33h, device type 3, by hand.
    const sender = { control: "44", manufacturer: "ELS", id: "12345678", version: 0x33, medium: 3 };
    expect(answer({ hex: "1044931578563412330378 0413 E8030000".replaceAll(" ", ""), wireless: true }).link).toEqual(
      sender,
    );
  });

  it("leaves manufacturer bit 15, an address that is not unique worldwide, out of the letters", () => {
    const meter = (maker: string) => answer({ hex: wired(`72 78563412 ${maker} 1B 07 01 00 0000 0413 D2040000`) });
    // KAM is 2C2Dh: K 11, A 1, M 13, five bits each.
    expect(meter("2D2C")).toMatchObject({ meter: { manufacturer: "KAM" } });
    expect(meter("2DAC")).toMatchObject({ meter: { manufacturer: "KAM" } });
  });

  it("numbers the counters of a fixed data structure", () => {
    const hex = wiredVectors().find(({ id }) => id === "libmbus/manual_frame2")?.hex;
    expect(answer({ hex }).records.map(({ counter }) => counter)).toEqual([1, 2]);
    expect(first("0413 E8030000")).not.toHaveProperty("counter");
  });

  it.each(["50", "51 0413", "52", "5B", "6C", "6D"])(
    "answers CI %s by its name: it is sent to meters",
    (application) => {
      const { error } = answer({ hex: wired(application) });
      expect(error).toMatchObject({ reason: "sentToMeter", detail: expect.stringContaining("is sent to meters") });
    },
  );

  it.each(["71 04", "74 01000000 04"])("gives the alarm %s a reason of its own", (application) => {
    expect(answer({ hex: wired(application) }).error).toMatchObject({ reason: "alarm" });
  });

  it.each(["00", "08"])(
    "leaves the plain OBIS code of a record without data (DIF %s) to one that has a value",
    (dif) => {
      const { records } = answer({ hex: wired(`72 78563412 2D2C 1B 07 01 00 0000 ${dif}13 0413 D2040000`) });
      expect(records.map(({ kind }) => kind)).toEqual(["none", "number"]);
      expect(records[1]).toMatchObject({ obis: "8-0:1.0.0*255" });
      expect(records[0]?.["obis"]).not.toBe("8-0:1.0.0*255");
    },
  );
});

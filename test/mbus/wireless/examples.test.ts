import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import {
  type DecodedTelegram,
  decodeApplication,
  decodeLinkFrame,
  decodeWireless,
  isSecured,
  manufacturerLetters,
  type OpenedTelegram,
  openWired,
} from "../../../src/mbus/index.js";
import { sameValue, shown } from "../application/support/expect-record.js";
import { type Example, exampleNamed, examples, keyLookup, layerNames, telegramOf } from "./support/vectors.js";

function openedOf(opened: OpenedTelegram) {
  if (opened.kind !== "telegram") throw new Error(opened.kind);
  return opened;
}

function expectRecords({ records }: DecodedTelegram, wanted: Example["expect"]["records"]): void {
  expect(records.map(({ header, information }) => ({ drh: toHex(header), unit: information.unit }))).toEqual(
    wanted.map(({ drh, unit }) => ({ drh, unit })),
  );
  records.forEach((record, index) => {
    expect(sameValue(shown(record), wanted[index]?.value ?? null), `record ${index}: ${shown(record)}`).toBe(true);
  });
}

const named = (wired: boolean): [string, Example][] =>
  examples.filter((example) => (example.wired ?? false) === wired).map((example) => [example.id, example]);

describe("published examples", () => {
  it.each(named(false))("reads %s", (_, { hex, key, expect: wanted }) => {
    const result = telegramOf(decodeWireless(fromHex(hex), { keyFor: keyLookup(key) }));
    expect(layerNames(result.layers)).toEqual(wanted.layers);
    expect(result.telegram.meter).toEqual(wanted.meter);
    expect(result.security).toMatchObject({ mode: wanted.mode, isAuthenticated: wanted.authenticated });
    expect(result.counters.message ?? null).toBe(wanted.messageCounter);
    if (wanted.plain !== undefined) expect(toHex(result.applicationData.subarray(13))).toBe(wanted.plain);
    expectRecords(result.telegram, wanted.records);
  });

  it.each(named(true))("opens the wired %s", (_, { hex, key, expect: wanted }) => {
    const frame = decodeLinkFrame(fromHex(hex));
    if (frame.kind !== "long") throw new Error(frame.kind);
    expect(isSecured(frame.applicationData)).toBe(true);
    const opened = openedOf(openWired(frame.applicationData, { keyFor: keyLookup(key) }));
    expect(layerNames(opened.layers)).toEqual(wanted.layers);
    const telegram = decodeApplication(opened.applicationData);
    expect(telegram.meter).toEqual(wanted.meter);
    expectRecords(telegram, wanted.records);
  });

  it("opens an AFL on a wired bus", () => {
    const { hex, key, expect: wanted } = exampleNamed("cen-tr-17167-f3");
    // The wireless frame without link layer and extended link layer (10 and 11 bytes).
    const applicationData = fromHex(hex).subarray(21);
    expect(isSecured(applicationData)).toBe(true);
    const opened = openedOf(openWired(applicationData, { keyFor: keyLookup(key) }));
    expect(layerNames(opened.layers)).toEqual(["90", "72"]);
    expectRecords(decodeApplication(opened.applicationData), wanted.records);
  });

  it("tells the radio module, the receiver's address and the meter apart", () => {
    const { hex, key } = exampleNamed("cen-tr-17167-f3");
    const asked: string[] = [];
    const lookup = keyLookup(key);
    const result = telegramOf(
      decodeWireless(fromHex(hex), {
        keyFor: (address, use) => {
          asked.push(`${use.layer} ${address.manufacturer} ${address.id}`);
          return lookup(address, use);
        },
      }),
    );
    expect(result.isForeign).toBe(true);
    expect(result.link.address).toMatchObject({ manufacturer: "RAD", id: "11223344", version: 3, medium: 0x37 });
    expect(asked).toEqual(["transport ELS 12345678"]);
    expect(manufacturerLetters(0x1593)).toBe("ELS");
  });
});

import { describe, expect, it } from "vitest";
import { openSqlite } from "../../support/sqlite.js";
import { admin, listFixture, refusalOf, valueFrom, viewer } from "../meter-list/list-fixture.js";

const csv = (text: string) => ({ name: "keys.csv", bytes: new TextEncoder().encode(text) });
const key = (digit: string) => digit.repeat(32);

describe("keys of meters", () => {
  it("are found by the most exact match, then the newest, and a link goes before all", async () => {
    const { service, keyService, keys, list } = await listFixture();
    const meter = { interfaceName: "bus", secondaryAddress: "12345678", manufacturer: "KAM", version: 27, type: 22 };
    valueFrom(await service.add(admin, meter));
    const match = () => valueFrom(service.get(admin, "sap16")).key;
    expect(match()).toEqual({ kind: "noMatch" });
    const add = async (draft: Omit<Parameters<typeof keyService.add>[1], "key">, digit: string) =>
      valueFrom(await keyService.add(admin, { ...draft, key: key(digit) })).id;
    const any = await add({}, "0");
    expect(match()).toEqual({ kind: "match", keyId: any });
    const kind = await add({ manufacturer: "KAM", deviceType: 22, version: 27 }, "1");
    expect(match()).toEqual({ kind: "match", keyId: kind });
    await add({ manufacturer: "KAM", version: 28 }, "2");
    expect(match()).toEqual({ kind: "match", keyId: kind });
    const address = await add({ address: "12345678" }, "3");
    expect(match()).toEqual({ kind: "match", keyId: address });
    const newer = await add({ address: "12345678" }, "4");
    expect(match()).toEqual({ kind: "match", keyId: newer });
    const exact = await add({ address: "12345678", manufacturer: "KAM" }, "5");
    expect(match()).toEqual({ kind: "match", keyId: exact });
    const linked = await add({ device: "sap16" }, "6");
    expect(match()).toEqual({ kind: "linked", keyId: linked });
    const device = list.find("sap16");
    if (device === undefined) throw new Error("no meter");
    expect(keys.keyOf(list.identityOf(device))).toBe(list.keyOf(device.row.id));
    valueFrom(await keyService.remove(admin, linked));
    expect(match()).toEqual({ kind: "match", keyId: exact });
    const page = valueFrom(keyService.list(admin, { limit: 3 }));
    expect([page.keys.length, page.total, page.nextAfterId]).toEqual([3, 6, page.keys[2]?.id]);
  });

  it("come from a file of row 58 with its wildcards, and each bad row says why without telling the key", async () => {
    const { keyService } = await listFixture();
    const text =
      "Address;Key;Manufacturer;DeviceType;Version\r\n" +
      `12345678;${key("a")};KAM;22;27\r\n` +
      `-1;${key("b")};*;-1;-1\r\n` +
      `87654321;${key("c").slice(1)};KAM;-1;-1\r\n` +
      `1234;${key("d")};KAMS;999;-1\r\n`;
    const whole = valueFrom(await keyService.importFile(admin, csv(text), {}));
    expect(whole).toMatchObject({ rows: 4, added: 2, bad: 2, isTaken: false });
    expect(whole.problems.map(({ line, column }) => [line, column])).toEqual([
      [4, "Key"],
      [5, "Address"],
      [5, "Manufacturer"],
      [5, "DeviceType"],
    ]);
    expect(JSON.stringify(whole)).not.toContain("cccc");
    valueFrom(await keyService.importFile(admin, csv(text), { take: "goodRows" }));
    expect(valueFrom(keyService.list(admin, { limit: 10 })).keys).toMatchObject([
      { address: "12345678", manufacturer: "KAM", deviceType: 22, version: 27 },
      { address: undefined, manufacturer: undefined, deviceType: undefined, version: undefined },
    ]);
    const again = valueFrom(
      await keyService.importFile(admin, csv(text.replace(key("b"), key("e"))), { take: "goodRows" }),
    );
    expect(again).toMatchObject({ added: 0, changed: 1, unchanged: 1 });
    expect(valueFrom(keyService.list(admin, { limit: 10 })).total).toBe(2);
    for (const format of ["csv", "xls", "xlsx"] as const) {
      const example = valueFrom(await keyService.example(admin, format));
      if (format === "csv") expect(new TextDecoder().decode(example.bytes)).not.toContain("'-1");
      expect(valueFrom(await keyService.importFile(admin, example, { dryRun: true }))).toMatchObject({
        added: 3,
        bad: 0,
      });
    }
  });

  it("are sealed at rest, open again after a restart, and are never told", async () => {
    const first = await listFixture();
    valueFrom(await first.service.add(admin, { interfaceName: "bus", secondaryAddress: "12345678" }));
    const secret = "000102030405060708090a0b0c0d0e0f";
    const answer = valueFrom(await first.keyService.add(admin, { address: "12345678", key: secret }));
    const told = JSON.stringify([answer, valueFrom(first.keyService.list(admin, { limit: 9 })), first.records]);
    expect(told.toLowerCase()).not.toContain(secret);
    await first.store.close();
    const database = openSqlite(first.path);
    const rows = database.prepare("SELECT * FROM meter_keys").all();
    database.close();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows).toLowerCase()).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(secret, "hex").toString("base64").slice(0, 12));
    const second = await listFixture(first.path);
    const block = Buffer.from("00112233445566778899aabbccddeeff", "hex");
    expect(Buffer.from(second.list.keyOf(1)?.encryptBlocks(block) ?? []).toString("hex")).toBe(
      // FIPS 197, appendix C.1.
      "69c4e0d86a7b0430d8cdb78070b4c55a",
    );
  });

  it("are for those with the right", async () => {
    const { keyService, records } = await listFixture();
    expect(refusalOf(await keyService.add(viewer, { key: key("a") }))).toContain("keys.write");
    expect(records).toMatchObject([{ action: "keys.add", isRefused: true }]);
    expect(refusalOf(await keyService.add(admin, { key: "abc" }))).toContain("32 hex digits");
    expect(refusalOf(await keyService.add(admin, { key: key("a"), device: "sap99" }))).toContain("unknown");
  });
});

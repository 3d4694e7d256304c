/** Meter lists and keys in workbooks that Gnumeric wrote, and the gateway's workbooks as Gnumeric reads them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admin, listFixture, valueFrom } from "../services/meter-list/list-fixture.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sheets-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Gnumeric's command without a window; the format follows the ending. */
function convert(from: string, ending: string): string {
  const to = join(folder, `${Date.now()}-${Math.round(performance.now())}.${ending}`);
  const format = { xls: "Gnumeric_Excel:excel_biff8", xlsx: "Gnumeric_Excel:xlsx2", csv: "Gnumeric_stf:stf_csv" }[
    ending
  ];
  execFileSync("ssconvert", ["-T", String(format), from, to], { stdio: "pipe" });
  return to;
}
const fileAt = (path: string) => ({ name: path, bytes: new Uint8Array(readFileSync(path)) });

describe.each(["xls", "xlsx"])("a workbook as .%s", (ending) => {
  it("of meters is imported as Gnumeric wrote it: numbers for texts, zeros lost, letters of any language", async () => {
    const source = join(folder, "meters.csv");
    writeFileSync(
      source,
      [
        "interface,SECONDARYADDRESS,Position,AddressingMode,PrimaryAddress,Manufacturer,Version,Type,BaudRate",
        'bus,00012345,"Küche, Öl & Gas",secondary,,ELV,1,7,',
        "bus,,Flat 3,primary,17,,,,",
        'bus,12345678,"a ""b"" c",secondary,,KAM,8,4,',
      ].join("\n"),
    );
    const { service, list } = await listFixture();
    const report = valueFrom(await service.importFile(admin, fileAt(convert(source, ending)), {}));
    expect(report).toMatchObject({ added: 3, bad: 0, isTaken: true });
    expect([...list.devices()].map(({ row }) => [row.secondaryAddress, row.primaryAddress, row.position])).toEqual([
      // Whole address as on the wire: ELV is 1596h, KAM 2C2Dh, low byte first; version and medium behind it.
      ["0001234596150107", undefined, "Küche, Öl & Gas"],
      [undefined, 17, "Flat 3"],
      ["123456782D2C0804", undefined, 'a "b" c'],
    ]);
  });

  it("of keys is imported with -1 and * for all", async () => {
    const source = join(folder, "keys.csv");
    const key = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    writeFileSync(
      source,
      `Address,Key,Manufacturer,DeviceType,Version\n00012345,${key},ELV,7,1\n-1,${key.replace("0a", "ff")},*,-1,-1\n`,
    );
    const { keyService } = await listFixture();
    const report = valueFrom(await keyService.importFile(admin, fileAt(convert(source, ending)), {}));
    expect(report).toMatchObject({ added: 2, bad: 0 });
    expect(valueFrom(keyService.list(admin, { limit: 10 })).keys).toMatchObject([
      { address: "00012345", manufacturer: "ELV", deviceType: 7, version: 1 },
      { address: undefined, manufacturer: undefined, deviceType: undefined, version: undefined },
    ]);
  });

  it("that the gateway exports is read by Gnumeric, cell by cell", async () => {
    const { service } = await listFixture();
    valueFrom(
      await service.add(admin, { interfaceName: "bus", secondaryAddress: "00345678", position: "Küche; 2. Stock" }),
    );
    const path = join(folder, `export.${ending}`);
    writeFileSync(path, valueFrom(await service.exportFile(admin, ending as "xls" | "xlsx")).bytes);
    const [header = "", first = ""] = readFileSync(convert(path, "csv"), "utf8").split("\n");
    const cells = Object.fromEntries(header.split(",").map((name, index) => [name, first.split(",")[index]]));
    expect(cells).toMatchObject({
      ...{ Position: '"Küche; 2. Stock"', SecondaryAddress: "00345678", Interface: "bus", BaudRate: "2400" },
      ...{ AddressingMode: "secondary", State: "active" },
    });
  });
});

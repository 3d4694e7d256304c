import { utils, write } from "@e965/xlsx";
import { describe, expect, it } from "vitest";
import { readFile } from "../../../src/services/tables/index.js";
import { admin, listFixture, refusalOf, valueFrom, viewer } from "./list-fixture.js";

const csv = (text: string) => ({ name: "meters.csv", bytes: new TextEncoder().encode(text) });

describe("a meter file", () => {
  it("of the manual's columns is taken over: semicolons, any case, esecundary", async () => {
    const { service, list, records } = await listFixture();
    const text =
      "position;SECONDARYADDRESS;BaudRate;addressingMode;PrimaryAddress;EnhancedAddress\r\n" +
      "Flat 1;12345678;2400;Secondary;;\r\n" +
      "Flat 2;00000002;300;PRIMARY;5;\r\n" +
      "Flat 3;33225544;2400;esecundary;0;62000997\r\n";
    const options = { defaultInterface: "bus" };
    const report = valueFrom(await service.importFile(admin, csv(text), options));
    expect(report).toMatchObject({
      rows: 3,
      added: 3,
      bad: 0,
      isTaken: true,
      read: "CSV, separator ;, encoding UTF-8",
    });
    expect([...list.devices()].map(({ row }) => row)).toMatchObject([
      { sap: 16, position: "Flat 1", secondaryAddress: "12345678", addressingMode: "secondary", interfaceName: "bus" },
      { sap: 17, secondaryAddress: "00000002", primaryAddress: 5, baudRate: 300, addressingMode: "primary" },
      { sap: 18, addressingMode: "esecondary", receiver: "62000997" },
    ]);
    expect(records).toMatchObject([{ action: "meters.import", target: "meters.csv", isRefused: false }]);
    const again = valueFrom(await service.importFile(admin, csv(text), options));
    expect(again).toMatchObject({ added: 0, changed: 0, unchanged: 3 });
  });

  it("in CP1252 with tabs, or with commas and quotation marks, reads the same", async () => {
    // "Küche;€" in CP1252: ü is FC, € is 80.
    const head = Buffer.from("Position\tSecondaryAddress\tInterface\n", "latin1");
    const row = Buffer.concat([
      Buffer.from([0x4b, 0xfc, 0x63, 0x68, 0x65, 0x20, 0x80]),
      Buffer.from("\t12345678\tbus\n"),
    ]);
    const read = await readFile(Buffer.concat([head, row]));
    expect(read).toMatchObject({
      ok: true,
      value: {
        read: "CSV, separator tab, encoding CP1252",
        rows: [{ line: 2, cells: ["Küche €", "12345678", "bus"] }],
      },
    });
    const quoted = await readFile(
      Buffer.from('Position,SecondaryAddress\r\n"two\r\nlines, one cell",1\r\nthird,2\r\n'),
    );
    expect(quoted).toMatchObject({ ok: true, value: { rows: [{ line: 2 }, { line: 4, cells: ["third", "2"] }] } });
  });

  it("tells of each bad row its line, column and reason, and takes nothing or, asked for, the good rows", async () => {
    const { service, list } = await listFixture();
    const text =
      "Position,SecondaryAddress,PrimaryAddress,AddressingMode,BaudRate,Interface\n" +
      "good,11111111,,secondary,2400,bus\n" +
      "short,1234567,,secondary,2400,bus\n" +
      "none,,251,primary,2400,bus\n" +
      "\n" +
      "where,22222222,,tertiary,2400,roof\n" +
      "twice,11111111,,secondary,2400,bus\n" +
      "fast,33333333,,secondary,1234,bus\n" +
      "fixed,44444444,,secondary,300,far\n";
    const whole = valueFrom(await service.importFile(admin, csv(text), {}));
    expect(whole).toMatchObject({ rows: 7, bad: 6, added: 1, isTaken: false });
    expect(whole.problems.map(({ line, column, reason }) => [line, column, reason])).toEqual([
      [3, "SecondaryAddress", '"1234567": 8 or 16 hex digits are wanted; were zeros at its beginning lost?'],
      [
        4,
        "PrimaryAddress",
        "251: a whole number from 0 to 250 is wanted (251 to 255 have meanings of their own on the bus)",
      ],
      [6, "AddressingMode", '"tertiary": primary, secondary, esecondary or wireless is wanted'],
      [7, undefined, "the meter of line 2 again; take one of the two rows out"],
      [8, "BaudRate", "1234: one of 300, 600, 1200, 2400, 4800, 9600, 19200, 38400 is wanted"],
      [9, "BaudRate", '300: the line "far" cannot change its rate, which is 2400'],
    ]);
    expect([...list.devices()]).toHaveLength(0);
    expect(valueFrom(await service.importFile(admin, csv(text), { take: "goodRows" }))).toMatchObject({
      isTaken: true,
    });
    expect([...list.devices()].map(({ row }) => row.position)).toEqual(["good"]);
  });

  it("says in a dry run what it would change, and changes nothing", async () => {
    const { service, list } = await listFixture();
    valueFrom(
      await service.add(admin, {
        interfaceName: "bus",
        secondaryAddress: "12345678",
        manufacturer: "KAM",
        position: "old",
      }),
    );
    const text = "Position;SecondaryAddress;Interface;TelegramLimit\nnew;12345678;bus;3\nother;87654321;bus;\n";
    const report = valueFrom(await service.importFile(admin, csv(text), { dryRun: true }));
    expect(report).toMatchObject({ added: 1, changed: 1, isTaken: false });
    expect(report.differences).toEqual([
      {
        line: 2,
        kind: "changed",
        subject: "sap16",
        fields: [
          { field: "Position", from: "old", to: "new" },
          { field: "TelegramLimit", from: "", to: "3" },
        ],
      },
      { line: 3, kind: "added", subject: "87654321", fields: [] },
    ]);
    expect([...list.devices()].map(({ row }) => row.position)).toEqual(["old"]);
    valueFrom(await service.importFile(admin, csv(text), {}));
    expect([...list.devices()].map(({ row }) => row)).toMatchObject([
      { position: "new", secondaryAddress: "123456782D2CFFFF", mbus: { telegramLimit: 3 } },
      { position: "other" },
    ]);
  });

  for (const [bookType, ending] of [
    ["biff8", "xls"],
    ["xlsx", "xlsx"],
  ] as const) {
    it(`as .${ending} keeps zeros that a workbook's numbers lost`, async () => {
      const sheet = utils.aoa_to_sheet([
        [],
        ["SecondaryAddress", "Position", "AddressingMode", "Interface", "Comment"],
        [1234567, "=1+1 is text", "secondary", "bus", "x"],
      ]);
      const book = utils.book_new();
      utils.book_append_sheet(book, sheet, "Meters");
      const bytes = new Uint8Array(write(book, { type: "buffer", bookType }) as Uint8Array);
      const { service, list } = await listFixture();
      const report = valueFrom(await service.importFile(admin, { name: `m.${ending}`, bytes }, {}));
      expect(report).toMatchObject({ added: 1, ignoredColumns: ["Comment"], isTaken: true });
      expect([...list.devices()].map(({ row }) => [row.secondaryAddress, row.position])).toEqual([
        ["01234567", "=1+1 is text"],
      ]);
    });
  }

  it("tells meters of the same digits apart by what follows them, and takes no row that is cut in pieces", async () => {
    const { service, list } = await listFixture();
    const text = [
      "SecondaryAddress;Manufacturer;Version;Type;Interface;Position",
      "44440001;ELV;1;7;bus;one",
      "44440001;KAM;1;7;bus;two",
      "44440001;KAM;;;bus;the second again",
      "44440002;;;;bus;Flat 3; left",
      "44440003;;;;bus;three;",
    ].join("\n");
    const report = valueFrom(await service.importFile(admin, csv(text), { take: "goodRows" }));
    expect(report).toMatchObject({ added: 3, bad: 2 });
    expect(report.problems).toEqual([
      { line: 4, column: undefined, reason: "the meter of line 3 again; take one of the two rows out" },
      { line: 5, column: undefined, reason: expect.stringContaining("7 fields, but the first row names 6") },
    ]);
    expect([...list.devices()].map(({ row }) => [row.secondaryAddress, row.position])).toEqual([
      ["4444000196150107", "one"],
      ["444400012D2C0107", "two"],
      ["44440003", "three"],
    ]);
    const again = valueFrom(await service.exportFile(admin, "csv"));
    expect(valueFrom(await service.importFile(admin, again, {}))).toMatchObject({ unchanged: 3, bad: 0 });
  });

  it("written in each format is read again as the same list", async () => {
    const { service } = await listFixture();
    const meters = [
      {
        interfaceName: "bus",
        secondaryAddress: "00345678",
        position: "=HYPERLINK(1)",
        mbus: { multiTelegram: "auto" as const },
      },
      { interfaceName: "bus", primaryAddress: 7, position: 'a;b "c"', state: "passive" as const },
      { interfaceName: "air", secondaryAddress: "12345678", manufacturer: "KAM", version: 27, type: 22 },
    ];
    for (const meter of meters) valueFrom(await service.add(admin, meter));
    for (const format of ["csv", "xls", "xlsx"] as const) {
      const file = valueFrom(await service.exportFile(admin, format));
      // Row 54: mode and rate of each, also where they are those of its bus.
      if (format === "csv") expect(Buffer.from(file.bytes).toString()).toContain(";2400;secondary;");
      const report = valueFrom(await service.importFile(admin, file, {}));
      expect(report).toMatchObject({ rows: 3, unchanged: 3, bad: 0 });
    }
    const { service: empty } = await listFixture();
    const example = valueFrom(await empty.example(admin, "csv"));
    expect(valueFrom(await empty.importFile(admin, example, {}))).toMatchObject({ rows: 5, added: 5, bad: 0 });
  });

  it("that is none, names no columns or comes without the right is refused in words", async () => {
    const { service, records } = await listFixture();
    const foreign = { name: "picture.png", bytes: Uint8Array.of(0x89, 0x50, 0, 0, 1, 2, 3) };
    expect(refusalOf(await service.importFile(admin, foreign, {}))).toContain("a CSV, .xls or .xlsx file is wanted");
    expect(refusalOf(await service.importFile(admin, csv("a;b\n1;2\n"), {}))).toContain("must name the columns");
    const cut = { name: "m.xlsx", bytes: Uint8Array.of(0x50, 0x4b, 3, 4, 9, 9) };
    expect(refusalOf(await service.importFile(admin, cut, {}))).toContain("cut short");
    expect(refusalOf(await service.importFile(viewer, csv("x"), {}))).toContain("denied");
    expect(records.at(-1)).toMatchObject({ action: "meters.import", isRefused: true });
  });
});

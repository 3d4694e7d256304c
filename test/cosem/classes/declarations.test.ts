/** What follows from a declaration: types of values for the compiler and for the wire, indexes, and instances. */
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type AttributeValue,
  attribute,
  type CosemDateTime,
  createObject,
  type Data,
  decodeData,
  defineInterfaceClass,
  encodeData,
  fromHex,
  type LogicalName,
  logicalName,
  MbusClient,
  type MethodParameters,
  type MethodResult,
  PushSetup,
  pushRestriction,
  SecuritySetup,
  toHex,
  types,
} from "../../../cosem/index.js";

const { logicalNameType } = types;

describe("a declaration", () => {
  it("gives the JavaScript types of attributes", () => {
    expectTypeOf<AttributeValue<typeof PushSetup, "logicalName">>().toEqualTypeOf<LogicalName>();
    expectTypeOf<AttributeValue<typeof PushSetup, "numberOfRetries">>().toEqualTypeOf<number>();
    expectTypeOf<AttributeValue<typeof PushSetup, "pushOperationMethod">>().toEqualTypeOf<0 | 1 | 2>();
    expectTypeOf<AttributeValue<typeof PushSetup, "lastConfirmationDateTime">>().toEqualTypeOf<CosemDateTime>();
    type PushObject = AttributeValue<typeof PushSetup, "pushObjectList">[number];
    expectTypeOf<PushObject["columns"][number]["logicalName"]>().toEqualTypeOf<LogicalName>();
    expectTypeOf<PushObject["restriction"]["value"]["choice"]>().toEqualTypeOf<"none" | "byDate" | "byEntry">();
    expectTypeOf<AttributeValue<typeof SecuritySetup, "certificates">[number]["issuer"]>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<AttributeValue<typeof MbusClient, "captureDefinition">>().toEqualTypeOf<
      readonly { readonly dataInformationBlock: Uint8Array; readonly valueInformationBlock: Uint8Array }[]
    >();
  });

  it("gives the types of method parameters and results", () => {
    expectTypeOf<MethodParameters<typeof SecuritySetup, "generateCertificateRequest">>().toEqualTypeOf<0 | 1 | 2>();
    expectTypeOf<MethodResult<typeof SecuritySetup, "generateCertificateRequest">>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<MethodResult<typeof SecuritySetup, "importCertificate">>().toEqualTypeOf<undefined>();
    expectTypeOf<MethodParameters<typeof MbusClient, "dataSend">[number]["data"]>().toEqualTypeOf<Data>();
  });

  /** DLMS.md (b): attribute counts. */
  it.each([
    [PushSetup, 13, 2],
    [SecuritySetup, 6, 8],
    [MbusClient, 14, 8],
  ] as const)("lists attributes and methods by index without gaps", (interfaceClass, attributes, methods) => {
    const indexes = (list: readonly unknown[]) => [...list.keys()].filter((index) => list[index] !== undefined);
    expect(indexes(interfaceClass.attributeAt)).toEqual(Array.from({ length: attributes }, (_, index) => index + 1));
    expect(indexes(interfaceClass.methodAt)).toEqual(Array.from({ length: methods }, (_, index) => index + 1));
    expect(Object.isFrozen(interfaceClass)).toBe(true);
  });

  it("carries its values through A-XDR: send_destination_and_method as written by hand", () => {
    const { type } = PushSetup.attributes.sendDestinationAndMethod;
    const value = { transportService: 0, destination: fromHex("3132372e302e302e313a34303630"), message: 0 };
    const hex = "02031600090e3132372e302e302e313a343036301600";
    expect(toHex(encodeData(type.toData(value)))).toBe(hex);
    expect(type.fromData(decodeData(fromHex(hex)))).toEqual(value);
  });

  it("tells the alternatives of a restriction apart by their types", () => {
    const value = (hex: string) => pushRestriction.fromData(decodeData(fromHex(hex))).value;
    expect(value("0202160000")).toEqual({ choice: "none", value: null });
    expect(value("020216020202060000000106000000ff")).toEqual({
      choice: "byEntry",
      value: { fromEntry: 1, toEntry: 255 },
    });
    expect(value("020216010202090101090102").choice).toBe("byDate");
  });

  it("types the handlers of an instance", () => {
    const client = createObject(MbusClient, logicalName("0-1:24.1.0*255"), {
      attributes: {
        mbusPortReference: logicalName("0-0:24.6.0*255"),
        captureDefinition: [],
        capturePeriod: 900,
        primaryAddress: { get: () => 1 },
        identificationNumber: 0x12345678,
        manufacturerId: 0x2c2d,
        version: 8,
        deviceType: 4,
        accessNumber: { get: () => 3 },
        status: 0,
        alarm: 0,
        configuration: 0,
        encryptionKeyStatus: 0,
      },
      methods: {
        slaveInstall: (primaryAddress) => {
          expectTypeOf(primaryAddress).toEqualTypeOf<number>();
          return undefined;
        },
      },
    });
    expect(client.offer?.attributes[5]).toBe(1);
    expect(client.offer?.methods[1]).toBe(1);
    expect(client.offer?.methods[2]).toBeUndefined();
  });

  it("is refused where two attributes share an index, or the first is not the logical name", () => {
    const first = attribute(1, logicalNameType, { access: "get" });
    const declare = (attributes: Record<string, typeof first>) => () =>
      defineInterfaceClass({ name: "X", classId: 9000, version: 0, attributes, methods: {} });
    expect(declare({ logicalName: first, other: first })).toThrow(RangeError);
    expect(declare({ other: first })).toThrow(RangeError);
  });
});

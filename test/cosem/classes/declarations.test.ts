/**
 * The declaration format carries classes beyond those served today: Push setup, Security setup and M-Bus client are
 * declared here in full, and the types of their values are checked by the compiler and at run time.
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type AttributeValue,
  attribute,
  type CosemDateTime,
  captureObjectDefinition,
  createObject,
  type Data,
  decodeData,
  defineInterfaceClass,
  encodeData,
  fromHex,
  type LogicalName,
  logicalName,
  type MethodParameters,
  type MethodResult,
  method,
  toHex,
  types,
} from "../../../cosem/index.js";

const {
  anyData,
  array,
  choice,
  dateTimeType,
  doubleLongUnsigned,
  enumCode,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  nullType,
  octetString,
  structure,
  unsigned,
} = types;

const restriction = structure({
  restrictionType: enumeration({ none: 0, byDate: 1, byEntry: 2 }),
  restrictionValue: choice({
    none: nullType,
    byDate: structure({ fromDate: octetString(), toDate: octetString() }),
    byEntry: structure({ fromEntry: doubleLongUnsigned, toEntry: doubleLongUnsigned }),
  }),
});

const protectionParameters = structure({
  protectionType: enumeration({ authentication: 1, encryption: 2, authenticatedEncryption: 3, signature: 4 }),
  protectionOptions: structure({
    transactionId: octetString(),
    originatorSystemTitle: octetString(),
    recipientSystemTitle: octetString(),
    otherInformation: octetString(),
    keyInfo: structure({
      keyInfoType: enumeration({ identified: 0, wrapped: 1, agreed: 2 }),
      keyInfoOptions: choice({
        identified: enumCode,
        wrapped: structure({ kekId: enumCode, keyCipheredData: octetString() }),
        agreed: structure({ keyParameters: octetString(), keyCipheredData: octetString() }),
      }),
    }),
  }),
});

const PushSetup = defineInterfaceClass({
  name: "Push setup",
  classId: 40,
  version: 2,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    pushObjectList: attribute(
      2,
      array(
        structure({
          classId: longUnsigned,
          logicalName: logicalNameType,
          attributeIndex: integer,
          dataIndex: longUnsigned,
          restriction,
          columns: array(captureObjectDefinition),
        }),
      ),
      { access: "getSet" },
    ),
    sendDestinationAndMethod: attribute(
      3,
      structure({ transportService: enumCode, destination: octetString(), message: enumCode }),
      { access: "getSet" },
    ),
    communicationWindow: attribute(4, array(structure({ startTime: dateTimeType, endTime: dateTimeType })), {
      access: "getSet",
    }),
    randomisationStartInterval: attribute(5, longUnsigned, { access: "getSet" }),
    numberOfRetries: attribute(6, unsigned, { access: "getSet" }),
    repetitionDelay: attribute(
      7,
      structure({
        repetitionDelayMin: longUnsigned,
        repetitionDelayExponent: longUnsigned,
        repetitionDelayMax: longUnsigned,
      }),
      { access: "getSet" },
    ),
    portReference: attribute(8, logicalNameType, { access: "getSet" }),
    pushClientSap: attribute(9, integer, { access: "getSet" }),
    pushProtectionParameters: attribute(10, array(protectionParameters), { access: "getSet" }),
    pushOperationMethod: attribute(
      11,
      enumeration({ unconfirmedRetryOnFailure: 0, unconfirmedRetryOnMissing: 1, confirmed: 2 }),
      { access: "getSet" },
    ),
    confirmationParameters: attribute(
      12,
      structure({ confirmationStartDate: dateTimeType, confirmationInterval: doubleLongUnsigned }),
      { access: "getSet" },
    ),
    lastConfirmationDateTime: attribute(13, dateTimeType, { access: "get", dynamic: true }),
  },
  methods: { push: method(1, integer), reset: method(2, integer) },
});

const keyData = array(structure({ keyId: enumCode, keyData: octetString() }));

const SecuritySetup = defineInterfaceClass({
  name: "Security setup",
  classId: 64,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    securityPolicy: attribute(2, enumCode, { access: "get" }),
    securitySuite: attribute(3, enumeration({ suite0: 0, suite1: 1, suite2: 2 }), { access: "get" }),
    clientSystemTitle: attribute(4, octetString(), { access: "get", dynamic: true }),
    serverSystemTitle: attribute(5, octetString(8), { access: "get" }),
    certificates: attribute(
      6,
      array(
        structure({
          certificateEntity: enumeration({ server: 0, client: 1, certificationAuthority: 2, other: 3 }),
          certificateType: enumeration({ digitalSignature: 0, keyAgreement: 1, tls: 2, other: 3 }),
          serialNumber: octetString(),
          issuer: octetString(),
          subject: octetString(),
          subjectAltName: octetString(),
        }),
      ),
      { access: "get", dynamic: true },
    ),
  },
  methods: {
    securityActivate: method(1, enumCode),
    keyTransfer: method(2, array(structure({ keyId: enumCode, keyWrapped: octetString() }))),
    keyAgreement: method(3, keyData, keyData),
    generateKeyPair: method(4, enumCode),
    generateCertificateRequest: method(5, enumCode, octetString()),
    importCertificate: method(6, octetString()),
    exportCertificate: method(
      7,
      structure({
        certificateIdentificationType: enumeration({ entity: 0, serialNumber: 1 }),
        certificateIdentificationOptions: choice({
          entity: structure({ entity: enumCode, type: enumCode, systemTitle: octetString() }),
          serialNumber: structure({ serialNumber: octetString(), issuer: octetString() }),
        }),
      }),
      octetString(),
    ),
    removeCertificate: method(8, anyData),
  },
});

const MBusClient = defineInterfaceClass({
  name: "M-Bus client",
  classId: 72,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    mbusPortReference: attribute(2, logicalNameType, { access: "getSet" }),
    captureDefinition: attribute(
      3,
      array(structure({ dataInformationBlock: octetString(), valueInformationBlock: octetString() })),
      { access: "getSet" },
    ),
    capturePeriod: attribute(4, doubleLongUnsigned, { access: "getSet" }),
    primaryAddress: attribute(5, unsigned, { access: "getSet", dynamic: true }),
    identificationNumber: attribute(6, doubleLongUnsigned, { access: "getSet", dynamic: true }),
    manufacturerId: attribute(7, longUnsigned, { access: "getSet", dynamic: true }),
    version: attribute(8, unsigned, { access: "getSet", dynamic: true }),
    deviceType: attribute(9, unsigned, { access: "getSet", dynamic: true }),
    accessNumber: attribute(10, unsigned, { access: "get", dynamic: true }),
    status: attribute(11, unsigned, { access: "get", dynamic: true }),
    alarm: attribute(12, unsigned, { access: "get", dynamic: true }),
    configuration: attribute(13, longUnsigned, { access: "get", dynamic: true }),
    encryptionKeyStatus: attribute(
      14,
      enumeration({
        noEncryptionKey: 0,
        encryptionKeySet: 1,
        encryptionKeyTransferred: 2,
        encryptionKeySetAndTransferred: 3,
        encryptionKeyInUse: 4,
      }),
      { access: "get", dynamic: true },
    ),
  },
  methods: {
    slaveInstall: method(1, unsigned),
    slaveDeinstall: method(2, integer),
    capture: method(3, integer),
    resetAlarm: method(4, integer),
    synchronizeClock: method(5, integer),
    dataSend: method(
      6,
      array(structure({ dataInformationBlock: octetString(), valueInformationBlock: octetString(), data: anyData })),
    ),
    setEncryptionKey: method(7, octetString()),
    transferKey: method(8, octetString()),
  },
});

describe("a declaration", () => {
  it("gives the JavaScript types of attributes", () => {
    expectTypeOf<AttributeValue<typeof PushSetup, "logicalName">>().toEqualTypeOf<LogicalName>();
    expectTypeOf<AttributeValue<typeof PushSetup, "numberOfRetries">>().toEqualTypeOf<number>();
    expectTypeOf<AttributeValue<typeof PushSetup, "pushOperationMethod">>().toEqualTypeOf<0 | 1 | 2>();
    expectTypeOf<AttributeValue<typeof PushSetup, "lastConfirmationDateTime">>().toEqualTypeOf<CosemDateTime>();
    type PushObject = AttributeValue<typeof PushSetup, "pushObjectList">[number];
    expectTypeOf<PushObject["columns"][number]["logicalName"]>().toEqualTypeOf<LogicalName>();
    expectTypeOf<PushObject["restriction"]["restrictionValue"]["choice"]>().toEqualTypeOf<
      "none" | "byDate" | "byEntry"
    >();
    expectTypeOf<AttributeValue<typeof SecuritySetup, "certificates">[number]["issuer"]>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<AttributeValue<typeof MBusClient, "captureDefinition">>().toEqualTypeOf<
      readonly { readonly dataInformationBlock: Uint8Array; readonly valueInformationBlock: Uint8Array }[]
    >();
  });

  it("gives the types of method parameters and results", () => {
    expectTypeOf<MethodParameters<typeof SecuritySetup, "generateCertificateRequest">>().toEqualTypeOf<number>();
    expectTypeOf<MethodResult<typeof SecuritySetup, "generateCertificateRequest">>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<MethodResult<typeof SecuritySetup, "importCertificate">>().toEqualTypeOf<undefined>();
    expectTypeOf<MethodParameters<typeof MBusClient, "dataSend">[number]["data"]>().toEqualTypeOf<Data>();
  });

  /** DLMS.md (b): attribute counts. */
  it.each([
    [PushSetup, 13, 2],
    [SecuritySetup, 6, 8],
    [MBusClient, 14, 8],
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
    const value = (hex: string) => restriction.fromData(decodeData(fromHex(hex))).restrictionValue;
    expect(value("0202160000")).toEqual({ choice: "none", value: null });
    expect(value("020216020202060000000106000000ff")).toEqual({
      choice: "byEntry",
      value: { fromEntry: 1, toEntry: 255 },
    });
    expect(value("020216010202090101090102").choice).toBe("byDate");
  });

  it("types the handlers of an instance", () => {
    const client = createObject(MBusClient, logicalName("0-1:24.1.0*255"), {
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

/**
 * Values of attributes and method parameters as they stand on the wire: written by hand after IEC 62056-6-2. Each is read, written again to the same bytes, shown as JSON and read from it.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classById, decodeData, encodeData, fromHex, interfaceClasses, toHex, types } from "../../../cosem/index.js";

const scriptA = "0202090600000a006cff120001";

type Vector = readonly [key: string, member: string, hex: string, json?: unknown];

/** JSON undefined: the value is of any type, which JSON shows bare. */
const vectors: readonly Vector[] = [
  ["4/0", "captureTime", "090c07ea0b16070b000000ffc400"],
  ["5/0", "startTimeCurrent", "090c07ea0b16070b000000ffc400"],
  ["5/0", "period", "0600000384", 900],
  ["9/0", "scripts", "01010202120001010102051602120046090600006003 0aff0f010f00"],
  ["9/0", "execute", "120001", 1],
  // From test/transcripts/sn.json, read-association-object-list.
  [
    "12/0",
    "objectList",
    "0102" + "020410fa0012000c110009060000280000ff" + "0204100200120003110009060800010000ff",
    [
      { baseName: -1536, classId: 12, version: 0, logicalName: "0-0:40.0.0*255" },
      { baseName: 512, classId: 3, version: 0, logicalName: "8-0:1.0.0*255" },
    ],
  ],
  ["12/1", "accessRightsList", "0101" + "0203100200" + "01010203" + "0f0216010101" + "0f02" + "01010202" + "0f010301"],
  [
    "12/2",
    "accessRightsList",
    "0101" + "0203100200" + "01020203" + "0f01160100" + "0203" + "0f0216040101" + "0f01" + "01010202" + "0f011602",
  ],
  ["12/3", "accessRightsList", "0101" + "0203100200" + "0100" + "0100"],
  ["12/3", "userList", "0101" + "02021101" + "0a024142"],
  ["12/4", "accessRightsList", "0101" + "0203100200" + "01010203" + "0f02160d00" + "01010202" + "0f011645"],
  ["12/2", "readByLogicalname", "0101" + "0203120003" + "09060800010000ff" + "0f02"],
  ["17/0", "sapAssignmentList", "0101020212000109084c44303030303031", [{ sap: 1, logicalDeviceName: "LD000001" }]],
  ["18/0", "imageTransferredBlocksStatus", "040af6c0", "1111011011"],
  [
    "18/0",
    "imageToActivateInfo",
    "010102030600010000090441424344090201ff",
    [{ size: 65536, identification: "41424344", signature: "01ff" }],
  ],
  ["18/0", "imageTransferStatus", "1601", "initiated"],
  ["18/0", "imageTransferInitiate", "02020904414243440600010000", { imageIdentifier: "41424344", imageSize: 65536 }],
  ["18/0", "imageBlockTransfer", "020206000000030902beef", { imageBlockNumber: 3, imageBlockValue: "beef" }],
  ["19/1", "proposedBaud", "1605", "baud9600"],
  ["19/1", "deviceAddress", "09083132333435363738", "3132333435363738"],
  ["21/0", "thresholds", "010206000007d00600000fa0"],
  [
    "21/0",
    "monitoredValue",
    "020312000309060800010000ff0f02",
    { classId: 3, logicalName: "8-0:1.0.0*255", attributeIndex: 2 },
  ],
  [
    "21/0",
    "actions",
    `01010202${scriptA}${scriptA}`,
    [
      {
        actionUp: { scriptLogicalName: "0-0:10.0.108*255", scriptSelector: 1 },
        actionDown: { scriptLogicalName: "0-0:10.0.108*255", scriptSelector: 1 },
      },
    ],
  ],
  ["22/0", "executedScript", scriptA, { scriptLogicalName: "0-0:10.0.108*255", scriptSelector: 1 }],
  ["22/0", "type", "1601", "oneWithWildcards"],
  ["22/0", "executionTime", "010102020904ff0f00000905ffffffffff", [{ time: "ff0f0000", date: "ffffffffff" }]],
  ["23/1", "maxInfoFieldLengthTransmit", "120080", 128],
  ["25/0", "addressState", "1601", "assigned"],
  ["41/0", "tcpUdpPort", "120fdb", 4059],
  ["41/0", "ipReference", "0906000019 0100ff", "0-0:25.1.0*255"],
  ["42/0", "ipAddress", "06c0a80002", 3232235522],
  ["42/0", "multicastIpAddress", "010106e00000fb", [3758096635]],
  ["42/0", "ipOptions", "01010203118311030901ff", [{ type: 131, length: 3, data: "ff" }]],
  ["43/0", "macAddress", "0906020000000001", "020000000001"],
  ["44/0", "lcpOptions", "01010203110111041205dc"],
  ["44/0", "pppAuthentication", "020209047573657209027077", { userName: "75736572", password: "7077" }],
  ["44/0", "pppAuthentication", "02020904757365721105", { userName: "75736572", algorithmId: 5 }],
  [
    "45/0",
    "qualityOfService",
    "02020205110311041103110911 1f02051100110011001100110 0",
    {
      defaultQos: { precedence: 3, delay: 4, reliability: 3, peakThroughput: 9, meanThroughput: 31 },
      requestedQos: { precedence: 0, delay: 0, reliability: 0, peakThroughput: 0, meanThroughput: 0 },
    },
  ],
  [
    "47/1",
    "cellInfo",
    "020706000f4240120064111411001200f012000106 0000189c",
    {
      cellId: 1000000,
      locationId: 100,
      signalQuality: 20,
      bitErrorRate: 0,
      mobileCountryCode: 240,
      mobileNetworkCode: 1,
      channelNumber: 6300,
    },
  ],
  ["47/0", "cellInfo", "0204120001120064111411 00", { cellId: 1, locationId: 100, signalQuality: 20, bitErrorRate: 0 }],
  ["47/1", "adjacentCells", "0101020206000000031114", [{ cellId: 3, signalQuality: 20 }]],
  ["47/1", "captureTime", "1907ea0b16070b000000ffc400"],
  ["48/0", "unicastIpv6Addresses", `01010910fe80${"00".repeat(13)}01`, [`fe80${"00".repeat(13)}01`]],
  [
    "48/0",
    "neighborDiscoverySetup",
    "010102031103122710060000 0258",
    [{ rsMaxRetry: 3, rsRetryWaitTime: 10000, raSendPeriod: 600 }],
  ],
  [
    "48/0",
    "addIpv6Address",
    `020216010910ff02${"00".repeat(13)}01`,
    { addressType: "multicast", address: `ff02${"00".repeat(13)}01` },
  ],
  [
    "62/0",
    "captureObjects",
    "0101020412000309060800010000ff0f02120000",
    [{ classId: 3, logicalName: "8-0:1.0.0*255", attributeIndex: 2, dataIndex: 0 }],
  ],
  [
    "62/1",
    "captureObjects",
    "01010206120007090601006301 00ff0f02120000020216020202060000000106000000030100",
    [
      {
        classId: 7,
        logicalName: "1-0:99.1.0*255",
        attributeIndex: 2,
        dataIndex: 0,
        restriction: { restrictionType: "byEntry", restrictionValue: { fromEntry: 1, toEntry: 3 } },
        columns: [],
      },
    ],
  ],
  ["62/0", "captureMethod", "1601", "onRead"],
  ["63/0", "statusWord", "1104", 4],
  ["63/0", "statusWord", "0408a0", "10100000"],
  ["63/0", "mappingTable", "02021101120010", { refTableId: 1, refTableMapping: 16 }],
  ["63/0", "mappingTable", "020211010102120001120005", { refTableId: 1, refTableMapping: [1, 5] }],
  ["65/0", "changedParameter", "020412000309060800010000ff0f020600000005"],
  [
    "65/0",
    "parameterList",
    "0101020312000309060800010000ff0f02",
    [{ classId: 3, logicalName: "8-0:1.0.0*255", attributeIndex: 2 }],
  ],
  ["70/0", "controlState", "1602", "readyForReconnection"],
  ["70/0", "outputState", "0301", true],
  ["71/0", "emergencyProfile", "0203120001090c07ea0b16070b000000ffc400060000003c"],
  ["71/0", "actions", `0202${scriptA}${scriptA}`],
  [
    "72/1",
    "captureDefinition",
    "0101020209010c09020013",
    [{ dataInformationBlock: "0c", valueInformationBlock: "0013" }],
  ],
  ["72/0", "identificationNumber", "0612345678", 0x12345678],
  ["72/1", "encryptionKeyStatus", "1604", "encryptionKeyInUse"],
  ["72/1", "slaveInstall", "1105", 5],
  ["72/1", "dataSend", "010102030901060902fd17060000ffff"],
  ["72/1", "setEncryptionKey", `0910${"0f".repeat(16)}`, "0f".repeat(16)],
  ["73/1", "deviceAddress", "09020102", "0102"],
  ["74/0", "commSpeed", "1603", "baud2400"],
  ["76/0", "mbusDataHeaderType", "1602", "long"],
  [
    "76/0",
    "listeningWindow",
    `01010202090c${"ff".repeat(12)}090c${"ff".repeat(12)}`,
    [{ startTime: "ff".repeat(12), endTime: "ff".repeat(12) }],
  ],
  ["77/0", "linkStatus", "1601", "normal"],
  // Tag 19: the time stamps are date-time, not octet-string.
  ["77/0", "broadcastFramesCounter", "0101020311010600000002 1907ea0b16070b000000ffc400"],
  ["77/0", "captureTime", "0202110719 07ea0b16070b000000ffc400"],
  ["100/0", "serverAddress", "090c706f6f6c2e6e74702e6f7267", "pool.ntp.org"],
  ["100/0", "authenticationKeys", "010102020600000001090401020304", [{ keyId: 1, key: "01020304" }]],
  ["100/0", "addAuthenticationKey", "02020600000001090401020304", { keyId: 1, key: "01020304" }],
];

function typeOf(key: string, member: string): types.CosemType<unknown> {
  const [classId, version] = key.split("/").map(Number);
  const interfaceClass = classById(classId ?? 0, version);
  const type = interfaceClass?.attributes[member]?.type ?? interfaceClass?.methods[member]?.parameters;
  if (type === undefined) throw new Error(`${key} has no ${member}`);
  return type;
}

describe("values on the wire and in JSON", () => {
  it.each(vectors.map((vector) => ({ vector, title: vector.slice(0, 3).join(" ") })))("class $title", ({ vector }) => {
    const [key, member, hex, json] = vector;
    const type = typeOf(key, member);
    const bytes = fromHex(hex);
    const value = type.fromData(decodeData(bytes));
    expect(toHex(encodeData(type.toData(value)))).toBe(toHex(bytes));
    if (json === undefined) return;
    expect(type.toJson(value)).toEqual(json);
    expect(toHex(encodeData(type.toData(type.fromJson(json))))).toBe(toHex(bytes));
  });

  it("include every class that holds structures of its own", () => {
    const covered = new Set(vectors.map(([key]) => key));
    const elsewhere = [
      "1/0",
      "3/0",
      "7/1",
      "8/0",
      "15/0",
      "15/1",
      "15/2",
      "15/3",
      "40/0",
      "40/1",
      "40/2",
      "64/0",
      "64/1",
    ];
    const keys = interfaceClasses.map(({ classId, version }) => `${classId}/${version}`);
    expect(keys.filter((key) => !covered.has(key) && !elsewhere.includes(key))).toEqual([]);
  });
});

describe("every type of every class", () => {
  const all = interfaceClasses.flatMap((interfaceClass) => [
    ...Object.values(interfaceClass.attributes).map(({ type }) => type),
    ...Object.values(interfaceClass.methods).map(({ parameters }) => parameters),
  ]);

  function valueOrRefusal<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      expect([types.TypeUnmatched, types.ScopeOfAccessViolated]).toContain((error as Error).constructor);
      return undefined;
    }
  }

  it("gives a value or a refusal for any JSON, and the value has bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.jsonValue({ maxDepth: 3 }), (type, json) => {
        const value = valueOrRefusal(() => type.fromJson(json));
        if (value !== undefined && value !== null) encodeData(type.toData(value));
      }),
      { numRuns: 5000 },
    );
  });

  it("gives a value or a refusal for any bytes that are data", () => {
    const samples = vectors.map(([, , hex]) => fromHex(hex));
    const sample = fc.tuple(fc.constantFrom(...samples), fc.nat(80), fc.nat(255)).map(([bytes, at, byte]) => {
      const changed = Uint8Array.from(bytes);
      changed[at % changed.length] = byte;
      return changed;
    });
    fc.assert(
      fc.property(fc.constantFrom(...all), sample, (type, bytes) => {
        let data: ReturnType<typeof decodeData>;
        try {
          data = decodeData(bytes);
        } catch {
          return;
        }
        const value = valueOrRefusal(() => type.fromData(data));
        if (value !== undefined && value !== null) {
          type.toJson(value);
          type.toData(value);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

/** The logical device that answers in test/transcripts: objects, values and forced errors as those exchanges show them. */
import {
  type Association,
  attribute,
  Clock,
  type CosemObject,
  cosemDateTimeFromBytes,
  createAssociation,
  createAssociationObject,
  createKeyStore,
  createLogicalDevice,
  createMemoryProfile,
  createObject,
  createRegistry,
  createSapAssignment,
  createSecuritySetup,
  type Data,
  DataClass,
  decodeData,
  defineInterfaceClass,
  ExtendedRegister,
  emptyKeyStoreState,
  fromHex,
  type KeyStore,
  logicalName,
  method,
  type Refusal,
  Register,
  type Registry,
  refused,
  streamElements,
  types,
} from "../../cosem/index.js";

const { anyData, array, longUnsigned, logicalNameType, octetString, structure, doubleLongUnsigned } = types;

const attributeOf = (index: number) => attribute(index, anyData, { access: "get" });

const ScriptTable = defineInterfaceClass({
  name: "ScriptTable",
  classId: 9,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    scripts: attribute(2, array(anyData), { access: "get" }),
  },
  methods: { execute: method(1, longUnsigned) },
});

const ImageTransfer = defineInterfaceClass({
  name: "ImageTransfer",
  classId: 18,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    imageBlockSize: attributeOf(2),
    imageTransferredBlocksStatus: attributeOf(3),
    imageFirstNotTransferredBlockNumber: attributeOf(4),
    imageTransferEnabled: attributeOf(5),
    imageTransferStatus: attributeOf(6),
    imageToActivateInfo: attributeOf(7),
  },
  methods: {
    imageTransferInitiate: method(1, anyData),
    imageBlockTransfer: method(2, structure({ blockNumber: doubleLongUnsigned, blockValue: octetString() })),
    imageVerify: method(3, anyData),
    imageActivate: method(4, anyData),
  },
});

const dateTime = (hex: string) => cosemDateTimeFromBytes(fromHex(hex));
const doubleLong = (value: number): Data => ({ type: "double-long-unsigned", value });

const capturedObject = (classId: number, name: string) => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex: 2,
  dataIndex: 0,
});
const clockColumn = capturedObject(8, "0-0:1.0.0*255");

/** 2026-11-21, each hour: clock, a counter from 100000 by 125, another from 0 by 10. */
export const fixtureRows: readonly (readonly Data[])[] = Array.from({ length: 24 }, (_, hour) => [
  { type: "octet-string", value: fromHex(`07ea0b1506${hour.toString(16).padStart(2, "0")}000000ffc400`) },
  doubleLong(100_000 + 125 * hour),
  { type: "long-unsigned", value: 10 * hour },
]);

function dataObject(name: string, value: Data): CosemObject {
  return createObject(DataClass, logicalName(name), { attributes: { value } });
}

function forcedError(name: string, refusal: Refusal): CosemObject {
  return createObject(DataClass, logicalName(name), { attributes: { value: { get: () => refused[refusal] } } });
}

/** A value that may be written where it has the first one's type and `isPermitted`. */
function writable(name: string, first: Data, isPermitted: (value: Data) => boolean): CosemObject {
  let value = first;
  return createObject(DataClass, logicalName(name), {
    attributes: {
      value: {
        get: () => value,
        set: (next) => {
          if (next.type !== first.type) return refused.typeUnmatched;
          if (!isPermitted(next)) return refused.scopeOfAccessViolated;
          value = next;
          return undefined;
        },
      },
    },
  });
}

function clock(): CosemObject {
  let time = dateTime("07ea0b16070b000000ffc400");
  return createObject(Clock, logicalName("0-0:1.0.0*255"), {
    attributes: {
      time: {
        get: () => time,
        set: (value) => {
          time = value;
          return undefined;
        },
      },
      timeZone: -60,
      status: 0,
      daylightSavingsBegin: dateTime("ffff03fe07020000008000ff"),
      daylightSavingsEnd: dateTime("ffff0afe07030000008000ff"),
      daylightSavingsDeviation: 60,
      daylightSavingsEnabled: false,
      clockBase: 1,
    },
    methods: {
      adjustToQuarter: undefined,
      adjustToMeasuringPeriod: undefined,
      adjustToMinute: undefined,
      adjustToPresetTime: undefined,
      presetAdjustingTime: undefined,
      shiftTime: undefined,
    },
  });
}

function register(name: string, value: Data): CosemObject {
  return createObject(Register, logicalName(name), {
    attributes: { value, scalerUnit: { scaler: -3, unit: 13 } },
    methods: { reset: undefined },
  });
}

function extendedRegister(): CosemObject {
  return createObject(ExtendedRegister, logicalName("6-0:1.0.0*255"), {
    attributes: {
      value: { type: "long64-unsigned", value: 123456789012n },
      scalerUnit: { scaler: 3, unit: 30 },
      status: { type: "unsigned", value: 0 },
      captureTime: dateTime("07ea0b16070b000000ffc400"),
    },
    methods: { reset: undefined },
  });
}

/** @param isStreamed  whether the buffer comes as a stream even where it is short */
function profile(isStreamed: boolean): CosemObject {
  const inMemory = createMemoryProfile({
    logicalName: logicalName("1-0:99.1.0*255"),
    captureObjects: [clockColumn, capturedObject(3, "8-0:1.0.0*255"), capturedObject(3, "8-0:2.0.0*255")],
    capturePeriod: 900,
    sortMethod: 1,
    sortObject: clockColumn,
    profileEntries: 500,
    rows: fixtureRows,
    capture: () => undefined,
  });
  if (!isStreamed) return inMemory;
  return {
    ...inMemory,
    async read(attributeIndex, context) {
      const result = await inMemory.read(attributeIndex, context);
      if (!result.ok || result.value.type !== "array" || attributeIndex !== 2) return result;
      return { ok: true, value: streamElements(result.value.value, (row) => row) };
    },
  };
}

function scriptTable(): CosemObject {
  return createObject(ScriptTable, logicalName("0-0:10.0.106*255"), {
    attributes: { scripts: [] },
    methods: { execute: (script) => (script === 1 || script === 2 ? undefined : refused.scopeOfAccessViolated) },
  });
}

function imageTransfer(): CosemObject {
  return createObject(ImageTransfer, logicalName("0-0:44.0.0*255"), {
    attributes: {
      imageBlockSize: doubleLong(64),
      imageTransferredBlocksStatus: { type: "bit-string", value: { bytes: new Uint8Array(0), length: 0 } },
      imageFirstNotTransferredBlockNumber: doubleLong(0),
      imageTransferEnabled: { type: "boolean", value: true },
      imageTransferStatus: { type: "enum", value: 0 },
      imageToActivateInfo: { type: "array", value: [] },
    },
    methods: {
      imageTransferInitiate: () => undefined,
      imageBlockTransfer: () => undefined,
      imageVerify: () => undefined,
      imageActivate: () => undefined,
    },
  });
}

/** The real one, of whose methods the recorded server had the first two. */
function securitySetup(keyStore: () => KeyStore): CosemObject {
  const setup = createSecuritySetup({
    keyStore,
    serverSystemTitle: fromHex("45584d0000000001"),
    random: (count) => new Uint8Array(count),
    now: () => Date.parse("2026-11-22T10:00:00Z"),
  });
  const offer = setup.offer && { ...setup.offer, methods: setup.offer.methods.slice(0, 3) };
  return { ...setup, ...(offer === undefined ? {} : { offer }) };
}

export interface DlmsFixture {
  readonly registry: Registry;
  /** All rights that classes and instances give, for a client SAP. */
  association(clientSap: number): Association;
  /** What Security setup stands on; may be exchanged before a dialogue. */
  keyStore: KeyStore;
}

export function createDlmsFixture(
  options: { readonly isStreamed?: boolean; readonly counter?: number } = {},
): DlmsFixture {
  const registry = createRegistry({
    onListenerError: (error) => {
      throw error;
    },
  });
  const currentAssociation = createAssociationObject({ objectListSelectors: [] });
  const keys = { store: createKeyStore(emptyKeyStoreState(0)) };
  const objects = [
    currentAssociation,
    dataObject("0-0:42.0.0*255", decodeData(fromHex("091045584d30303030303030303030303031"))),
    createSapAssignment(registry),
    clock(),
    writable(
      "0-0:96.1.0*255",
      doubleLong(options.counter ?? 0),
      (value) => "value" in value && Number(value.value) <= 1_000_000,
    ),
    writable("0-0:96.1.1*255", { type: "octet-string", value: new Uint8Array(0) }, () => true),
    register("8-0:1.0.0*255", doubleLong(103_000)),
    register("8-0:2.0.0*255", { type: "long-unsigned", value: 240 }),
    extendedRegister(),
    profile(options.isStreamed === true),
    scriptTable(),
    imageTransfer(),
    securitySetup(() => keys.store),
    forcedError("0-0:96.50.1*255", "hardwareFault"),
    forcedError("0-0:96.50.2*255", "temporaryFailure"),
    forcedError("0-0:96.50.11*255", "objectUnavailable"),
    forcedError("0-0:96.50.250*255", "otherReason"),
  ];
  registry.addDevice(createLogicalDevice({ name: "EXM0000000000001", sap: 1, kind: "management", objects }));
  registry.addDevice(
    createLogicalDevice({ name: "EXM0000000000002", sap: 2, kind: "meter", objects: [currentAssociation] }),
  );
  return {
    registry,
    association: (clientSap) =>
      createAssociation({ name: `client ${clientSap}`, clientSap, rules: [{ access: "declared" }] }),
    get keyStore() {
      return keys.store;
    },
    set keyStore(store) {
      keys.store = store;
    },
  };
}

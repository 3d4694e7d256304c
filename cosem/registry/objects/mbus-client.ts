/**
 * The channel view of an M-Bus meter (class 72). Attributes are live; what the methods do to the bus, the meter list
 * and the keys is a port's.
 */
import {
  type CaptureDefinitionElement,
  type EncryptionKeyStatus,
  MbusClient,
  MbusClientV0,
  type MbusDataElement,
} from "../../classes/index.js";
import type { LogicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject, type ObjectHandlers } from "../object.js";
import { refused } from "../refused.js";

/** What can be read of a channel; everything 0 while no meter is installed on it. */
export interface MbusChannel {
  /** The M-Bus master port setup of its bus. */
  readonly mbusPortReference: LogicalName;
  readonly captureDefinition: readonly CaptureDefinitionElement[];
  /** Seconds. */
  readonly capturePeriod: number;
  readonly primaryAddress: number;
  /** BCD, eight digits. */
  readonly identificationNumber: number;
  readonly manufacturerId: number;
  readonly version: number;
  readonly deviceType: number;
  readonly accessNumber: number;
  /** Of the last telegram. */
  readonly status: number;
  readonly alarm: number;
  readonly configuration: number;
  readonly encryptionKeyStatus: EncryptionKeyStatus;
}

type Done = Answer<undefined | Refused>;

/** What a channel can be told. A method left out is listed without access. Answers come when the act is accepted. */
export interface MbusChannelActions {
  /** Puts a meter on the channel; 0: an address is found for it. */
  install?(primaryAddress: number, context: AccessContext): Done;
  deinstall?(context: AccessContext): Done;
  /** Reads the meter now, out of turn. */
  capture?(context: AccessContext): Done;
  resetAlarm?(context: AccessContext): Done;
  synchronizeClock?(context: AccessContext): Done;
  sendData?(records: readonly MbusDataElement[], context: AccessContext): Done;
  /** The key that the gateway deciphers with; undefined: the meter sends plain. */
  setEncryptionKey?(key: Uint8Array | undefined, context: AccessContext): Done;
  /** Sends the meter a new key, which comes wrapped under the key that meter and head-end share. */
  transferKey?(wrappedKey: Uint8Array, context: AccessContext): Done;
}

/** The attributes that may be written; one left out is read-only. */
export type MbusChannelSettings = {
  readonly [N in SettableName]?: (value: MbusChannel[N], context: AccessContext) => Done;
};

type SettableName =
  | "mbusPortReference"
  | "captureDefinition"
  | "capturePeriod"
  | "primaryAddress"
  | "identificationNumber"
  | "manufacturerId"
  | "version"
  | "deviceType";

export interface MbusClientParts {
  /** 0-b:24.1.0*255, b the channel. */
  readonly logicalName: LogicalName;
  /** Default: 1. */
  readonly version?: 0 | 1;
  channel(): MbusChannel;
  readonly actions: MbusChannelActions;
  readonly settings?: MbusChannelSettings;
}

const largestPrimaryAddress = 250;
const keyBytes = 16;
const largestBlockBytes = 11;
const mostRecords = 64;

export function createMbusClient(parts: MbusClientParts): CosemObject {
  const { actions, settings = {} } = parts;

  function live<N extends keyof MbusChannel>(name: N) {
    return { get: () => parts.channel()[name] };
  }

  function settable<N extends SettableName>(
    name: N,
    isPermitted: (value: MbusChannel[N]) => boolean = () => true,
  ): { readonly get: () => MbusChannel[N]; readonly set?: (value: MbusChannel[N], context: AccessContext) => Done } {
    const change = settings[name];
    if (change === undefined) return live(name);
    return {
      ...live(name),
      set: (value, context) => (isPermitted(value) ? change(value, context) : refused.scopeOfAccessViolated),
    };
  }

  const methods = methodsOf(actions);
  const attributes = {
    mbusPortReference: settable("mbusPortReference"),
    captureDefinition: settable(
      "captureDefinition",
      (list) => list.length <= mostRecords && list.every(isRecordHeader),
    ),
    capturePeriod: settable("capturePeriod"),
    primaryAddress: settable("primaryAddress", (address) => address <= largestPrimaryAddress),
    identificationNumber: settable("identificationNumber"),
    manufacturerId: settable("manufacturerId"),
    version: settable("version"),
    deviceType: settable("deviceType"),
    accessNumber: live("accessNumber"),
    status: live("status"),
    alarm: live("alarm"),
  };
  if (parts.version === 0) return createObject(MbusClientV0, parts.logicalName, { attributes, methods });
  return createObject(MbusClient, parts.logicalName, {
    attributes: {
      ...attributes,
      configuration: live("configuration"),
      encryptionKeyStatus: live("encryptionKeyStatus"),
    },
    methods,
  });
}

type Methods = NonNullable<ObjectHandlers<typeof MbusClient>["methods"]>;

function methodsOf(actions: MbusChannelActions): Methods {
  const { install, deinstall, capture, resetAlarm, synchronizeClock, sendData, setEncryptionKey, transferKey } =
    actions;
  return {
    slaveInstall:
      install &&
      ((address, context) =>
        address > largestPrimaryAddress ? refused.scopeOfAccessViolated : install.call(actions, address, context)),
    slaveDeinstall: deinstall && ((_, context) => deinstall.call(actions, context)),
    capture: capture && ((_, context) => capture.call(actions, context)),
    resetAlarm: resetAlarm && ((_, context) => resetAlarm.call(actions, context)),
    synchronizeClock: synchronizeClock && ((_, context) => synchronizeClock.call(actions, context)),
    dataSend:
      sendData &&
      ((records, context) => {
        const isSendable = records.length > 0 && records.length <= mostRecords && records.every(isRecordHeader);
        return isSendable ? sendData.call(actions, records, context) : refused.scopeOfAccessViolated;
      }),
    setEncryptionKey:
      setEncryptionKey &&
      ((key, context) => {
        if (key.length !== 0 && key.length !== keyBytes) return refused.scopeOfAccessViolated;
        return setEncryptionKey.call(actions, key.length === 0 ? undefined : key, context);
      }),
    transferKey:
      transferKey &&
      ((key, context) =>
        key.length === 0 || key.length > 255 ? refused.scopeOfAccessViolated : transferKey.call(actions, key, context)),
  };
}

/** DIF or VIF and at most ten extensions (EN 13757-3). */
function isRecordHeader(header: CaptureDefinitionElement): boolean {
  return [header.dataInformationBlock, header.valueInformationBlock].every(
    ({ length }) => length > 0 && length <= largestBlockBytes,
  );
}

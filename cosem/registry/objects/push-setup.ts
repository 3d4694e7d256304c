/**
 * Push setup: what is sent unasked, where to, when and how often. It sends nothing itself: the methods end at a port,
 * whose owner builds the body (readPushBody) and keeps the attempts (beginPush) over its clock.
 *
 * Nobody has sent what he may not read: a push object list is taken from a caller who can read each of its attributes.
 */
import {
  type CommunicationWindow,
  type ConfirmationParameters,
  isCommunicationWindow,
  type PushObject,
  type PushPlan,
  type PushProtection,
  PushSetup,
  PushSetupV0,
  PushSetupV1,
  pushOperationMethod,
  type SendDestinationAndMethod,
} from "../../classes/index.js";
import { CosemDateTime } from "../../model/cosem-date-time.js";
import { type LogicalName, logicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, LogicalDevice, Refused } from "../contract.js";
import { accessRead, accessRequestProtection } from "../contract.js";
import { createObject } from "../object.js";
import { refused } from "../refused.js";
import { whenAccepted } from "../when-accepted.js";

/** All settings in the form of the newest version. */
export interface PushSettings extends PushPlan {
  readonly pushObjectList: readonly PushObject[];
  readonly sendDestinationAndMethod: SendDestinationAndMethod;
  readonly portReference: LogicalName;
  readonly pushClientSap: number;
  readonly pushProtectionParameters: readonly PushProtection[];
  readonly confirmationParameters: ConfirmationParameters;
}

/** Where pushes are made. */
export interface PushPort {
  /** Begins a push with these settings; undefined: it has begun. What comes of it is the port's business. */
  push(push: { readonly settings: PushSettings; readonly device: LogicalDevice }): Answer<undefined | Refused>;
  /** Ends what is under way from this setup, and forgets the last confirmation. */
  reset(push: { readonly device: LogicalDevice }): Answer<undefined | Refused>;
  /** When the client last confirmed one; undefined: never. */
  lastConfirmation(device: LogicalDevice): CosemDateTime | undefined;
}

export interface PushSetupParts extends Partial<PushSettings> {
  /** Default: 1, which most head-ends read. */
  readonly version?: 0 | 1 | 2;
  readonly logicalName: LogicalName;
  /** Without it method 1 is listed and not allowed. */
  readonly port?: PushPort;
  /** Told of new settings before they hold; without it nothing can be written. */
  readonly changed?: (settings: PushSettings, context: AccessContext) => Answer<undefined | Refused>;
}

export interface PushSetupObject extends CosemObject {
  settings(): PushSettings;
  /** Pushes without a caller: a schedule, an event, a committed readout. */
  push(device: LogicalDevice): Answer<undefined | Refused>;
}

const unspecified = new CosemDateTime({});
const mostObjects = 128;
const mostWindows = 32;
const longestDestination = 256;
/** Above this a data index means parts of a buffer by time or count, which restrictions say better. */
const largestDataIndex = 0x0fff;

const emptySettings: PushSettings = {
  pushObjectList: [],
  sendDestinationAndMethod: { transportService: 0, destination: new Uint8Array(0), message: 0 },
  communicationWindow: [],
  randomisationStartInterval: 0,
  numberOfRetries: 0,
  repetitionDelay: { repetitionDelayMin: 0, repetitionDelayExponent: 100, repetitionDelayMax: 0 },
  portReference: logicalName("0-0:0.0.0*0"),
  pushClientSap: 0,
  pushProtectionParameters: [],
  pushOperationMethod: pushOperationMethod.unconfirmedRetryOnFailure,
  confirmationParameters: { confirmationStartDate: unspecified, confirmationInterval: 0 },
};

type Change = (part: Partial<PushSettings>, context: AccessContext) => Answer<undefined | Refused>;

export function createPushSetup(parts: PushSetupParts): PushSetupObject {
  const { version = 1, logicalName: name, port, changed } = parts;
  let settings = settingsOf(parts);

  function change(part: Partial<PushSettings>, context: AccessContext): Answer<undefined | Refused> {
    const refusal = refusalOf(part, context);
    if (refusal !== undefined) return refusal;
    const next = { ...settings, ...part };
    return whenAccepted(changed?.(next, context), () => {
      settings = next;
    });
  }

  const push = (device: LogicalDevice) => port?.push({ settings, device }) ?? undefined;
  const object = versionOf(version, name, {
    settings: () => settings,
    change: changed === undefined ? undefined : change,
    push: port === undefined ? undefined : (_, { device }) => push(device),
    reset: port === undefined ? undefined : (_, { device }) => port.reset({ device }),
    lastConfirmation: (device) => port?.lastConfirmation(device) ?? unspecified,
  });
  return {
    ...object,
    settings: () => settings,
    push: (device) => (port === undefined ? refused.readWriteDenied : push(device)),
  };
}

function settingsOf(parts: PushSetupParts): PushSettings {
  const { version: _version, logicalName: _name, port: _port, changed: _changed, ...given } = parts;
  return { ...emptySettings, ...given };
}

type Method = ((parameters: number, context: AccessContext) => Answer<undefined | Refused>) | undefined;

interface Behaviour {
  settings(): PushSettings;
  /** Undefined: nothing can be written. */
  readonly change: Change | undefined;
  readonly push: Method;
  readonly reset: Method;
  lastConfirmation(device: LogicalDevice): CosemDateTime;
}

function versionOf(version: 0 | 1 | 2, name: LogicalName, behaviour: Behaviour): CosemObject {
  const { push, reset, lastConfirmation } = behaviour;
  const member = memberOf(behaviour);
  const same = <N extends keyof PushSettings>(key: N) =>
    member<PushSettings[N]>(
      (settings) => settings[key],
      (value) => ({ [key]: value }),
    );
  const delivery = {
    sendDestinationAndMethod: same("sendDestinationAndMethod"),
    communicationWindow: same("communicationWindow"),
    randomisationStartInterval: same("randomisationStartInterval"),
    numberOfRetries: same("numberOfRetries"),
  };
  const protection = {
    portReference: same("portReference"),
    pushClientSap: same("pushClientSap"),
    pushProtectionParameters: same("pushProtectionParameters"),
  };
  /** Before version 2 every repetition has the same delay. */
  const constantDelay = member<number>(
    (settings) => settings.repetitionDelay.repetitionDelayMin,
    (seconds) => ({
      repetitionDelay: { repetitionDelayMin: seconds, repetitionDelayExponent: 100, repetitionDelayMax: 0 },
    }),
  );
  /** Elements that have fewer fields: what they lack is no restriction and no columns. */
  const list = member<readonly (Omit<PushObject, "restriction" | "columns"> & Partial<PushObject>)[]>(
    (settings) => settings.pushObjectList,
    (elements) => ({ pushObjectList: elements.map((element) => ({ ...unrestrictedPush, ...element })) }),
  );
  const fullList = same("pushObjectList");
  switch (version) {
    case 0:
      return createObject(PushSetupV0, name, {
        attributes: { pushObjectList: list, ...delivery, repetitionDelay: constantDelay },
        methods: { push },
      });
    case 1:
      return createObject(PushSetupV1, name, {
        attributes: {
          pushObjectList: {
            get: fullList.get,
            ...(list.set === undefined ? {} : { set: list.set }),
          },
          ...delivery,
          repetitionDelay: constantDelay,
          ...protection,
        },
        methods: { push },
      });
    case 2:
      return createObject(PushSetup, name, {
        attributes: {
          pushObjectList: fullList,
          ...delivery,
          repetitionDelay: same("repetitionDelay"),
          ...protection,
          pushOperationMethod: same<"pushOperationMethod">("pushOperationMethod"),
          confirmationParameters: same("confirmationParameters"),
          lastConfirmationDateTime: { get: ({ device }: AccessContext) => lastConfirmation(device) },
        },
        methods: { push, reset },
      });
  }
}

/** What an element of push_object_list has where nothing is restricted. */
export const unrestrictedPush: Pick<PushObject, "restriction" | "columns"> = {
  restriction: { type: 0, value: { choice: "none", value: null } },
  columns: [],
};

/** Reads and, where that is allowed, writes one attribute. */
function memberOf({ settings, change }: Behaviour) {
  return <V>(pick: (settings: PushSettings) => V, part: (value: V) => Partial<PushSettings>) => {
    const get = () => pick(settings());
    if (change === undefined) return { get };
    return { get, set: (value: V, context: AccessContext) => change(part(value), context) };
  };
}

function refusalOf(part: Partial<PushSettings>, context: AccessContext): Refused | undefined {
  const { pushObjectList, sendDestinationAndMethod, communicationWindow } = part;
  if (pushObjectList !== undefined) return refusalOfList(pushObjectList, context);
  if (sendDestinationAndMethod !== undefined && sendDestinationAndMethod.destination.length > longestDestination) {
    return refused.scopeOfAccessViolated;
  }
  if (communicationWindow !== undefined && !areWindows(communicationWindow)) return refused.scopeOfAccessViolated;
  return undefined;
}

function areWindows(windows: readonly CommunicationWindow[]): boolean {
  return windows.length <= mostWindows && windows.every(isCommunicationWindow);
}

function refusalOfList(objects: readonly PushObject[], { principal, device }: AccessContext): Refused | undefined {
  if (objects.length > mostObjects || !objects.every(isPushObject)) return refused.scopeOfAccessViolated;
  for (const { classId, logicalName: name, attributeIndex } of objects) {
    const object = device.find(name, classId);
    if (object === undefined) return refused.objectUndefined;
    const access = principal.association.attributeAccess(device, object, attributeIndex);
    const isProtected = (access & accessRequestProtection & ~(principal.protection ?? 0)) === 0;
    if ((access & accessRead) === 0 || !isProtected) return refused.readWriteDenied;
  }
  return undefined;
}

const restrictionChoice = ["none", "byDate", "byEntry"] as const;

function isPushObject({ dataIndex, restriction, columns }: PushObject): boolean {
  const { type, value } = restriction;
  if (restrictionChoice[type] !== value.choice) return false;
  if (value.choice === "byDate" && !Object.values(value.value).every(isDateLength)) return false;
  return dataIndex <= largestDataIndex && columns.length <= mostObjects;
}

/** date or date-time */
const isDateLength = ({ length }: Uint8Array) => length === 5 || length === 12;

/** Objects of a meter, made when asked for and thrown away: a few words each. */
import {
  type AccessContext,
  type Answer,
  accessRead,
  CosemDateTime,
  type CosemObject,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  type Data,
  DataClass,
  type InterfaceClass,
  type InvokeResult,
  type LogicalName,
  logicalNameToBytes,
  type ReadResult,
  refused,
  type WriteResult,
} from "../../cosem/index.js";
import type { KindObject } from "./kind-object.js";
import type { MeterView } from "./meter-view.js";

const offers = new Map<
  InterfaceClass,
  { attributes: readonly (number | undefined)[]; methods: readonly undefined[] }
>();

/** Every attribute readable, no method: one such list a class. */
function readOnlyOffer(interfaceClass: InterfaceClass) {
  let offer = offers.get(interfaceClass);
  if (offer === undefined) {
    offer = { attributes: interfaceClass.attributeAt.map((entry) => entry && accessRead), methods: [] };
    offers.set(interfaceClass, offer);
  }
  return offer;
}

const good = (value: Data): ReadResult => ({ ok: true, value });

function readName(name: LogicalName): ReadResult {
  return good({ type: "octet-string", value: logicalNameToBytes(name) });
}

/** Meters are read, not written. A class, since one is made at each read: its methods are made once. */
abstract class MeterObject implements CosemObject {
  readonly interfaceClass: InterfaceClass;
  readonly logicalName: LogicalName;
  readonly offer: ReturnType<typeof readOnlyOffer>;

  constructor(interfaceClass: InterfaceClass, logicalName: LogicalName) {
    this.interfaceClass = interfaceClass;
    this.logicalName = logicalName;
    this.offer = readOnlyOffer(interfaceClass);
  }

  abstract read(attributeIndex: number, context: AccessContext): Answer<ReadResult>;

  write(): WriteResult {
    return refused.readWriteDenied;
  }

  invoke(): InvokeResult {
    return refused.readWriteDenied;
  }
}

class MeterData extends MeterObject {
  private readonly value: () => Answer<Data>;

  constructor(name: LogicalName, value: () => Answer<Data>) {
    super(DataClass, name);
    this.value = value;
  }

  read(attributeIndex: number): Answer<ReadResult> {
    if (attributeIndex === 1) return readName(this.logicalName);
    const value = this.value();
    return value instanceof Promise ? value.then(good) : good(value);
  }
}

/** Data (class 1) with a value that is asked for at each read. */
export function createDataObject(name: LogicalName, value: () => Answer<Data>): CosemObject {
  return new MeterData(name, value);
}

/** Bits of an Extended register's status (unsigned): the standard leaves them to the manufacturer. */
export const registerStatus = { noValue: 0x01, recordError: 0x02, invalid: 0x04 } as const;

class MeterRegister extends MeterObject {
  private readonly device: MeterView;
  private readonly object: KindObject;

  constructor(interfaceClass: InterfaceClass, device: MeterView, object: KindObject, name: LogicalName) {
    super(interfaceClass, name);
    this.device = device;
    this.object = object;
  }

  read(attributeIndex: number, context: AccessContext): Answer<ReadResult> {
    const { device, object } = this;
    switch (attributeIndex) {
      case 1:
        return readName(this.logicalName);
      case 2:
        return device.parts.serving.freshen === undefined ? good(device.value(object)) : this.readFresh(context);
      case 3:
        return good(scalerUnitData(object));
      case 4:
        return good({ type: "unsigned", value: statusOf(device, object) });
      case 5:
        return good(captureTime(device));
      default:
        return refused.readWriteDenied;
    }
  }

  /** A meter that was never read has no last value to fall back on. */
  private readFresh({ principal }: AccessContext): Answer<ReadResult> {
    const { device, object } = this;
    const answer = () => (device.newest === undefined ? refused.temporaryFailure : good(device.value(object)));
    const isLive = principal.door === "dlms";
    const waiting = isLive ? device.parts.serving.freshen?.(device, device.newest?.readAtMs) : undefined;
    return waiting === undefined ? answer() : waiting.then(answer);
  }
}

/** Register or Extended register (classes 3, 4) of one record; status and capture time are those of the reading. */
export function createRegisterObject(
  interfaceClass: InterfaceClass,
  device: MeterView,
  object: KindObject,
  name: LogicalName = object.logicalName,
): CosemObject {
  return new MeterRegister(interfaceClass, device, object, name);
}

function scalerUnitData(object: KindObject): Data {
  return {
    type: "structure",
    value: [
      { type: "integer", value: object.scaler },
      { type: "enum", value: object.unit },
    ],
  };
}

/** What is wrong with the newest value, in bits of registerStatus; 0 is a good value. */
export function statusOf(device: MeterView, object: KindObject): number {
  const { newest } = device;
  const slot = newest?.layout.slotAt(object.position);
  if (newest === undefined || slot === undefined) return registerStatus.noValue;
  const error = slot.information.recordError === undefined ? 0 : registerStatus.recordError;
  const value = device.value(object);
  return value.type === "null-data" ? error | registerStatus.noValue | registerStatus.invalid : error;
}

function captureTime(device: MeterView): Data {
  const { newest, parts } = device;
  if (newest === undefined) return nullTime;
  return timeData(newest.readAtMs, parts.deviationAt(newest.readAtMs), newest.clockStatus);
}

/** date-time in an octet-string(12), as class descriptions have it. */
export function timeData(instantMs: number, deviation: number, clockStatus: number): Data {
  return {
    type: "octet-string",
    value: cosemDateTimeToBytes(cosemDateTimeFromInstant(instantMs, deviation, clockStatus)),
  };
}

/** No reading yet: every field unspecified. */
const nullTime: Data = { type: "octet-string", value: cosemDateTimeToBytes(new CosemDateTime({})) };

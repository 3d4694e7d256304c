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
import { quality } from "./quality.js";

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
  private readonly value: (door: string) => Answer<Data>;

  constructor(name: LogicalName, value: (door: string) => Answer<Data>) {
    super(DataClass, name);
    this.value = value;
  }

  read(attributeIndex: number, { principal }: AccessContext): Answer<ReadResult> {
    if (attributeIndex === 1) return readName(this.logicalName);
    const value = this.value(principal.door);
    return value instanceof Promise ? value.then(good) : good(value);
  }
}

/** Data (class 1) with a value that is asked for at each read, with the door through which. */
export function createDataObject(name: LogicalName, value: (door: string) => Answer<Data>): CosemObject {
  return new MeterData(name, value);
}

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
        return device.parts.serving.freshen === undefined
          ? good(device.value(object, context.principal.door))
          : this.readFresh(context);
      case 3:
        return good(scalerUnitData(object));
      case 4:
        return good(statusNumber(qualityOf(device, object, context.principal.door)));
      case 5:
        return good(captureTime(device, context.principal.door));
      default:
        return refused.readWriteDenied;
    }
  }

  /** A meter that was never read has no last value to fall back on. */
  private readFresh({ principal }: AccessContext): Answer<ReadResult> {
    const { device, object } = this;
    const answer = () =>
      device.newest === undefined ? refused.temporaryFailure : good(device.value(object, principal.door));
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

/** A status of quality bits: `unsigned` as ever, wider only where its ninth bit is set. */
export function statusNumber(bits: number): Data {
  return bits > 0xff ? { type: "long-unsigned", value: bits } : { type: "unsigned", value: bits };
}

/** What is wrong with the value that a door shows, in bits of `quality`; 0 is a good value. */
export function qualityOf(device: MeterView, object: KindObject, door?: string): number {
  const reading = device.reading(door);
  const slot = reading?.layout.slotAt(object.position);
  if (reading === undefined || slot === undefined) return quality.noValue;
  const error = slot.information.recordError === undefined ? 0 : quality.recordError;
  const value = device.value(object, door);
  const missing = value.type === "null-data" ? quality.noValue | quality.invalid : 0;
  const judged = reading === device.newest ? (device.quality?.objects.get(object.position) ?? 0) : 0;
  return error | missing | judged | meterQualityOf(device, door);
}

/** What is wrong with the meter's newest reading as a whole; what single objects have is not in it. */
export function meterQualityOf(device: MeterView, door?: string): number {
  const reading = device.reading(door);
  if (reading === undefined) return quality.noValue;
  if (reading !== device.newest) return 0;
  const { parts, lastReadout } = device;
  const isOld = parts.now() - reading.readAtMs > parts.quality.staleAfterMs;
  const unopened = lastReadout?.ok === false && lastReadout.reason === "notOpened" ? quality.notDecrypted : 0;
  return (device.quality?.meter ?? 0) | (isOld ? quality.stale : 0) | unopened;
}

/** Of the meter and of all its values together. */
export function joinedQualityOf(device: MeterView, door?: string): number {
  const isCommitted = device.reading(door) === device.newest;
  const ofObjects = isCommitted ? [...(device.quality?.objects.values() ?? [])] : [];
  return ofObjects.reduce((bits, flag) => bits | flag, meterQualityOf(device, door));
}

function captureTime(device: MeterView, door: string): Data {
  const reading = device.reading(door);
  if (reading === undefined) return nullTime;
  return timeData(reading.readAtMs, device.parts.deviationAt(reading.readAtMs), reading.clockStatus);
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

/**
 * One simulated meter: a real telegram, made this meter's own (identification) once, and brought up to date (counters,
 * rates, temperatures, clocks, access number) for each readout, in place on the coded bytes.
 */
import {
  type DataRecord,
  decodeApplication,
  decodeLinkFrame,
  encodeRecordValue,
  type LinkFrame,
  LinkSlave,
  type RecordValue,
  type SecondaryAddress,
  type SlaveAnswer,
} from "../mbus/index.js";
import type { Clock } from "../ports/index.js";
import { compactTelegram } from "./compact-frame.js";
import { drawMotion, type Motion } from "./motion.js";
import { type MovementOf, movementOf } from "./movement.js";
import { type SourceTelegram, type SourceTelegramName, sourceTelegrams } from "./telegrams.js";

export interface SimulatedMeterSpec {
  /** Unique on its bus; shown in ledgers. */
  readonly name: string;
  /** What it answers with, in order; each but the last gets a DIF 1F (more follows) at its end, the last none. */
  readonly telegrams: readonly SourceTelegramName[];
  /** Eight decimal digits. */
  readonly identification: string;
  readonly primaryAddress: number;
  /** Of so many readouts one is full, the others are compact; 1 or left out: all are full. */
  readonly fullEach?: number;
  /** Gives rates and phases; the same seed gives the same values. */
  readonly seed: number;
}

export interface SimulatedMeter {
  readonly name: string;
  readonly spec: SimulatedMeterSpec;
  readonly primaryAddress: number;
  readonly secondaryAddress: SecondaryAddress;
  /** Where it differs from its bus: ms from the end of a request to its answer. */
  readonly answerDelayMs?: number | undefined;
  /** The rate it was told to go over to; undefined: that of its bus. */
  readonly baudRate?: number | undefined;
  /** Back to the rate of the bus. */
  fallBack?(): void;
  /** A dead meter hears nothing and answers nothing. */
  isDead: boolean;
  /** When set, REQ_UD2 is answered with this application error. */
  applicationErrorCode: number | undefined;
  /** Its answer to one frame on the bus. */
  receive(frame: LinkFrame): SlaveAnswer | undefined;
  /** The telegrams as they stand now; reading them so counts no access. */
  telegramsNow(): readonly Uint8Array[];
}

const identificationAt = 1;
const mediumAt = 8;
const accessNumberAt = 9;

export function createSimulatedMeter(spec: SimulatedMeterSpec, clock: Clock): SimulatedMeter {
  return new Meter(spec, clock);
}

interface MovingRecord {
  readonly record: DataRecord;
  readonly movement: MovementOf;
}

/** One telegram, made the meter's own, with the records that move. */
interface Template {
  readonly bytes: Uint8Array;
  readonly moving: readonly MovingRecord[];
}

class Meter implements SimulatedMeter {
  readonly spec: SimulatedMeterSpec;
  readonly secondaryAddress: SecondaryAddress;
  isDead = false;
  applicationErrorCode: number | undefined;
  private readonly clock: Clock;
  private readonly slave: LinkSlave;
  private readonly templates: readonly Template[];
  private readonly motion: Motion;
  private accessNumber: number;
  private readouts = 0;

  constructor(spec: SimulatedMeterSpec, clock: Clock) {
    this.spec = spec;
    this.clock = clock;
    const last = spec.telegrams.length - 1;
    const telegrams = spec.telegrams.map((name, index) => ownTelegram(name, spec.identification, index < last));
    const [first] = telegrams;
    if (first === undefined) throw new RangeError(`meter ${spec.name} has no telegram`);
    this.secondaryAddress = first.slice(identificationAt, identificationAt + 8);
    for (const telegram of telegrams) telegram.set(this.secondaryAddress, identificationAt);
    this.accessNumber = first[accessNumberAt] ?? 0;
    this.motion = drawMotion(first[mediumAt] ?? 0, spec.seed);
    this.templates = telegrams.map(templateOf);
    this.slave = new LinkSlave({
      primaryAddress: spec.primaryAddress,
      secondaryAddress: this.secondaryAddress,
      fabricationNumber: this.secondaryAddress.subarray(0, 4),
      readout: () => this.readout(),
      applicationErrorCode: () => this.applicationErrorCode,
    });
  }

  get name(): string {
    return this.spec.name;
  }
  get primaryAddress(): number {
    return this.slave.primaryAddress;
  }

  get baudRate(): number | undefined {
    return this.slave.baudRate;
  }

  fallBack(): void {
    this.slave.fallBack();
  }

  receive(frame: LinkFrame): SlaveAnswer | undefined {
    return this.isDead ? undefined : this.slave.receive(frame);
  }

  telegramsNow(): readonly Uint8Array[] {
    const atMs = this.clock.now();
    return this.templates.map((template, index) => {
      const bytes = template.bytes.slice();
      bytes[accessNumberAt] = (this.accessNumber + index) & 0xff;
      for (const { record, movement } of template.moving) {
        const value = movement(this.motion, atMs);
        if (value !== undefined) encodeRecordValue(bytes, record, value);
      }
      return bytes;
    });
  }

  private readout(): readonly Uint8Array[] {
    this.accessNumber = (this.accessNumber + 1) & 0xff;
    const telegrams = this.telegramsNow();
    this.accessNumber = (this.accessNumber + telegrams.length - 1) & 0xff;
    const isCompact = this.readouts++ % (this.spec.fullEach ?? 1) !== 0;
    return isCompact ? telegrams.map(compactTelegram) : telegrams;
  }
}

/** The source's application data with this meter's identification, in the header and where a record repeats it. */
function ownTelegram(name: SourceTelegramName, identification: string, moreFollows: boolean): Uint8Array {
  if (!/^\d{8}$/.test(identification)) throw new RangeError(`identification ${identification} is not 8 digits`);
  const source: SourceTelegram = sourceTelegrams[name];
  const frame = decodeLinkFrame(Buffer.from(source.frame, "hex"));
  if (frame.kind !== "long" || frame.applicationData[0] !== 0x72) {
    throw new RangeError(`telegram ${name} has no long header`);
  }
  const bytes = withEnding(frame.applicationData, moreFollows);
  const decoded = decodeApplication(bytes);
  const ownValue: RecordValue = { kind: "integer", value: Number(identification) };
  const sourceValue = Number(decoded.meter.id);
  for (const record of decoded.records) {
    // A number of five digits or more is no chance meeting.
    const isOwnNumber =
      sourceValue > 9999 && record.value.kind === "integer" && Number(record.value.value) === sourceValue;
    if (isFabricationNumber(record) || isOwnNumber) encodeRecordValue(bytes, record, ownValue);
  }
  bytes.set(Buffer.from(identification, "hex").reverse(), identificationAt);
  if (source.deviceType !== undefined) bytes[mediumAt] = source.deviceType;
  return bytes;
}

/** VIF 78 in a four-byte integer or eight digits. */
function isFabricationNumber(record: DataRecord): boolean {
  const isNumber = record.dataField === 0x04 || record.dataField === 0x0c;
  return isNumber && record.header.length === 2 && record.header[1] === 0x78;
}

const lastTelegramDif = 0x0f;
const moreFollowsDif = 0x1f;

/**
 * Some sources end with DIF 1F, and what their meter sends next was never published: where nothing follows here, 0F
 * stands there instead. What is to be followed gets a 1F.
 */
function withEnding(source: Uint8Array, moreFollows: boolean): Uint8Array {
  const { more, manufacturerData } = decodeApplication(source);
  if (more === moreFollows) return source.slice();
  if (manufacturerData === undefined) return Uint8Array.of(...source, moreFollowsDif);
  const bytes = source.slice();
  bytes[source.length - manufacturerData.length - 1] = moreFollows ? moreFollowsDif : lastTelegramDif;
  return bytes;
}

function templateOf(bytes: Uint8Array): Template {
  const moving: MovingRecord[] = [];
  for (const record of decodeApplication(bytes).records) {
    const movement = movementOf(record);
    if (movement !== undefined) moving.push({ record, movement });
  }
  return { bytes, moving };
}

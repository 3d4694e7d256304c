/** The installed wireless meters: found by the addresses of telegrams; each with its key, its newest telegram and why none. */
import {
  type AesKey,
  type SecondaryAddress,
  secondaryAddressMatches,
  type WirelessAddress,
  type WirelessTelegram,
} from "../../mbus/index.js";

/** A wireless meter as the readout sees it. */
export interface WirelessMeter {
  readonly meterId: number;
  /** The receivers that may hear it. */
  readonly group: string;
  /** Wildcards for what the settings leave open. */
  readonly mask: SecondaryAddress;
  readonly key: AesKey | undefined;
  /** The same by the address of a telegram, where the mask leaves open who it is. */
  readonly keyFor?: (address: SecondaryAddress) => AesKey | undefined;
}

export interface HeardReading {
  /** Milliseconds since 1970 UTC. */
  readonly heardAtMs: number;
  /** From the CI field on, plain, with a long header. */
  readonly applicationData: Uint8Array;
  /** As the receiver gave it, from the L field on. */
  readonly frame: Uint8Array;
  /** By the receiver that heard it best, where one tells it. */
  readonly signalDbm: number | undefined;
}

export interface UnreadReading {
  /** Milliseconds since 1970 UTC. */
  readonly heardAtMs: number;
  readonly cause: string;
  /** As the receiver gave it. */
  readonly frame: Uint8Array;
}

/** What is known of one meter's telegrams since the last cycle. */
export class MeterReception {
  readonly meter: WirelessMeter;
  newest: HeardReading | undefined;
  /** Readings handed on since the last cycle, where every telegram is stored. */
  stored = 0;
  /** The last telegram that could not be read, however many good ones came beside it. */
  failure: UnreadReading | undefined;
  /** Key of the last telegram, by which a repeater's late copy is known. */
  lastContent: string | undefined;
  /** Of the newest authenticated message, however long ago. */
  lastCounter: number | undefined;

  constructor(meter: WirelessMeter, lastCounter: number | undefined) {
    this.meter = meter;
    this.lastCounter = lastCounter;
  }

  /** The newest telegram came over another receiver too: the better signal counts. */
  heardAgain(signalDbm: number | undefined): void {
    const { newest } = this;
    if (newest === undefined || signalDbm === undefined) return;
    if (newest.signalDbm === undefined || signalDbm > newest.signalDbm) this.newest = { ...newest, signalDbm };
  }

  /** What was heard of the same meter before its settings changed. */
  takeOver(before: MeterReception): void {
    this.newest = before.newest;
    this.stored = before.stored;
    this.failure = before.failure;
    this.lastContent = before.lastContent;
  }

  /** Authenticated messages count upwards: one that goes back was recorded and sent again. */
  isReplay({ counters, security }: WirelessTelegram): boolean {
    const counter = counters.message;
    if (!security.isAuthenticated || counter === undefined) return false;
    if (this.lastCounter !== undefined && counter < this.lastCounter) return true;
    this.lastCounter = counter;
    return false;
  }
}

export class WirelessMeters {
  private readonly byMeter = new Map<number, MeterReception>();
  private readonly byIdentification = new Map<string, MeterReception[]>();
  /** Those whose identification has wildcards. */
  private others: MeterReception[] = [];
  private readonly counters: Map<number, number>;

  /** @param counters  message counters known from before, by meter id */
  constructor(meters: readonly WirelessMeter[], counters: ReadonlyMap<number, number>) {
    this.counters = new Map(counters);
    for (const meter of meters) this.put(meter);
  }

  get all(): Iterable<MeterReception> {
    return this.byMeter.values();
  }

  find(meterId: number): MeterReception | undefined {
    return this.byMeter.get(meterId);
  }

  /** Adds a meter, or takes what is known of it over under what it is now. */
  put(meter: WirelessMeter): void {
    const known = this.byMeter.get(meter.meterId);
    const lastCounter = known === undefined ? this.counters.get(meter.meterId) : known.lastCounter;
    const reception = new MeterReception(meter, lastCounter);
    const isSame = known?.meter.group === meter.group && known.meter.mask.join() === meter.mask.join();
    if (known !== undefined && isSame) reception.takeOver(known);
    this.takeOut(meter.meterId);
    this.byMeter.set(meter.meterId, reception);
    const identification = fixedIdentification(meter.mask);
    if (identification === undefined) {
      this.others.push(reception);
      return;
    }
    const alike = this.byIdentification.get(identification);
    if (alike === undefined) this.byIdentification.set(identification, [reception]);
    else alike.push(reception);
  }

  /** Its message counter is forgotten with it: a meter that was set back is taken off and put on again. */
  remove(meterId: number): void {
    this.counters.delete(meterId);
    this.takeOut(meterId);
  }

  /** The meters with this address; those named most fully first. */
  matching(address: WirelessAddress): readonly MeterReception[] {
    const octets = asSecondaryAddress(address);
    const candidates = [...(this.byIdentification.get(identificationOf(octets)) ?? []), ...this.others];
    return candidates.filter(({ meter }) => secondaryAddressMatches(meter.mask, octets));
  }

  keyFor(address: WirelessAddress): AesKey | undefined {
    for (const { meter } of this.matching(address)) {
      const key = meter.key ?? meter.keyFor?.(asSecondaryAddress(address));
      if (key !== undefined) return key;
    }
    return undefined;
  }

  private takeOut(meterId: number): void {
    const known = this.byMeter.get(meterId);
    if (known === undefined) return;
    this.byMeter.delete(meterId);
    const identification = fixedIdentification(known.meter.mask);
    if (identification === undefined) {
      this.others = this.others.filter((other) => other !== known);
      return;
    }
    const rest = (this.byIdentification.get(identification) ?? []).filter((other) => other !== known);
    if (rest.length === 0) this.byIdentification.delete(identification);
    else this.byIdentification.set(identification, rest);
  }
}

/** On the air M2 id4 V T; in a selection id4 M2 V T. */
function asSecondaryAddress({ octets }: WirelessAddress): SecondaryAddress {
  return Uint8Array.of(...octets.subarray(2, 6), ...octets.subarray(0, 2), ...octets.subarray(6, 8));
}

function identificationOf(address: SecondaryAddress): string {
  return address.subarray(0, 4).join();
}

function fixedIdentification(mask: SecondaryAddress): string | undefined {
  const hasWildcard = mask.subarray(0, 4).some((byte) => byte >> 4 === 0xf || (byte & 0xf) === 0xf);
  return hasWildcard ? undefined : identificationOf(mask);
}

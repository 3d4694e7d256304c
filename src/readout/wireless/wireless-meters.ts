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
}

export interface HeardReading {
  /** Milliseconds since 1970 UTC. */
  readonly heardAtMs: number;
  /** From the CI field on, plain, with a long header. */
  readonly applicationData: Uint8Array;
  /** As the receiver gave it, from the L field on. */
  readonly frame: Uint8Array;
}

/** What is known of one meter's telegrams since the last cycle. */
export class MeterReception {
  readonly meter: WirelessMeter;
  newest: HeardReading | undefined;
  /** Readings handed on since the last cycle, where every telegram is stored. */
  stored = 0;
  /** Why the last telegram that could not be read could not. */
  failure: string | undefined;
  /** That telegram, as the receiver gave it. */
  failedFrame: Uint8Array | undefined;
  /** Key of the last telegram, by which a repeater's late copy is known. */
  lastContent: string | undefined;
  /** Of the newest authenticated message, however long ago. */
  lastCounter: number | undefined;

  constructor(meter: WirelessMeter, lastCounter: number | undefined) {
    this.meter = meter;
    this.lastCounter = lastCounter;
  }

  failed(cause: string, frame: Uint8Array): void {
    this.failure = cause;
    this.failedFrame = frame;
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
  readonly all: readonly MeterReception[];
  private readonly byIdentification = new Map<string, MeterReception[]>();
  /** Those whose identification has wildcards. */
  private readonly others: MeterReception[] = [];

  /** @param counters  message counters known from before, by meter id */
  constructor(meters: readonly WirelessMeter[], counters: ReadonlyMap<number, number>) {
    this.all = meters.map((meter) => new MeterReception(meter, counters.get(meter.meterId)));
    for (const reception of this.all) {
      const identification = fixedIdentification(reception.meter.mask);
      if (identification === undefined) {
        this.others.push(reception);
        continue;
      }
      const known = this.byIdentification.get(identification);
      if (known === undefined) this.byIdentification.set(identification, [reception]);
      else known.push(reception);
    }
  }

  /** The meters with this address; those named most fully first. */
  matching(address: WirelessAddress): readonly MeterReception[] {
    const octets = asSecondaryAddress(address);
    const candidates = [...(this.byIdentification.get(identificationOf(octets)) ?? []), ...this.others];
    return candidates.filter(({ meter }) => secondaryAddressMatches(meter.mask, octets));
  }

  keyFor(address: WirelessAddress): AesKey | undefined {
    return this.matching(address).find(({ meter }) => meter.key !== undefined)?.meter.key;
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

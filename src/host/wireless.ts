/**
 * The wireless side of the gateway: receivers, the cycle over what they hear, the reception service. Record headers
 * learned for compact frames are kept in the store: a meter may send a full frame only once in hours. So are the message
 * counters of authenticated telegrams, with each cycle and at the end: a recorded telegram is refused after a restart
 * too. A meter that was set back is taken out of the settings for one start: its counter is forgotten with it.
 */
import { fromHex, toHex } from "../../cosem/index.js";
import type { MeterDevice } from "../mapping/index.js";
import {
  DecodeError,
  manufacturerCode,
  parseSecondaryAddress,
  type RememberedFormats,
  type SecondaryAddress,
  secondaryAddressMatches,
} from "../mbus/index.js";
import type { Clock, Logger, ReadingStore } from "../ports/index.js";
import { createWirelessReadout, type RadioReceiver, type ReadoutSink, type WirelessReadout } from "../readout/index.js";
import type { MeterList } from "../services/meter-list/index.js";
import { createReceptionService, type Reception, type ReceptionService } from "../services/reception/index.js";
import type { Settings } from "../settings/index.js";
import { wirelessMeterOf } from "./meter-list.js";

export interface WirelessParts {
  readonly settings: Settings;
  readonly receivers: readonly RadioReceiver[];
  readonly list: MeterList;
  readonly sink: ReadoutSink;
  /** Record headers for compact frames, of wired meters too: kept here for both. */
  readonly formats: RememberedFormats;
  readonly store: Pick<ReadingStore, "getState" | "setState">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Wireless {
  readonly readout: Pick<WirelessReadout, "readAll" | "readOne">;
  readonly receptions: ReceptionService;
  /** By name: manufacturer, identification, medium, version. */
  reception(meter: string): Reception | undefined;
  /** Everything heard, with the group of its receivers. */
  heard(): readonly { readonly group: string; readonly reception: Reception }[];
  start(): void;
  stop(): Promise<void>;
}

const formatsKey = "wireless.formats";
const countersKey = "wireless.counters";

export async function createWireless(parts: WirelessParts): Promise<Wireless> {
  const { settings, receivers, list, sink, formats, store, clock, logger } = parts;
  const keptCounters = (await store.getState(countersKey)) ?? "";
  const readout = createWirelessReadout({
    receivers,
    meters: [...list.devices()].flatMap((device) => wirelessMeterOf(device, list) ?? []),
    sink,
    clock,
    logger,
    settings: settings.wireless,
    formats,
    counters: readCounters(keptCounters),
  });
  const kept = new Map([
    [formatsKey, (await store.getState(formatsKey)) ?? ""],
    [countersKey, keptCounters],
  ]);
  learnFormats(formats, kept.get(formatsKey) ?? "", logger);

  async function keep(key: string, text: string): Promise<void> {
    if (text === kept.get(key)) return;
    await store.setState(key, text);
    kept.set(key, text);
  }
  async function keepAll(): Promise<void> {
    try {
      await keep(formatsKey, formats.all().map(toHex).join(" "));
      await keep(countersKey, [...readout.counters()].map((pair) => pair.join(":")).join(" "));
    } catch (error) {
      logger.error("formats and counters not kept", { error: String(error) });
    }
  }
  const groupOf = new Map(receivers.map(({ name, group }) => [name, group]));
  const devices = new WirelessDevices(list);
  const following = list.onChange(({ kind, meterId }) => {
    devices.changed();
    const device = kind === "removed" ? undefined : list.device(meterId);
    const meter = device && wirelessMeterOf(device, list);
    if (meter === undefined) readout.removeMeter(meterId);
    else readout.putMeter(meter);
  });
  return {
    readout: {
      readOne: (meterId) => readout.readOne(meterId),
      async readAll() {
        const report = await readout.readAll();
        await keepAll();
        return report;
      },
    },
    receptions: createReceptionService({
      source: { page: (query) => readout.receptions.page(query), receivers: () => readout.receivers() },
      deviceOf: (reception) => devices.find(reception),
    }),
    reception: (meter) => readout.receptions.find(meter),
    heard() {
      const { receptions: all } = readout.receptions.page({ limit: settings.wireless.receptionLimit });
      return all.flatMap((reception) => {
        const groups = new Set(reception.links.flatMap(({ receiver }) => groupOf.get(receiver) ?? []));
        return [...groups].map((group) => ({ group, reception }));
      });
    },
    start: () => readout.start(),
    async stop() {
      following.close();
      await readout.stop();
      await keepAll();
    },
  };
}

/** `meter id:counter`, spaces between; what is none is left out. */
function readCounters(text: string): ReadonlyMap<number, number> {
  const pairs = [...text.matchAll(/(\d+):(\d+)/g)];
  return new Map(pairs.map(([, meterId, counter]) => [Number(meterId), Number(counter)]));
}

function learnFormats(formats: RememberedFormats, kept: string, logger: Logger): void {
  for (const hex of kept.split(" ").filter((word) => word !== "")) {
    try {
      formats.learnBytes(fromHex(hex));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      logger.warn("a kept format is not good", { cause: error.message });
    }
  }
}

/** Finds the installed meter of a reception, by the address it was installed with. Ordered anew after a change. */
class WirelessDevices {
  private readonly list: MeterList;
  private byIdentification: Map<string, MeterDevice[]> | undefined;
  private withWildcards: MeterDevice[] = [];

  constructor(list: MeterList) {
    this.list = list;
  }

  changed(): void {
    this.byIdentification = undefined;
  }

  find(reception: Reception): string | undefined {
    const known = this.ordered().get(reception.identification.toLowerCase()) ?? [];
    const address = addressOf(reception);
    return [...known, ...this.withWildcards].find(({ row }) =>
      secondaryAddressMatches(parseSecondaryAddress(row.secondaryAddress ?? ""), address),
    )?.name;
  }

  private ordered(): ReadonlyMap<string, readonly MeterDevice[]> {
    if (this.byIdentification !== undefined) return this.byIdentification;
    const ordered = new Map<string, MeterDevice[]>();
    this.withWildcards = [];
    for (const device of this.list.devices()) {
      const { secondaryAddress, interfaceName } = device.row;
      if (secondaryAddress === undefined || this.list.placeOf(interfaceName)?.kind !== "wireless") continue;
      const identification = secondaryAddress.slice(0, 8).toLowerCase();
      if (identification.includes("f")) this.withWildcards.push(device);
      else ordered.set(identification, [...(ordered.get(identification) ?? []), device]);
    }
    this.byIdentification = ordered;
    return ordered;
  }
}

function addressOf({ identification, manufacturer, version, medium }: Reception): SecondaryAddress {
  const code = manufacturerCode(manufacturer);
  const octets = [...fromHex(identification)].reverse();
  return Uint8Array.of(...octets, code & 0xff, code >> 8, version, medium);
}

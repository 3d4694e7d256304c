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
  type SecondaryAddress,
  secondaryAddressMatches,
} from "../mbus/index.js";
import type { Clock, Logger, ReadingStore } from "../ports/index.js";
import { createWirelessReadout, type RadioReceiver, type ReadoutSink, type WirelessReadout } from "../readout/index.js";
import { createReceptionService, type Reception, type ReceptionService } from "../services/reception/index.js";
import type { Settings } from "../settings/index.js";
import { wirelessMetersOf } from "./receivers.js";

export interface WirelessParts {
  readonly settings: Settings;
  readonly receivers: readonly RadioReceiver[];
  /** In the order of the settings. */
  readonly installed: readonly MeterDevice[];
  readonly sink: ReadoutSink;
  readonly store: Pick<ReadingStore, "getState" | "setState">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Wireless {
  readonly readout: Pick<WirelessReadout, "readAll" | "readOne">;
  readonly receptions: ReceptionService;
  /** Record headers learned for compact frames. */
  readonly formats: WirelessReadout["formats"];
  /** By name: manufacturer, identification, medium, version. */
  reception(meter: string): Reception | undefined;
  start(): void;
  stop(): Promise<void>;
}

const formatsKey = "wireless.formats";
const countersKey = "wireless.counters";

export async function createWireless(parts: WirelessParts): Promise<Wireless> {
  const { settings, receivers, installed, sink, store, clock, logger } = parts;
  const groups = new Set(receivers.map(({ group }) => group));
  const keptCounters = (await store.getState(countersKey)) ?? "";
  const readout = createWirelessReadout({
    receivers,
    meters: wirelessMetersOf(settings.meters, installed, groups),
    sink,
    clock,
    logger,
    settings: settings.wireless,
    counters: readCounters(keptCounters),
  });
  const kept = new Map([
    [formatsKey, (await store.getState(formatsKey)) ?? ""],
    [countersKey, keptCounters],
  ]);
  learnFormats(readout, kept.get(formatsKey) ?? "", logger);

  async function keep(key: string, text: string): Promise<void> {
    if (text === kept.get(key)) return;
    await store.setState(key, text);
    kept.set(key, text);
  }
  async function keepAll(): Promise<void> {
    try {
      await keep(formatsKey, readout.formats.all().map(toHex).join(" "));
      await keep(countersKey, [...readout.counters()].map((pair) => pair.join(":")).join(" "));
    } catch (error) {
      logger.error("formats and counters not kept", { error: String(error) });
    }
  }
  const deviceOf = finderOf(installed.filter((device) => groups.has(device.row.interfaceName)));
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
      deviceOf,
    }),
    formats: readout.formats,
    reception: (meter) => readout.receptions.find(meter),
    start: () => readout.start(),
    async stop() {
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

function learnFormats({ formats }: WirelessReadout, kept: string, logger: Logger): void {
  for (const hex of kept.split(" ").filter((word) => word !== "")) {
    try {
      formats.learnBytes(fromHex(hex));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      logger.warn("a kept format is not good", { cause: error.message });
    }
  }
}

/** Finds the installed meter of a reception, by the address it was installed with. */
function finderOf(meters: readonly MeterDevice[]): (reception: Reception) => string | undefined {
  const byIdentification = new Map<string, MeterDevice[]>();
  for (const device of meters) {
    const identification = device.row.secondaryAddress?.slice(0, 8).toLowerCase() ?? "";
    const known = byIdentification.get(identification);
    if (known === undefined) byIdentification.set(identification, [device]);
    else known.push(device);
  }
  const withWildcards = meters.filter(({ row }) => /^.{0,7}F/i.test(row.secondaryAddress ?? ""));
  return (reception) => {
    const address = addressOf(reception);
    const candidates = [...(byIdentification.get(reception.identification.toLowerCase()) ?? []), ...withWildcards];
    return candidates.find(({ row }) => {
      return secondaryAddressMatches(parseSecondaryAddress(row.secondaryAddress ?? ""), address);
    })?.name;
  };
}

function addressOf({ identification, manufacturer, version, medium }: Reception): SecondaryAddress {
  const code = manufacturerCode(manufacturer);
  const octets = [...fromHex(identification)].reverse();
  return Uint8Array.of(...octets, code & 0xff, code >> 8, version, medium);
}

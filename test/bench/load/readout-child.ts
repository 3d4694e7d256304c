/**
 * A whole gateway that reads the buses of a settings file once, each byte on each bus counted. Argument:
 * `{"config": file, "folder": data}`; answers with ReadoutAnswer.
 */
import { performance } from "node:perf_hooks";
import { busesOf } from "../../../src/host/buses.js";
import { openDataDirectory } from "../../../src/host/data-directory.js";
import { startGateway } from "../../../src/host/gateway/index.js";
import { readSettingsFile } from "../../../src/host/settings-file.js";
import type { ByteChannel } from "../../../src/ports/index.js";
import { systemClock } from "../../../src/transport/index.js";
import { until, when } from "../../support/gateway-process.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { argumentOf } from "./process.js";

export interface ReadoutQuestion {
  readonly config: string;
  readonly folder: string;
}

export interface BusTraffic {
  readonly name: string;
  readonly bytes: number;
  readonly requests: number;
  /** From the first request to the last byte. */
  readonly elapsedMs: number;
}

export interface ReadoutAnswer {
  readonly buses: readonly BusTraffic[];
  readonly read: number;
  readonly cpuShare: number;
  readonly seconds: number;
}

class Counted {
  bytes = 0;
  requests = 0;
  firstMs = 0;
  lastMs = 0;

  over(channel: ByteChannel): ByteChannel {
    return {
      listen: (listener) =>
        channel.listen({
          closed: (cause) => listener.closed(cause),
          received: (bytes) => {
            this.bytes += bytes.length;
            this.lastMs = performance.now();
            listener.received(bytes);
          },
        }),
      write: (bytes) => {
        if (this.requests === 0) this.firstMs = performance.now();
        this.requests += 1;
        this.bytes += bytes.length;
        return channel.write(bytes);
      },
      close: () => channel.close(),
    };
  }
}

const { config, folder } = argumentOf<ReadoutQuestion>();
const settings = readSettingsFile(config);
const logger = recordingLogger();
const data = await openDataDirectory(folder);
const counts = new Map<string, Counted>();
const buses = busesOf(settings.interfaces, settings.readout).map((bus) => {
  const counted = new Counted();
  counts.set(bus.name, counted);
  const open = async () => counted.over(await bus.open());
  return { ...bus, open };
});
const gateway = await startGateway({
  settings,
  data,
  buses,
  receivers: [],
  clock: systemClock,
  logger,
  publicClientReadsMeters: false,
  notices: [],
});
const before = process.cpuUsage();
const started = performance.now();
gateway.readNow();
const ended = () => logger.lines.find(({ message }) => message === "readout cycle ended");
await until("the readout of all buses", () => when(ended() !== undefined), 300_000);
const elapsedMs = performance.now() - started;
const { user, system } = process.cpuUsage(before);
const answer: ReadoutAnswer = {
  buses: [...counts].map(([name, { bytes, requests, firstMs, lastMs }]) => ({
    name,
    bytes,
    requests,
    elapsedMs: lastMs - firstMs,
  })),
  read: Number(ended()?.fields["read"] ?? 0),
  cpuShare: (user + system) / 1000 / elapsedMs,
  seconds: elapsedMs / 1000,
};
process.send?.(answer);
await gateway.stop();
await data.release();

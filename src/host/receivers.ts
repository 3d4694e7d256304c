import type { MeterDevice } from "../mapping/index.js";
import {
  AesKey,
  createReceiverDriver,
  parseSecondaryAddress,
  type ReceiverTypeName,
  receiverTypes,
} from "../mbus/index.js";
import type { Logger } from "../ports/index.js";
import type { RadioReceiver, WirelessMeter } from "../readout/index.js";
import type { MeterSettings, RadioReceiverSettings, WirelessSettings } from "../settings/index.js";
import { connectTcp, listenTcp, listenUdp, openProgram, openSerial } from "../transport/index.js";

/** The receivers of the settings as the readout can open them. */
export function receiversOf(settings: WirelessSettings, logger: Logger): readonly RadioReceiver[] {
  return settings.receivers.map((receiver) => ({
    name: receiver.name,
    group: receiver.group,
    silenceResetMs: receiver.silenceResetSeconds * 1000,
    // Settings name the types of src/mbus without importing it: this line holds the two lists together.
    createDriver: () => createReceiverDriver(receiver.type satisfies ReceiverTypeName, receiver),
    source: sourceOf(receiver, logger),
  }));
}

function sourceOf({ name, type, connection }: RadioReceiverSettings, logger: Logger): RadioReceiver["source"] {
  switch (connection.kind) {
    case "serial": {
      const { path, baudRate = receiverTypes[type].baudRate } = connection;
      return { kind: "line", open: () => openSerial({ path, baudRate, parity: "none" }) };
    }
    case "tcp":
      return { kind: "line", open: () => connectTcp(connection) };
    case "udp":
      return {
        kind: "line",
        isDatagram: true,
        async open() {
          const channel = await listenUdp(connection);
          logger.info("receiver listens", { receiver: name, host: connection.host, udpPort: channel.port });
          return channel;
        },
      };
    case "program":
      return { kind: "line", open: () => openProgram(connection.pipeline) };
    case "tcpServer":
      return {
        kind: "visitors",
        async listen(onChannel) {
          const { host, port, maxConnections } = connection;
          const server = await listenTcp({ host, port, maxConnections, logger, accept: onChannel });
          logger.info("receiver listens", { receiver: name, host, tcpPort: server.port });
          return server;
        },
      };
  }
}

/**
 * Keys of the installed meters that have one, by meter id.
 * @param configured  meters of the settings, `installed` in the same order
 */
export function keysOf(
  configured: readonly MeterSettings[],
  installed: readonly MeterDevice[],
): ReadonlyMap<number, AesKey> {
  const keys = new Map<number, AesKey>();
  for (const [index, { row }] of installed.entries()) {
    const key = configured[index]?.key;
    if (key !== undefined) keys.set(row.id, new AesKey(Buffer.from(key.reveal(), "hex")));
  }
  return keys;
}

/**
 * Rates of the installed meters that have one of their own, by meter id.
 * @param configured  meters of the settings, `installed` in the same order
 */
export function baudRatesOf(
  configured: readonly MeterSettings[],
  installed: readonly MeterDevice[],
): ReadonlyMap<number, number> {
  const rates = new Map<number, number>();
  for (const [index, { row }] of installed.entries()) {
    const rate = configured[index]?.baudRate;
    if (rate !== undefined) rates.set(row.id, rate);
  }
  return rates;
}

/**
 * The wireless ones of the installed meters.
 * @param configured  meters of the settings, `installed` in the same order
 */
export function wirelessMetersOf(
  configured: readonly MeterSettings[],
  installed: readonly MeterDevice[],
  groups: ReadonlySet<string>,
): readonly WirelessMeter[] {
  const keys = keysOf(configured, installed);
  return configured.flatMap((settings, index) => {
    const device = installed[index];
    const { secondaryAddress, interface: group } = settings;
    if (device === undefined || secondaryAddress === undefined || !groups.has(group)) return [];
    const mask = parseSecondaryAddress(secondaryAddress);
    return [{ meterId: device.row.id, group, mask, key: keys.get(device.row.id) }];
  });
}

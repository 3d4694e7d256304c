import { createReceiverDriver, type ReceiverTypeName, receiverTypes } from "../mbus/index.js";
import type { Logger } from "../ports/index.js";
import type { RadioReceiver } from "../readout/index.js";
import type { RadioReceiverSettings, WirelessSettings } from "../settings/index.js";
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

import { toHex } from "../../cosem/index.js";
import { formatSecondaryAddress } from "../mbus/index.js";
import type { Clock } from "../ports/index.js";
import {
  createSimulatedAir,
  createSimulatedMeter,
  createSimulatedReceiver,
  type SimulatedReceiver,
  type SimulatedReceiverType,
  type SimulatedWirelessMeter,
  type SourceTelegramName,
  simulatedReceiverTypes,
  type WirelessSecurityKind,
} from "../simulator/index.js";
import { listenTcp, type TcpServer } from "../transport/index.js";
import { portOption } from "./arguments.js";
import { CommandFailed, WrongUse } from "./command.js";

/** What is in the air: telegram, identification, security; one in so many is full, the others compact. */
const plan: readonly (readonly [SourceTelegramName, string, WirelessSecurityKind, number])[] = [
  ["finder7e", "70000001", "none", 1],
  ["hydrometerWater", "70000002", "mode5", 1],
  ["gwfMtk", "70000003", "mode7", 1],
  ["hydrometerHeat", "70000004", "linkCtr", 5],
  ["waterStar", "70000005", "mode5", 1],
  ["pollustat", "70000006", "mode7", 1],
];
const periodMs = 15_000;
const group = "air";

export interface ServedAir {
  readonly served: readonly ServedReceiver[];
  stop(): Promise<void>;
}

export interface ServedReceiver {
  readonly type: SimulatedReceiverType;
  readonly receiver: SimulatedReceiver;
  readonly server: TcpServer;
}

/**
 * Simulated receivers on TCP, all with the same meters in the air.
 * @param wanted  `TYPE:PORT`, e.g. `im871a:10011`
 * @throws WrongUse CommandFailed
 */
export async function serveReceivers(wanted: readonly string[], clock: Clock): Promise<ServedAir> {
  const served = await Promise.all(
    wanted.map(async (text) => {
      const [name = "", port = ""] = text.split(":");
      const type = simulatedReceiverTypes.find((known) => known === name);
      if (type === undefined) {
        throw new WrongUse(
          `--receiver wants TYPE:PORT with one of ${simulatedReceiverTypes.join(", ")}, not "${text}"`,
        );
      }
      const receiver = createSimulatedReceiver({ type, meters: [], clock });
      const server = await listen(receiver, portOption("receiver", port));
      return { type, receiver, server };
    }),
  );
  const receivers = served.map(({ receiver }) => receiver);
  const air = createSimulatedAir({ meters: wirelessMeters(clock), receivers, clock });
  air.start();
  return {
    served,
    async stop() {
      air.stop();
      await Promise.all(receivers.map((receiver) => receiver.stop()));
      await Promise.all(served.map(({ server }) => server.close()));
    },
  };
}

async function listen(receiver: SimulatedReceiver, port: number): Promise<TcpServer> {
  try {
    return await listenTcp({
      host: "127.0.0.1",
      port,
      maxConnections: 4,
      accept: (channel) => receiver.attach(channel),
    });
  } catch (error) {
    throw new CommandFailed(`${(error as Error).message}; give another port with --receiver`);
  }
}

export function wirelessMeters(clock: Clock): readonly SimulatedWirelessMeter[] {
  return plan.map(([telegram, identification, security, fullEach], index) => {
    const name = `${telegram}-${identification}`;
    const spec = { name, telegrams: [telegram], identification, primaryAddress: 1, seed: index + 1 };
    const meter = createSimulatedMeter(spec, clock);
    return { meter, security, key: keyOf(identification), fullEach, periodMs, rssiDbm: -60 - 5 * index };
  });
}

/** No secret: these meters are not real. */
function keyOf(identification: string): Uint8Array {
  return Buffer.from(identification.repeat(4), "hex");
}

/** The settings with which a gateway hears them. */
export function wirelessSettingsOf(served: readonly ServedReceiver[], clock: Clock) {
  if (served.length === 0) return { meters: [] };
  const receivers = served.map(({ type, server }, index) => ({
    name: `${type} ${index + 1}`,
    group,
    type,
    connection: { kind: "tcp", host: "127.0.0.1", port: server.port },
  }));
  const meters = wirelessMeters(clock).map(({ meter, security, key }) => ({
    interface: group,
    secondaryAddress: formatSecondaryAddress(meter.secondaryAddress),
    ...(security === "none" ? {} : { key: toHex(key) }),
    position: `In the air, ${security}`,
  }));
  return { wireless: { receivers }, meters };
}

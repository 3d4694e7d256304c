/** The Modbus TCP door: a listening socket, a limited number of masters, and an end for those that fell silent. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Principal, Registry } from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import type { MeterService } from "../../services/meters/contract.js";
import { createRequestAnswerer } from "./answer.js";
import { type Connection, serveConnection } from "./connection.js";
import { describeMap, type MapRow } from "./describe-map.js";
import type { RegisterMap } from "./register-map.js";
import { createRegisterSpace } from "./register-space.js";

export interface ModbusOptions {
  readonly registry: Registry;
  readonly meters: MeterService;
  /** The right of every master (association `modbus`); `peer` is filled in per connection. */
  readonly principal: Principal;
  readonly map: RegisterMap;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Address to listen on. */
  readonly host: string;
  /** 0: any free port (tests). */
  readonly port: number;
  /** Default 10. A further master is turned away: its connection is closed at once. */
  readonly maxConnections?: number;
  /** Default 300. A master silent for so long is disconnected. */
  readonly idleTimeoutSeconds?: number;
  /** Default 1; 0 and 255 are answered as well. Other units get exception 0Bh: there is no such device behind us. */
  readonly unitId?: number;
  /** Default false: a request that touches a register without a line gets exception 02h. True: such read as 0. */
  readonly respondOnInvalid?: boolean;
  /** Default 0: never. Values older than this count as not valid. */
  readonly staleAfterSeconds?: number;
}

export interface ModbusView {
  /** Rejects when the port cannot be opened. */
  start(): Promise<void>;
  /** Closes the port, then every connection behind its last answer. */
  stop(): Promise<void>;
  /** The port in use; 0 before start(). */
  readonly port: number;
  /** Every line with what it shows now; blocks of the automatic rule for the meters there are. */
  describeMap(): Iterable<MapRow>;
}

export function createModbusView(options: ModbusOptions): ModbusView {
  const { registry, meters, principal, map, clock, logger, host } = options;
  const { maxConnections = 10, idleTimeoutSeconds = 300, unitId = 1 } = options;
  const { respondOnInvalid = false, staleAfterSeconds = 0 } = options;
  const space = createRegisterSpace({ registry, map });
  const answerer = createRequestAnswerer({ space, meters, clock, unitId, respondOnInvalid, staleAfterSeconds });
  const connections = new Map<Socket, Connection>();
  const undo: (() => void)[] = [];
  let server: Server | undefined;
  let cancelSweep = () => {};

  function accept(socket: Socket): void {
    const peer = socket.remoteAddress ?? "unknown";
    const connection = serveConnection({ socket, answerer, clock, logger, principal: { ...principal, peer } });
    connections.set(socket, connection);
    socket.on("error", (error) => logger.debug("modbus connection failed", { peer, cause: error.message }));
    socket.on("close", () => {
      connections.delete(socket);
      logger.debug("modbus connection closed", { peer });
    });
    logger.debug("modbus connection opened", { peer });
  }

  function sweep(): void {
    const silentSince = clock.monotonic() - idleTimeoutSeconds * 1000;
    for (const [socket, connection] of connections) {
      if (connection.lastHeardMs <= silentSince) socket.destroy();
    }
    cancelSweep = clock.after(Math.max(idleTimeoutSeconds * 250, 1000), sweep);
  }

  return {
    get port() {
      return (server?.address() as AddressInfo | null | undefined)?.port ?? 0;
    },
    async start() {
      const opened = createServer({ noDelay: true, keepAlive: true }, accept);
      opened.maxConnections = maxConnections;
      opened.on("drop", (dropped) =>
        logger.warn("modbus master turned away: too many connections", {
          peer: dropped?.remoteAddress,
          limit: maxConnections,
        }),
      );
      await new Promise<void>((resolve, reject) => {
        opened.once("error", reject);
        opened.listen(options.port, host, () => {
          opened.off("error", reject);
          resolve();
        });
      });
      opened.on("error", (error) => logger.error("modbus port failed", { cause: error.message }));
      server = opened;
      undo.push(space.follow());
      sweep();
    },
    async stop() {
      const closing = server;
      if (closing === undefined) return;
      server = undefined;
      cancelSweep();
      for (const step of undo.splice(0).reverse()) step();
      const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
      for (const connection of connections.values()) connection.close();
      // A master that does not take its last answer must not hold up the end.
      const cancelForce = clock.after(1000, () => {
        for (const socket of connections.keys()) socket.destroy();
      });
      await closed;
      cancelForce();
    },
    describeMap: () => describeMap({ registry, map, space, principal }),
  };
}

import { createServer, type Server, type Socket } from "node:net";
import { ByteWriter, createShortNames } from "../../../cosem/index.js";
import { clientsBySap } from "./clients-by-sap.js";
import { DlmsConnection } from "./connection.js";
import { type DlmsLimits, type DlmsViewParts, defaultDlmsLimits } from "./options.js";
import { createOutput } from "./output.js";
import { createRefusalCounters, type RefusalCounters } from "./refusal-counters.js";

export interface DlmsView {
  /** Listens. @throws (rejects with) the error of the operating system, e.g. EADDRINUSE */
  start(): Promise<void>;
  /** Closes every connection in order, within a second. */
  stop(): Promise<void>;
  /** Where it listens; 0 before start(). */
  readonly port: number;
  readonly connectionCount: number;
  /** What was turned away. */
  readonly counters: RefusalCounters;
}

const sweepIntervalMs = 500;
/** A peer that does not read the last answers is cut off after this. */
const stopGraceMs = 500;

/**
 * DLMS/COSEM over TCP (wrapper, IEC 62056-47).
 * @throws RangeError when two clients have one SAP, or a SAP that clients cannot have (1 to 126)
 */
export function createDlmsView(parts: DlmsViewParts): DlmsView {
  const limits: DlmsLimits = { ...defaultDlmsLimits, ...parts.limits };
  const clients = clientsBySap(parts.clients);
  const connections = new Map<Socket, DlmsConnection>();
  const counters = parts.counters ?? createRefusalCounters();
  const output = createOutput();
  const shortNames = parts.shortNames ?? createShortNames();
  const scratch = new ByteWriter(2048);
  let server: Server | undefined;
  let cancelSweep: (() => void) | undefined;

  function accept(socket: Socket): void {
    const { registry, logger, clock, systemTitle, failures } = parts;
    const connection = new DlmsConnection({
      socket,
      registry,
      logger,
      clock,
      clients,
      limits,
      counters,
      output,
      shortNames,
      scratch,
      ...(systemTitle === undefined ? {} : { systemTitle }),
      ...(failures === undefined ? {} : { failures }),
    });
    connections.set(socket, connection);
    socket.on("close", () => connections.delete(socket));
  }

  function sweep(): void {
    const now = parts.clock.monotonic();
    for (const connection of connections.values()) connection.expire(now);
    cancelSweep = parts.clock.after(sweepIntervalMs, sweep);
  }

  return {
    counters,
    get port() {
      const address = server?.address();
      return typeof address === "object" && address !== null ? address.port : 0;
    },
    get connectionCount() {
      return connections.size;
    },
    async start() {
      const listening = createServer(accept);
      listening.maxConnections = limits.maxConnections;
      listening.on("drop", (peer) => {
        const reason = "too many connections";
        counters.count("connection", reason);
        parts.logger.warn("connection refused", { peer: `${peer?.remoteAddress}:${peer?.remotePort}`, reason });
      });
      await new Promise<void>((resolve, reject) => {
        listening.once("error", reject);
        listening.listen(parts.port, parts.host, () => {
          listening.off("error", reject);
          resolve();
        });
      });
      listening.on("error", (error) => parts.logger.error("listening failed", { cause: error.message }));
      server = listening;
      sweep();
    },
    async stop() {
      const listening = server;
      server = undefined;
      cancelSweep?.();
      cancelSweep = undefined;
      if (listening === undefined) return;
      const ended = [...connections.keys()].map(
        (socket) => new Promise<void>((resolve) => socket.once("close", resolve)),
      );
      const closed = new Promise<void>((resolve) => listening.close(() => resolve()));
      for (const connection of connections.values()) connection.close();
      const cancelGrace = parts.clock.after(stopGraceMs, () => {
        for (const socket of connections.keys()) socket.destroy();
      });
      await Promise.all([closed, ...ended]);
      cancelGrace();
    },
  };
}

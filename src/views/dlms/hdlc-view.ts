import { ByteWriter, createShortNames, type HdlcParameters } from "../../../cosem/index.js";
import type { ByteChannel } from "../../ports/index.js";
import { clientsBySap } from "./clients-by-sap.js";
import { HdlcConnection } from "./hdlc-connection.js";
import { type DlmsLimits, type DlmsViewParts, defaultDlmsLimits } from "./options.js";
import { createRefusalCounters, type RefusalCounters } from "./refusal-counters.js";

export interface HdlcViewParts extends Omit<DlmsViewParts, "host" | "port"> {
  /** The most that is agreed on with a client. */
  readonly parameters: HdlcParameters;
  /** Lower HDLC address of this gateway. */
  readonly physicalDevice: number;
  readonly interOctetTimeoutMs: number;
  /** A link silent for so long ends. */
  readonly linkInactivityTimeoutMs: number;
}

export interface HdlcView {
  /**
   * Serves all clients on a connection or line until it closes. `peer` names it in the log; `onLinksChanged` is told how many
   * links are open.
   */
  serve(channel: ByteChannel, peer: string, onLinksChanged?: (count: number) => void): void;
  readonly connectionCount: number;
  /** What was turned away. */
  readonly counters: RefusalCounters;
  start(): void;
  /** Closes every channel it serves. */
  stop(): Promise<void>;
}

const sweepIntervalMs = 500;

/**
 * DLMS/COSEM over HDLC (IEC 62056-46), on channels that others open.
 * @throws RangeError for clients or parameters that cannot be
 */
export function createHdlcView(parts: HdlcViewParts): HdlcView {
  const { registry, logger, clock, systemTitle, failures } = parts;
  const limits: DlmsLimits = { ...defaultDlmsLimits, ...parts.limits };
  const clients = clientsBySap(parts.clients);
  const connections = new Set<HdlcConnection>();
  const counters = parts.counters ?? createRefusalCounters();
  const scratch = new ByteWriter(2048);
  const shortNames = parts.shortNames ?? createShortNames();
  let cancelSweep: (() => void) | undefined;

  const station = {
    parameters: parts.parameters,
    physicalDevice: parts.physicalDevice,
    hasDevice: (sap: number) => registry.deviceBySap(sap) !== undefined,
    // An AARQ comes before any size is agreed on.
    maxApduBytes: Math.max(limits.maxReceivePduSize, 1024),
    interOctetTimeoutMs: parts.interOctetTimeoutMs,
    inactivityTimeoutMs: parts.linkInactivityTimeoutMs,
  };

  function sweep(): void {
    const now = clock.monotonic();
    for (const connection of connections) connection.expire(now);
    cancelSweep = clock.after(sweepIntervalMs, sweep);
  }

  return {
    counters,
    get connectionCount() {
      return connections.size;
    },
    serve(channel, peer, onLinksChanged) {
      const connection: HdlcConnection = new HdlcConnection({
        channel,
        peer,
        registry,
        logger,
        clock,
        clients,
        limits,
        counters,
        station,
        shortNames,
        scratch,
        ...(systemTitle === undefined ? {} : { systemTitle }),
        ...(failures === undefined ? {} : { failures }),
        ...(onLinksChanged === undefined ? {} : { onLinksChanged }),
        onClosed: () => connections.delete(connection),
      });
      connections.add(connection);
    },
    start: sweep,
    async stop() {
      cancelSweep?.();
      cancelSweep = undefined;
      await Promise.all([...connections].map((connection) => connection.close()));
    },
  };
}

/** DLMS/COSEM over HDLC: on a TCP port, and on a serial line. */
import { type OpticalBaudRate, opticalBaudRates } from "../../cosem/index.js";
import type { ByteChannel, Clock, Logger } from "../ports/index.js";
import type { Settings } from "../settings/index.js";
import { listenTcp, openSerial } from "../transport/index.js";
import { createHdlcView, createOpticalChannel, type HdlcView, type HdlcViewParts } from "../views/dlms/index.js";

export interface HdlcDoorParts
  extends Pick<
    HdlcViewParts,
    "registry" | "clients" | "clock" | "logger" | "systemTitle" | "failures" | "counters" | "shortNames"
  > {
  readonly settings: Settings;
}

/** A line that is lost, or cannot be opened, is tried again after this. */
const reopenMs = 10_000;
/** Answers kept for a client that does not read. */
const maxPendingBytes = 262_144;

function viewOf({ settings, ...parts }: HdlcDoorParts, interOctetTimeoutMs: number): HdlcView {
  const { hdlc, idleTimeoutSeconds } = settings.doors.dlms;
  return createHdlcView({
    ...parts,
    parameters: {
      maxInfoTransmit: hdlc.maxInfo,
      maxInfoReceive: hdlc.maxInfo,
      windowTransmit: hdlc.window,
      windowReceive: hdlc.window,
    },
    physicalDevice: hdlc.physicalDevice,
    interOctetTimeoutMs,
    linkInactivityTimeoutMs: hdlc.inactivityTimeoutSeconds * 1000,
    limits: { inactivityTimeoutMs: idleTimeoutSeconds * 1000 },
  });
}

export interface OpenHdlcPort {
  readonly port: number;
  stop(): Promise<void>;
}

/** @throws TransportError when the port cannot be opened */
export async function openHdlcPort(parts: HdlcDoorParts): Promise<OpenHdlcPort> {
  const { hdlc, maxConnections, idleTimeoutSeconds } = parts.settings.doors.dlms;
  const view = viewOf(parts, hdlc.interOctetTimeoutMs);
  const server = await listenTcp({
    host: hdlc.host,
    port: hdlc.port,
    maxConnections,
    idleTimeoutMs: idleTimeoutSeconds * 1000,
    maxPendingBytes,
    logger: parts.logger,
    accept: (channel, peer) => view.serve(channel, peer),
    refused(peer) {
      const reason = "too many connections";
      view.counters.count("connection", reason);
      parts.logger.warn("connection refused", { peer, reason, layer: "hdlc" });
    },
  });
  view.start();
  return {
    port: server.port,
    async stop() {
      await view.stop();
      await server.close();
    },
  };
}

/** Serves the serial line of the settings, and opens it again whenever it was lost. @returns how to end it */
export function serveHdlcLine(parts: HdlcDoorParts, path: string, open = openSerial): () => Promise<void> {
  const { clock, logger, settings } = parts;
  const { serial } = settings.doors.dlms.hdlc;
  const view = viewOf(parts, serial.interOctetTimeoutMs);
  let isStopped = false;
  let hasLoggedCause = false;
  let cancelReopen: (() => void) | undefined;

  async function openLine(): Promise<void> {
    try {
      const baudRate = serial.opticalStart ? 300 : serial.baudRate;
      const line = await open({ path, baudRate, parity: serial.opticalStart ? "none" : serial.parity });
      if (isStopped) return await line.close();
      serve(view, withReopening(line), path, parts);
      logger.info("HDLC line opened", { path });
      hasLoggedCause = false;
    } catch (error) {
      const cause = error instanceof Error ? error.message : "unknown";
      if (!hasLoggedCause) logger.warn("HDLC line not opened", { path, cause });
      hasLoggedCause = true;
      reopenLater();
    }
  }

  function reopenLater(): void {
    if (!isStopped) cancelReopen = clock.after(reopenMs, () => void openLine());
  }

  function withReopening(line: ByteChannel): ByteChannel {
    return {
      listen: (listener) =>
        line.listen({
          received: (bytes) => listener.received(bytes),
          closed(cause) {
            listener.closed(cause);
            if (cause !== undefined && !isStopped) logger.warn("HDLC line lost", { path, cause });
            reopenLater();
          },
        }),
      write: (bytes) => line.write(bytes),
      close: () => line.close(),
      setBaudRate: async (rate) => line.setBaudRate?.(rate),
    };
  }

  view.start();
  void openLine();
  return async () => {
    isStopped = true;
    cancelReopen?.();
    await view.stop();
  };
}

function serve(
  view: HdlcView,
  line: ByteChannel,
  path: string,
  { settings, clock, logger }: { readonly settings: Settings; readonly clock: Clock; readonly logger: Logger },
): void {
  const { serial, inactivityTimeoutSeconds } = settings.doors.dlms.hdlc;
  if (!serial.opticalStart) {
    view.serve(line, path);
    return;
  }
  const channel = createOpticalChannel({
    line,
    peer: path,
    clock,
    logger,
    manufacturerId: settings.identity.manufacturerId,
    identification: "GATEWAY",
    baudRate: opticalRate(serial.baudRate),
    ...(settings.identity.serial === undefined ? {} : { deviceAddress: settings.identity.serial }),
    inactivityTimeoutMs: Math.max(inactivityTimeoutSeconds, 10) * 1000,
  });
  view.serve(channel, path, (count) => channel.linksChanged(count));
}

/** The highest rate that mode E can name and that is not above the setting. */
function opticalRate(baudRate: number): OpticalBaudRate {
  return opticalBaudRates.findLast((rate) => rate <= baudRate) ?? 300;
}

import type { Declaration } from "./declaration/declaration.js";
import { connectHdlc, type HdlcConnection, type HdlcTarget, openHdlc } from "./hdlc-connection.js";
import { type OpenLine, type SharedLine, shareLine } from "./shared-line.js";
import { connectDlms, type DlmsConnection } from "./tcp-connection.js";

export type HdlcChanges = Pick<HdlcTarget, "parameters" | "opensLink">;

/** Makes the connections of a run, by the declared profile. */
export interface Connector {
  /** @throws (rejects with) the error of the operating system, or NoAnswer */
  connect(clientSap: number, serverSap: number): Promise<DlmsConnection>;
  /** For cases about HDLC itself: `changes` are of the link. */
  connectHdlc(clientSap: number, serverSap: number, changes?: HdlcChanges): Promise<HdlcConnection>;
  close(): Promise<void>;
}

/** @param openLine  needed where a serial line is declared */
export function createConnector(declaration: Declaration, openLine?: OpenLine): Connector {
  const { host, port, timeoutMs, profile, serial } = declaration;
  let line: SharedLine | undefined;

  async function sharedLine(path: string, baudRate: number): Promise<SharedLine> {
    if (openLine === undefined) throw new Error("serial lines cannot be opened here");
    line ??= shareLine(await openLine({ path, baudRate }));
    return line;
  }

  async function overHdlc(clientSap: number, serverSap: number, changes: HdlcChanges = {}): Promise<HdlcConnection> {
    const target = { host, port, ...hdlcTarget(declaration, clientSap, serverSap), ...changes };
    if (serial === undefined) return connectHdlc(target);
    return openHdlc((await sharedLine(serial.path, serial.baudRate)).take(), target);
  }

  return {
    connectHdlc: overHdlc,
    connect: (clientSap, serverSap) =>
      profile === "hdlc"
        ? overHdlc(clientSap, serverSap)
        : connectDlms({ host, port, clientSap, serverSap, timeoutMs }),
    close: async () => line?.close(),
  };
}

function hdlcTarget(declaration: Declaration, clientSap: number, serverSap: number): Omit<HdlcTarget, "host" | "port"> {
  const { physicalAddress, maxInformationField, windowSize } = declaration.hdlc;
  const addressLength = serverAddressLength(declaration, serverSap);
  const isDeclared = maxInformationField !== undefined || windowSize !== undefined;
  const size = maxInformationField ?? 128;
  const window = windowSize ?? 1;
  const parameters = { maxInfoTransmit: size, maxInfoReceive: size, windowTransmit: window, windowReceive: window };
  return {
    clientSap,
    serverSap,
    timeoutMs: declaration.timeoutMs,
    addressLength,
    ...(addressLength === 1 || physicalAddress === undefined ? {} : { physicalDevice: physicalAddress }),
    ...(isDeclared ? { parameters } : {}),
  };
}

/** Octets of the server's HDLC address: as declared, else as few as hold its parts. */
export function serverAddressLength({ hdlc }: Declaration, serverSap: number): 1 | 2 | 4 {
  const { addressLength, physicalAddress } = hdlc;
  if (addressLength !== undefined) return addressLength;
  if (serverSap > 0x7f || (physicalAddress ?? 0) > 0x7f) return 4;
  return physicalAddress === undefined ? 1 : 2;
}

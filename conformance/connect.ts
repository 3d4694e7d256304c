import type { Declaration } from "./declaration/declaration.js";
import { connectHdlc, type HdlcConnection, type HdlcTarget } from "./hdlc-connection.js";
import { connectDlms, type DlmsConnection } from "./tcp-connection.js";

/** A connection by the declared profile. @throws (rejects with) the error of the operating system, or NoAnswer */
export function connectDeclared(
  declaration: Declaration,
  clientSap: number,
  serverSap: number,
): Promise<DlmsConnection> {
  const { host, port, timeoutMs, profile } = declaration;
  if (profile === "hdlc") return connectDeclaredHdlc(declaration, clientSap, serverSap);
  return connectDlms({ host, port, clientSap, serverSap, timeoutMs });
}

export type HdlcChanges = Pick<HdlcTarget, "parameters" | "opensLink">;

/** For cases about HDLC itself: `changes` are of the link. */
export function connectDeclaredHdlc(
  declaration: Declaration,
  clientSap: number,
  serverSap: number,
  changes: HdlcChanges = {},
): Promise<HdlcConnection> {
  const { host, port, timeoutMs, hdlc } = declaration;
  const { physicalAddress, maxInformationField, windowSize } = hdlc;
  const addressLength = serverAddressLength(declaration, serverSap);
  const isDeclared = maxInformationField !== undefined || windowSize !== undefined;
  const size = maxInformationField ?? 128;
  const window = windowSize ?? 1;
  const parameters = { maxInfoTransmit: size, maxInfoReceive: size, windowTransmit: window, windowReceive: window };
  return connectHdlc({
    host,
    port,
    clientSap,
    serverSap,
    timeoutMs,
    addressLength,
    ...(addressLength === 1 || physicalAddress === undefined ? {} : { physicalDevice: physicalAddress }),
    ...(isDeclared ? { parameters } : {}),
    ...changes,
  });
}

/** Octets of the server's HDLC address: as declared, else as few as hold its parts. */
export function serverAddressLength({ hdlc }: Declaration, serverSap: number): 1 | 2 | 4 {
  const { addressLength, physicalAddress } = hdlc;
  if (addressLength !== undefined) return addressLength;
  if (serverSap > 0x7f || (physicalAddress ?? 0) > 0x7f) return 4;
  return physicalAddress === undefined ? 1 : 2;
}

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
  const { addressLength, physicalAddress, maxInformationField, windowSize } = hdlc;
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
    ...(addressLength === undefined ? {} : { addressLength }),
    ...(physicalAddress === undefined ? {} : { physicalDevice: physicalAddress }),
    ...(isDeclared ? { parameters } : {}),
    ...changes,
  });
}

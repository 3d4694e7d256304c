import type { DlmsClient } from "./options.js";

/** @throws RangeError when two clients have one SAP, or a SAP that clients cannot have (1 to 126) */
export function clientsBySap(clients: readonly DlmsClient[]): ReadonlyMap<number, DlmsClient> {
  const bySap = new Map<number, DlmsClient>();
  for (const client of clients) {
    const { clientSap } = client;
    if (!Number.isInteger(clientSap) || clientSap < 1 || clientSap > 126) {
      throw new RangeError(`client SAP ${clientSap}: 1 to 126 are permitted`);
    }
    if (bySap.has(clientSap)) throw new RangeError(`client SAP ${clientSap} twice`);
    bySap.set(clientSap, client);
  }
  return bySap;
}

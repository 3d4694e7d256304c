/** Our client association over TCP, for tests that ask a running gateway. */
import { type Data, logicalName, Secret } from "../../cosem/index.js";
import { type DlmsLink, openDlmsLink } from "../../src/host/dlms-link.js";

export interface DlmsSession {
  /** The attribute's value, or the number of its Data-Access-Result. */
  get(classId: number, obis: string, attributeIndex: number): Promise<Data | number>;
  close(): Promise<void>;
  readonly link: DlmsLink;
}

/** @throws (rejects) where the server refuses the association */
export async function openDlms(
  port: number,
  serverSap: number,
  client: { readonly sap: number; readonly password?: string } = { sap: 16 },
): Promise<DlmsSession> {
  const password = client.password === undefined ? undefined : new Secret(new TextEncoder().encode(client.password));
  const server = { host: "127.0.0.1", port, serverSap, timeoutMs: 10_000 };
  const link = await openDlmsLink({ ...server, clientSap: client.sap, password });
  return {
    link,
    async get(classId, obis, attributeIndex) {
      const name = logicalName(obis);
      const result = await link.driver.get({ classId, logicalName: name, attributeIndex, selectiveAccess: undefined });
      return result.kind === "error" ? result.error : result.data;
    },
    close: () => link.close(),
  };
}

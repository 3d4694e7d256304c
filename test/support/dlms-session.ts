/** Our client association over TCP, for tests that ask a running gateway. */
import { connectDlms, type DlmsConnection } from "../../conformance/index.js";
import { AssociationLn, type Data, logicalName, Secret } from "../../cosem/index.js";

export interface DlmsSession {
  /** The attribute's value, or the number of its Data-Access-Result. */
  get(classId: number, obis: string, attributeIndex: number): Promise<Data | number>;
  /** `class:OBIS` of every object in this association's list. */
  objectList(): Promise<readonly string[]>;
  close(): Promise<void>;
  readonly connection: DlmsConnection;
}

/** @throws (rejects) where the server refuses the association */
export async function openDlms(
  port: number,
  serverSap: number,
  client: { readonly sap: number; readonly password?: string } = { sap: 16 },
): Promise<DlmsSession> {
  const target = { host: "127.0.0.1", port, clientSap: client.sap, serverSap, timeoutMs: 10_000 };
  const { password } = client;
  const secret = password === undefined ? {} : { password: new Secret(new TextEncoder().encode(password)) };
  const connection = await connectDlms(target, secret);
  try {
    await connection.client.open();
  } catch (error) {
    await connection.close();
    throw error;
  }
  const get = async (classId: number, obis: string, attributeIndex: number) => {
    const attribute = { classId, logicalName: logicalName(obis), attributeIndex, selectiveAccess: undefined };
    const result = await connection.client.get(attribute);
    return result.kind === "error" ? result.error : result.data;
  };
  return {
    connection,
    get,
    async objectList() {
      const list = await get(15, "0-0:40.0.0*255", 2);
      if (typeof list === "number") throw new Error(`object list refused: ${list}`);
      const objects = AssociationLn.attributes.objectList.type.fromData(list);
      return objects.map(({ classId, logicalName: name }) => `${classId}:${name}`);
    },
    close: () => connection.close(),
  };
}

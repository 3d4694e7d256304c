import {
  createManagementClient,
  createPublicClient,
  managementClientSap,
  publicClientSap,
  Secret,
} from "../../cosem/index.js";
import type { DoorSettings } from "../settings/index.js";
import type { DlmsClient } from "../views/dlms/index.js";

/**
 * The public client, without security, and the management client, which exists once its password is set: nothing
 * works with a password known beforehand.
 */
export function createClients(dlms: DoorSettings["dlms"], publicClientReadsMeters: boolean): readonly DlmsClient[] {
  const publicClient = createPublicClient({
    readsMeters: publicClientReadsMeters,
    associationInstance: publicClientSap,
  });
  const clients: DlmsClient[] = [{ clientSap: publicClientSap, association: publicClient, mechanism: 0 }];
  if (dlms.managementPassword !== undefined) {
    const secret = new Secret(new TextEncoder().encode(dlms.managementPassword.reveal()));
    clients.push({ clientSap: managementClientSap, association: createManagementClient(), mechanism: 1, secret });
  }
  return clients;
}

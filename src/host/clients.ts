import { type Association, createManagementClient, createPublicClient, publicClientSap } from "../../cosem/index.js";
import type { DoorSettings, Secret } from "../settings/index.js";

/** A DLMS client as the server knows it: its rights, and its password where it needs one. */
export interface DlmsClient {
  readonly association: Association;
  /** Undefined: lowest-level security, no password. */
  readonly password: Secret | undefined;
}

/**
 * The public client, without security, and the management client, which exists once its password is set: nothing
 * works with a password known beforehand.
 */
export function createClients(dlms: DoorSettings["dlms"], publicClientReadsMeters: boolean): readonly DlmsClient[] {
  const publicClient = createPublicClient({
    readsMeters: publicClientReadsMeters,
    associationInstance: publicClientSap,
  });
  const clients: DlmsClient[] = [{ association: publicClient, password: undefined }];
  if (dlms.managementPassword !== undefined) {
    clients.push({ association: createManagementClient(), password: dlms.managementPassword });
  }
  return clients;
}

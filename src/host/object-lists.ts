/** Object lists of DLMS clients: what add_object and remove_object changed in them is kept over a restart. */
import { createAdjustableAssociation, type ObjectListChange } from "../../cosem/index.js";
import type { StateStore } from "../accounts/index.js";
import type { DlmsClient } from "../views/dlms/index.js";

export interface ObjectListStore extends Pick<StateStore, "setState"> {
  getState(key: string): Promise<string | undefined>;
}

/** The same clients, with associations whose object lists can be changed. Rejects where the store cannot be read. */
export async function openObjectLists(
  clients: readonly DlmsClient[],
  store: ObjectListStore,
): Promise<readonly DlmsClient[]> {
  return await Promise.all(clients.map((client) => openObjectList(client, store)));
}

async function openObjectList(client: DlmsClient, store: ObjectListStore): Promise<DlmsClient> {
  const name = `association.objects/${client.clientSap}`;
  const kept = await store.getState(name);
  const association = createAdjustableAssociation({
    association: client.association,
    changes: kept === undefined ? [] : (JSON.parse(kept) as readonly ObjectListChange[]),
    async changed(changes) {
      await store.setState(name, JSON.stringify(changes));
      return undefined;
    },
  });
  return { ...client, association };
}

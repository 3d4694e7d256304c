import { describe, expect, it } from "vitest";
import {
  createAssociation,
  createAssociationObject,
  createLogicalDevice,
  createObject,
  createRegistry,
  DataClass,
  decodeData,
  fromHex,
  logicalName,
  nullData,
} from "../../cosem/index.js";
import { openObjectLists } from "../../src/host/object-lists.js";
import { memoryState } from "../support/memory-state.js";

const data = createObject(DataClass, logicalName("0-0:96.1.0*255"), { attributes: { value: nullData } });

describe("object lists of clients", () => {
  it("keep what was added and removed over a restart", async () => {
    const store = memoryState();
    const given = [
      { clientSap: 17, association: createAssociation({ name: "a", clientSap: 17, rules: [] }), mechanism: 0 as const },
    ];
    async function open() {
      const [client] = await openObjectLists(given, store);
      if (client === undefined) throw new Error("one client goes in");
      const { association } = client;
      const object = createAssociationObject({ association, instance: 17, mayChangeObjects: true });
      const device = createLogicalDevice({ name: "A", sap: 16, kind: "meter", objects: [object, data] });
      return { association, device, object };
    }
    const { association, device, object } = await open();
    const registry = createRegistry({ onListenerError: () => undefined });
    const all = createAssociation({ name: "all", clientSap: 1, rules: [{ access: "declared" }] });
    const target = { device, logicalName: object.logicalName, classId: 15, methodIndex: 3 };
    // Data 0-0:96.1.0: attribute 2 read only (1).
    const element = decodeData(fromHex("0204120001110009060000600100ff02020101" + "02030f02160100" + "0100"));
    const answer = registry.invoke(target, element, { association: all, user: "", door: "test", peer: "test" });
    expect(await answer).toEqual({ ok: true, value: undefined });
    expect(association.attributeAccess(device, data, 2)).toBe(1);

    const again = await open();
    expect(again.association.attributeAccess(again.device, data, 2)).toBe(1);
    expect(again.association.isVisible(again.device, data)).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import {
  type AssociationSession,
  createLogicalDevice,
  createRegistry,
  type Data,
  decodeData,
  encodeData,
  fromHex,
  logicalName,
  type Principal,
  refused,
  toHex,
} from "../../cosem/index.js";
import { createVault, openInvocationCounters } from "../../src/accounts/index.js";
import { createClients } from "../../src/host/clients.js";
import { createSecurityObjects } from "../../src/host/security-objects.js";
import { openSecuritySetups } from "../../src/host/security-setups.js";
import { systemTitleOf } from "../../src/host/system-title.js";
import { loadSettings } from "../../src/settings/index.js";
import { manualClock } from "../support/manual-clock.js";
import { memoryState } from "../support/memory-state.js";
import { keepingLogger } from "../support/silent-logger.js";

const systemTitle = systemTitleOf("XXX", "00000001");
const key = (octet: string) => `"${octet.repeat(16)}"`;

/** Setup 3 for client 2, none for client 5; both have all rights. */
const settingsText = `
doors:
  dlms:
    associationVersion: 2
    securitySetups:
      - { instance: 3, unicastKey: ${key("01")}, authenticationKey: ${key("02")}, masterKey: "000102030405060708090a0b0c0d0e0f" }
    clients:
      - { sap: 2, name: head-end, ciphering: ciphered, mechanism: gmac, securitySetup: 3, rights: management,
          users: [{ id: 7, name: anna }] }
      - sap: 5
        name: other
        mechanism: low
        secret: "long enough"
        rights: management
        rules:
          - classId: 15
            access: declared
            attributes:
              - { index: 4, access: [] }
              - { index: 5, access: [read, write], protection: [authenticatedRequest] }
            methods: [{ index: 2, access: [invoke] }]
`;

async function open() {
  const never = { schedule: () => undefined, secondaryAddress: () => undefined };
  const loaded = loadSettings(settingsText, "settings.yaml", never);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { dlms } = loaded.settings.doors;
  const store = memoryState();
  const counters = await openInvocationCounters({ store, clock: manualClock(), logger: keepingLogger() }, systemTitle);
  const vault = createVault(new Uint8Array(32));
  const setups = await openSecuritySetups({ settings: dlms.securitySetups, vault, store, counters, systemTitle });
  const security = { systemTitle, counters, setups, vault, stop: () => counters.stop() };
  const clients = createClients({ dlms, publicClientReadsMeters: false, security });
  const now = () => Date.UTC(2026, 10, 23);
  const {
    currentAssociation,
    associations,
    setups: setupObjects,
  } = createSecurityObjects({ dlms, clients, security, now });
  const objects = [currentAssociation, ...associations, ...setupObjects];
  const device = createLogicalDevice({ name: "XXX00000001", sap: 1, kind: "management", objects });
  const registry = createRegistry({
    onListenerError(error) {
      throw error;
    },
  });
  const principalOf = (sap: number): Principal => {
    const client = clients.find(({ clientSap }) => clientSap === sap);
    if (client === undefined) throw new Error(`no client ${sap}`);
    const session: AssociationSession = {
      clientSap: sap,
      serverSap: 1,
      applicationContextName: [],
      authenticationMechanismName: [],
      conformance: 0,
      maxReceivePduSize: 0,
      maxSendPduSize: 0,
      dlmsVersionNumber: 6,
      isAuthenticationPending: false,
      clientSystemTitle: fromHex("4558430000000001"),
      userId: 7,
    };
    return { association: client.association, user: "", door: "dlms", peer: "test", session };
  };
  return {
    objects,
    keyStore: setups.get(3),
    async read(sap: number, name: string, attributeIndex: number) {
      const target = { device, logicalName: logicalName(name), classId: undefined, attributeIndex };
      const answer = await registry.read(target, principalOf(sap));
      return answer.ok && answer.value.type !== "array-stream" ? toHex(encodeData(answer.value)) : answer;
    },
    async invoke(sap: number, methodIndex: number, parameters: Data) {
      const target = { device, logicalName: logicalName("0-0:43.0.3*255"), classId: 64, methodIndex };
      return await registry.invoke(target, parameters, principalOf(sap));
    },
  };
}

describe("the objects about clients and their security", () => {
  it("stand at the SAP of each client and the instance of each setup, in the version of the settings", async () => {
    const { objects } = await open();
    const names = objects.map(
      ({ interfaceClass, logicalName: name }) => `${interfaceClass.classId}/${interfaceClass.version} ${name}`,
    );
    expect(names).toEqual([
      "15/2 0-0:40.0.0*255",
      "15/2 0-0:40.0.16*255",
      "15/2 0-0:40.0.2*255",
      "15/2 0-0:40.0.5*255",
      "64/1 0-0:43.0.0*255",
      "64/1 0-0:43.0.3*255",
    ]);
  });

  it("refer each association to its own setup and its own users", async () => {
    const { read } = await open();
    expect(await read(2, "0-0:40.0.0*255", 9)).toBe("090600002b0003ff");
    expect(await read(5, "0-0:40.0.0*255", 9)).toBe("090600002b0000ff");
    expect(await read(5, "0-0:40.0.2*255", 9)).toBe("090600002b0003ff");
    expect(await read(2, "0-0:40.0.0*255", 11)).toBe("020211070a04616e6e61");
    expect(await read(5, "0-0:40.0.0*255", 10)).toBe("0100");
  });

  it("show rights that the settings give to single attributes", async () => {
    const { read } = await open();
    expect(await read(5, "0-0:40.0.0*255", 4)).toBe(refused.readWriteDenied);
    expect(await read(5, "0-0:40.0.0*255", 5)).toBe(refused.readWriteDenied);
    // Attribute 4: no access. Attribute 5: never written, so authenticated read only (4).
    const list = await read(5, "0-0:40.0.5*255", 2);
    expect(list).toContain("02030f0416000002030f05160400");
  });

  it("let a setup be read by others, and be changed by its own clients alone", async () => {
    const { read, invoke, keyStore } = await open();
    expect(await read(5, "0-0:43.0.3*255", 5)).toBe(`0908${toHex(systemTitle)}`);
    expect(await read(2, "0-0:43.0.3*255", 4)).toBe("09084558430000000001");
    // RFC 3394, 4.1: 00112233…ff wrapped with 000102…0f.
    const transfer = decodeData(fromHex("0101" + "02021600" + "09181fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"));
    expect(await invoke(5, 2, transfer)).toBe(refused.readWriteDenied);
    expect(await invoke(2, 2, transfer)).toEqual({ ok: true, value: undefined });
    expect(toHex(keyStore?.state.keys.unicast?.reveal() ?? fromHex(""))).toBe("00112233445566778899aabbccddeeff");
    expect(await read(16, "0-0:43.0.3*255", 2)).toBe(refused.readWriteDenied);
  });
});

import { describe, expect, it } from "vitest";
import { type DeclarationFile, declarationSchema, declarePlain, resolveDeclaration } from "../../conformance/index.js";
import { conformanceBit, Secret } from "../../cosem/index.js";
import { readCheckedYaml } from "../../src/settings/checked-yaml.js";

const read = (text: string) => readCheckedYaml(declarationSchema, text, "meter.yaml").value;
const key = "000102030405060708090a0b0c0d0e0f";

const whole = `
connection: { profile: hdlc, host: meter.example, port: 4060, timeoutSeconds: 1.5,
  hdlc: { addressLength: 4, physicalAddress: 17, maxInformationField: 256, windowSize: 3 } }
logicalDevices:
  - { sap: 1, name: EXM0000000000001 }
  - { sap: 16 }
associations:
  - { clientSap: 16, logicalDevices: [1] }
  - name: head-end
    clientSap: 2
    context: ln-ciphered
    mechanism: gmac
    conformance: [get, set, blockTransferWithGet]
    security: { suite: 0, policy: authenticated, style: general-glo, clientSystemTitle: 45584d0000000002,
      encryptionKey: ${key}, authenticationKey: ${key}, invocationCounter: 0-0:43.1.0, dedicatedKey: true }
extras:
  profile: { logicalDevice: 16, object: 1-0:99.1.0 }
  writable: [{ object: 0-0:96.1.0*255, attribute: 2 }]
  push: { listenPort: 4061, pushSetup: 0-4:25.9.0, protected: true, timeoutSeconds: 20 }
`;

describe("a declaration", () => {
  it("is read whole, from YAML", () => {
    const declaration = resolveDeclaration(read(whole));
    expect(declaration).toMatchObject({
      profile: "hdlc",
      host: "meter.example",
      port: 4060,
      timeoutMs: 1500,
      hdlc: { addressLength: 4, physicalAddress: 17, maxInformationField: 256, windowSize: 3 },
      profileObject: { logicalDevice: 16, logicalName: "1-0:99.1.0*255" },
      writable: [{ logicalDevice: 1, logicalName: "0-0:96.1.0*255", attributeIndex: 2 }],
      push: { listenPort: 4061, pushSetup: "0-4:25.9.0*255", isProtected: true, timeoutMs: 20_000 },
    });
    const [open, headEnd] = declaration.associations;
    expect(open).toMatchObject({ name: "client 16", context: 1, mechanism: 0, logicalDevices: [1] });
    expect(headEnd).toMatchObject({ name: "head-end", context: 3, mechanism: 5, logicalDevices: [1, 16] });
    expect(headEnd?.conformance).toBe(conformanceBit.get | conformanceBit.set | conformanceBit.blockTransferWithGet);
    expect(headEnd?.security).toMatchObject({
      protection: 4,
      style: "general-glo",
      invocationCounter: "0-0:43.1.0*255",
    });
  });

  it.each([
    ["associations: [{ clientSap: 16, pasword: x }]", "meter.yaml:1: associations[0].pasword: is not known here"],
    ["asociations: []\nassociations: [{ clientSap: 16 }]", "meter.yaml:1: asociations: is not known here"],
    ["associations:\n  - clientSap: 200", "meter.yaml:2: associations[0].clientSap"],
    ["associations:\n  - { clientSap: 1, context: xx }", "must be one of ln, sn, ln-ciphered, sn-ciphered"],
    ["connection: { host: a }", "associations"],
  ])("is refused by name and line: %j", (text, words) => {
    expect(() => read(text)).toThrow(words);
  });

  const security = { suite: 0, clientSystemTitle: "45584d0000000002", encryptionKey: key } as const;
  it.each<readonly [Partial<DeclarationFile["associations"][number]>, string]>([
    [{ mechanism: "low" }, "wants a secret"],
    [{ secret: "a", secretHex: "00" }, "give one"],
    [{ context: "ln-ciphered" }, "wants security"],
    [{ mechanism: "gmac" }, "wants security"],
    [{ mechanism: "high" }, "maker's own"],
    [{ logicalDevices: [5] }, "logical device 5 is not declared"],
    [{ security: { ...security, suite: 2 } }, "encryptionKey has 16 octets; suite 2 has 32"],
    [{ security: { ...security, clientSystemTitle: "00" } }, "clientSystemTitle has 8 octets"],
    [{ mechanism: "ecdsa", security: { ...security, suite: 1 } }, "wants clientSigningKey"],
  ])("is refused where its parts do not fit: %j", (part, words) => {
    const file = { connection: { host: "a" }, associations: [{ clientSap: 2, ...part }] };
    expect(() => resolveDeclaration(file)).toThrow(words);
  });

  it("wants a host, of the file or of the caller", () => {
    const file = { associations: [{ clientSap: 16 }] };
    expect(() => resolveDeclaration(file)).toThrow("connection.host is missing");
    expect(resolveDeclaration(file, { host: "here", port: 1 })).toMatchObject({ host: "here", port: 1 });
  });

  it("prints no secret", () => {
    const password = new Secret(Buffer.from("hush"));
    expect(JSON.stringify(declarePlain({ host: "a", port: 1, password }))).not.toContain("hush");
  });
});

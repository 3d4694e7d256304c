import { describe, expect, it } from "vitest";
import { formatProblems, loadSettings } from "../../src/settings/index.js";

const never = { schedule: () => undefined, secondaryAddress: () => undefined };
const key16 = "00".repeat(16);
const key32 = "11".repeat(32);

/** What is wrong with `doors.dlms`, a line each. */
function problems(dlms: string): string[] {
  const loaded = loadSettings(`doors: { dlms: ${dlms} }`, "s", never);
  return loaded.ok ? [] : formatProblems(loaded.problems).split("\n");
}

describe("settings of DLMS clients", () => {
  it("take a client of each mechanism with what it needs", () => {
    const secrets = ["low", "md5", "sha1"].map(
      (mechanism, index) => `{ sap: ${index + 2}, name: ${mechanism}, mechanism: ${mechanism}, secret: "12345678" }`,
    );
    const keys = `{ sap: 20, name: gmac, mechanism: gmac, ciphering: ciphered, securitySetup: 0 },
      { sap: 21, name: ecdsa, mechanism: ecdsa, securitySetup: 2 },
      { sap: 1, name: sha, mechanism: sha256, secret: "12345678", securitySetup: 0, rights: management }`;
    const setups = `[{ unicastKey: "${key16}", authenticationKey: "${key16}" }, { instance: 2, suite: 2, masterKey: "${key32}" }]`;
    expect(problems(`{ clients: [${secrets.join()}, ${keys}], securitySetups: ${setups} }`)).toEqual([]);
  });

  it.each([
    [`{ clients: [{ sap: 16, name: a, secret: "12345678" }] }`, "clients[0].sap: 16 is the SAP of the public client"],
    [
      `{ managementPassword: "12345678", clients: [{ sap: 1, name: a, secret: "12345678" }] }`,
      "clients[0].sap: 1 is the SAP of the client of managementPassword",
    ],
    [
      `{ clients: [{ sap: 2, name: a, secret: "12345678" }, { sap: 2, name: b, secret: "12345678" }] }`,
      'clients[1].sap: 2 is the SAP of client "a"',
    ],
    [`{ clients: [{ sap: 2, name: a }] }`, "clients[0]: wants a secret for mechanism low"],
    [
      `{ clients: [{ sap: 2, name: a, mechanism: none, secret: "12345678" }] }`,
      "clients[0].secret: is of no use with this mechanism",
    ],
    [
      `{ clients: [{ sap: 2, name: a, mechanism: gmac }] }`,
      "clients[0]: wants a securitySetup: ciphering, gmac, sha256 and ecdsa take one",
    ],
    [
      `{ clients: [{ sap: 2, name: a, mechanism: gmac, securitySetup: 7 }] }`,
      "clients[0].securitySetup: there is no instance 7 under securitySetups",
    ],
    [
      `{ clients: [{ sap: 2, name: a, mechanism: gmac, securitySetup: 0 }], securitySetups: [{}] }`,
      "clients[0].securitySetup: instance 0 has no unicastKey and authenticationKey, which this client needs",
    ],
    [`{ securitySetups: [{}, {}] }`, "securitySetups[1].instance: 0 is the instance of another security setup"],
    [
      `{ securitySetups: [{ suite: 2, masterKey: "${key16}" }] }`,
      "securitySetups[0].masterKey: wants 64 hex digits in suite 2",
    ],
    [
      `{ securitySetups: [{ masterKey: "not a key" }] }`,
      "securitySetups[0].masterKey: wants 32 hex digits, or 64 in suite 2",
    ],
  ])("say what does not fit: %s", (dlms, message) => {
    expect(problems(dlms)).toEqual([`s:1: doors.dlms.${message}`]);
  });
});

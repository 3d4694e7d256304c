/** The whole harness against our server with short names. */
import { afterEach, describe, expect, it } from "vitest";
import { formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { createDlmsView, type DlmsClient, type DlmsView } from "../../src/views/dlms/index.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";
import { createSoundDevice, password } from "./our-server.js";
import { type SecuredOptions, securedClient, serverTitle } from "./secured-client.js";

let view: DlmsView | undefined;
afterEach(async () => {
  await view?.stop();
  view = undefined;
});

type Declared = Parameters<typeof resolveDeclaration>[0]["associations"];

async function look(
  client: DlmsClient,
  registry: ReturnType<typeof createSoundDevice>["registry"],
  associations: Declared,
) {
  const opened = createDlmsView({
    registry,
    clients: [client],
    systemTitle: serverTitle,
    host: "127.0.0.1",
    port: 0,
    logger: recordingLogger(),
    clock: systemClock,
  });
  view = opened;
  await opened.start();
  const declaration = resolveDeclaration({ connection: { host: "127.0.0.1", port: opened.port }, associations });
  const results = await runConformance({ declaration }, () => undefined);
  const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
  expect(bad.map(formatResult)).toEqual([]);
  const passed = results.filter(({ verdict }) => verdict === "pass").map((result) => result.case.name);
  expect(passed).toEqual(expect.arrayContaining(["APPL_DATA_SN_N1", "APPL_DATA_SN_N2", "APPL_DATA_SN_N3"]));
}

describe("our server with short names passes every case", () => {
  it("without security", async () => {
    const { registry, association } = createSoundDevice();
    const client = { clientSap: 16, association: association(16), mechanism: 0, applicationContext: 2 } as const;
    await look(client, registry, [{ clientSap: 16, context: "sn" }]);
  });

  it("with a password", async () => {
    const { registry, association } = createSoundDevice();
    const client = {
      clientSap: 1,
      association: association(1),
      mechanism: 1,
      secret: password,
      applicationContext: 2,
    } as const;
    await look(client, registry, [{ clientSap: 1, context: "sn", mechanism: "low", secret: "12345678" }]);
  });

  it.each<SecuredOptions>([
    { suite: 0, mechanism: "none" },
    { suite: 0, mechanism: "low" },
    { suite: 1, mechanism: "none" },
  ])("ciphered, %j", async (options) => {
    const secured = securedClient(options);
    const { registry, association } = createSoundDevice([secured.securitySetup]);
    const client = { ...secured.client(association), applicationContext: 4 } as const;
    await look(client, registry, [{ ...secured.declared, context: "sn-ciphered" }]);
  });
});

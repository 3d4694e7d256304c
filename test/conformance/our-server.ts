/** Our DLMS view over objects that are all in order, for the harness to look at. */
import {
  type Association,
  type CosemObject,
  createAssociation,
  createLogicalDevice,
  createRegistry,
  createSapAssignment,
  Secret,
} from "../../cosem/index.js";
import { listenTcp } from "../../src/transport/index.js";
import { createDlmsView, createHdlcView, type DlmsClient } from "../../src/views/dlms/index.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";
import { type SecuredClient, serverTitle } from "./secured-client.js";

export const password = new Secret(Buffer.from("12345678"));

/** What stands in the fixture of the transcripts and is no good object: forced errors, and a setup without values. */
const leftOut = /^(1:0-0:96\.50\.|64:|17:)/;

export function createSoundDevice(further: readonly CosemObject[] = []) {
  const registry = createRegistry({
    onListenerError: (error) => {
      throw error;
    },
  });
  const recorded = createDlmsFixture().registry.deviceBySap(1);
  if (recorded === undefined) throw new Error("the fixture has SAP 1");
  const objects = [...recorded.objects()].filter(
    (object) => !leftOut.test(`${object.interfaceClass.classId}:${object.logicalName}`),
  );
  const sapAssignment = createSapAssignment(registry);
  registry.addDevice(
    createLogicalDevice({
      name: "EXM0000000000001",
      sap: 1,
      kind: "management",
      objects: [...objects, sapAssignment, ...further],
    }),
  );
  const association = (clientSap: number): Association =>
    createAssociation({ name: `client ${clientSap}`, clientSap, rules: [{ access: "declared" }] });
  return { registry, association };
}

export interface OurServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Public client 16, client 1 with a password, and the one given. */
function partsOf(secured: SecuredClient | undefined) {
  const { registry, association } = createSoundDevice(secured === undefined ? [] : [secured.securitySetup]);
  const own: readonly DlmsClient[] = [
    { clientSap: 16, association: association(16), mechanism: 0 },
    { clientSap: 1, association: association(1), mechanism: 1, secret: password },
  ];
  return {
    registry,
    clients: [...own, ...(secured === undefined ? [] : [secured.client(association)])],
    systemTitle: serverTitle,
    logger: recordingLogger(),
    clock: systemClock,
  };
}

export async function startOurServer(secured?: SecuredClient): Promise<OurServer> {
  const view = createDlmsView({ ...partsOf(secured), host: "127.0.0.1", port: 0 });
  await view.start();
  return view;
}

export const physicalAddress = 17;

/** Over HDLC on TCP. */
export async function startOurHdlcServer(secured?: SecuredClient): Promise<OurServer> {
  const view = createHdlcView({
    ...partsOf(secured),
    parameters: { maxInfoTransmit: 512, maxInfoReceive: 512, windowTransmit: 3, windowReceive: 3 },
    physicalDevice: physicalAddress,
    interOctetTimeoutMs: 200,
    linkInactivityTimeoutMs: 1500,
  });
  view.start();
  const server = await listenTcp({
    host: "127.0.0.1",
    port: 0,
    maxConnections: 10,
    accept: (channel, peer) => view.serve(channel, peer),
  });
  return {
    port: server.port,
    async stop() {
      await server.close();
      await view.stop();
    },
  };
}

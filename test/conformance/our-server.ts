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
import type { ByteChannel } from "../../src/ports/index.js";
import { listenTcp } from "../../src/transport/index.js";
import { createDlmsView, createHdlcView, type DlmsClient, type DlmsLimits } from "../../src/views/dlms/index.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";
import { type SecuredClient, serverTitle } from "./secured-client.js";

export const password = new Secret(Buffer.from("12345678"));

/** What stands in the fixture of the transcripts and is no good object: forced errors, and a setup without values. */
const leftOut = /^(1:0-0:96\.50\.|64:|17:)/;

export interface OurServerOptions {
  readonly secured?: SecuredClient;
  /** Further objects; one that the device has under the same class and name gives way. */
  readonly objects?: readonly CosemObject[];
  readonly limits?: Partial<DlmsLimits>;
  /** Users that may open the public client's association. */
  readonly userIds?: readonly number[];
}

const nameOf = (object: CosemObject): string => `${object.interfaceClass.classId}:${object.logicalName}`;

export function createSoundDevice(further: readonly CosemObject[] = []) {
  const registry = createRegistry({
    onListenerError: (error) => {
      throw error;
    },
  });
  const recorded = createDlmsFixture().registry.deviceBySap(1);
  if (recorded === undefined) throw new Error("the fixture has SAP 1");
  const replaced = new Set(further.map(nameOf));
  const objects = [...recorded.objects()].filter(
    (object) => !leftOut.test(nameOf(object)) && !replaced.has(nameOf(object)),
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
function partsOf({ secured, objects = [], userIds, limits }: OurServerOptions) {
  const setup = secured === undefined ? [] : [secured.securitySetup];
  const { registry, association } = createSoundDevice([...objects, ...setup]);
  const users =
    userIds === undefined
      ? {}
      : { isUserPermitted: (userId: number | undefined) => userId !== undefined && userIds.includes(userId) };
  const own: readonly DlmsClient[] = [
    { clientSap: 16, association: association(16), mechanism: 0, ...users },
    { clientSap: 1, association: association(1), mechanism: 1, secret: password },
  ];
  return {
    registry,
    clients: [...own, ...(secured === undefined ? [] : [secured.client(association)])],
    systemTitle: serverTitle,
    logger: recordingLogger(),
    clock: systemClock,
    ...(limits === undefined ? {} : { limits }),
  };
}

export async function startOurServer(options: OurServerOptions = {}): Promise<OurServer> {
  const view = createDlmsView({ ...partsOf(options), host: "127.0.0.1", port: 0 });
  await view.start();
  return view;
}

export const physicalAddress = 17;

function createOurHdlcView(options: OurServerOptions) {
  return createHdlcView({
    ...partsOf(options),
    parameters: { maxInfoTransmit: 512, maxInfoReceive: 512, windowTransmit: 3, windowReceive: 3 },
    physicalDevice: physicalAddress,
    interOctetTimeoutMs: 200,
    linkInactivityTimeoutMs: 1500,
  });
}

/** Over HDLC on TCP. */
export async function startOurHdlcServer(options: OurServerOptions = {}): Promise<OurServer> {
  const view = createOurHdlcView(options);
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

/** Over HDLC on one line. */
export function startOurLine(channel: ByteChannel): OurServer {
  const view = createOurHdlcView({});
  view.start();
  view.serve(channel, "line");
  return { port: 0, stop: () => view.stop() };
}

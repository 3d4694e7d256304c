/** Our DLMS view over objects that are all in order, for the harness to look at. */
import {
  type Association,
  createAssociation,
  createLogicalDevice,
  createRegistry,
  createSapAssignment,
  Secret,
} from "../../cosem/index.js";
import { createDlmsView, type DlmsClient, type DlmsView } from "../../src/views/dlms/index.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

export const password = new Secret(Buffer.from("12345678"));

/** What stands in the fixture of the transcripts and is no good object: forced errors, and a setup without values. */
const leftOut = /^(1:0-0:96\.50\.|64:|17:)/;

export function createSoundDevice() {
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
    createLogicalDevice({ name: "EXM0000000000001", sap: 1, kind: "management", objects: [...objects, sapAssignment] }),
  );
  const association = (clientSap: number): Association =>
    createAssociation({ name: `client ${clientSap}`, clientSap, rules: [{ access: "declared" }] });
  return { registry, association };
}

/** A public client 16, client 1 with a password, and those given. */
export async function startOurServer(clients: readonly DlmsClient[] = []): Promise<DlmsView> {
  const { registry, association } = createSoundDevice();
  const view = createDlmsView({
    registry,
    clients: [
      { clientSap: 16, association: association(16), mechanism: 0 },
      { clientSap: 1, association: association(1), mechanism: 1, secret: password },
      ...clients,
    ],
    host: "127.0.0.1",
    port: 0,
    logger: recordingLogger(),
    clock: systemClock,
  });
  await view.start();
  return view;
}

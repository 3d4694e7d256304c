/** A client driver and a server association that speak without a socket. */
import {
  type AssociationPolicy,
  type ClientDriver,
  type ClientDriverOptions,
  createClientDriver,
  createServerAssociation,
  offeredConformance,
} from "../../cosem/index.js";
import { AssociationLink } from "../../src/views/dlms/association-link.js";
import { createDlmsFixture } from "./dlms-fixture.js";
import { recordingLogger } from "./recording-logger.js";
import { recordedShortNames } from "./short-name-fixture.js";
import { systemClock } from "./system-clock.js";

export interface Loopback {
  readonly client: ClientDriver;
  /** APDUs in order, `>` from the client. */
  readonly trace: readonly { readonly direction: ">" | "<"; readonly apdu: Uint8Array }[];
}

export function createLoopback(
  clientOptions: ClientDriverOptions = {},
  policy: Partial<AssociationPolicy> = {},
): Loopback {
  const fixture = createDlmsFixture({ isStreamed: true });
  const device = fixture.registry.deviceBySap(1);
  if (device === undefined) throw new Error("the fixture has SAP 1");
  const trace: { direction: ">" | "<"; apdu: Uint8Array }[] = [];
  const link = new AssociationLink({
    client: { clientSap: 16, association: fixture.association(16), mechanism: policy.mechanism ?? 0 },
    device,
    machine: createServerAssociation({
      policy: {
        clientSap: 16,
        serverSap: 1,
        applicationContext: 1,
        mechanism: 0,
        secret: undefined,
        conformance: offeredConformance,
        maxReceivePduSize: 1024,
        maxSendPduSize: 65_535,
        systemTitle: undefined,
        ...policy,
      },
      inactivityTimeoutMs: 0,
      maxAssembledBytes: 100_000,
    }),
    peer: "loopback",
    registry: fixture.registry,
    ...(policy.applicationContext === 2 || policy.applicationContext === 4
      ? { shortNames: recordedShortNames().of(device) }
      : {}),
    logger: recordingLogger(),
    clock: systemClock,
    send: (bytes) => {
      const apdu = new Uint8Array(bytes);
      trace.push({ direction: "<", apdu });
      queueMicrotask(() => client.receive(apdu));
    },
    onRefused: () => undefined,
    onRejected: () => undefined,
  });
  const client = createClientDriver(clientOptions, (bytes) => {
    const apdu = new Uint8Array(bytes);
    trace.push({ direction: ">", apdu });
    queueMicrotask(() => void link.receive(apdu, 0));
  });
  return { client, trace };
}

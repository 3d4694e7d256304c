import { afterEach, expect, it } from "vitest";
import { connectDlms } from "../../../conformance/index.js";
import { Secret } from "../../../cosem/index.js";
import { createDlmsView, createFailedAssociations, type DlmsView } from "../../../src/views/dlms/index.js";
import { createDlmsFixture } from "../../support/dlms-fixture.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { systemClock } from "../../support/system-clock.js";

const secretOf = (text: string) => new Secret(new TextEncoder().encode(text));
let view: DlmsView | undefined;

afterEach(() => view?.stop());

it("an address that guesses passwords is held back with the right one too, others and other clients' mistakes are not", async () => {
  const fixture = createDlmsFixture({ isStreamed: false });
  const logger = recordingLogger();
  const started = createDlmsView({
    registry: fixture.registry,
    clients: [
      { clientSap: 16, association: fixture.association(16), mechanism: 0 },
      { clientSap: 1, association: fixture.association(1), mechanism: 1, secret: secretOf("12345678") },
    ],
    host: "127.0.0.1",
    port: 0,
    failures: createFailedAssociations({ failuresPerMinute: 2, firstHoldMs: 600_000, longestHoldMs: 600_000 }),
    logger,
    clock: systemClock,
  });
  view = started;
  await started.start();

  async function tryOpen(clientSap: number, password?: string): Promise<string> {
    const target = { host: "127.0.0.1", port: started.port, clientSap, serverSap: 1, timeoutMs: 10_000 };
    const connection = await connectDlms(target, password === undefined ? {} : { password: secretOf(password) });
    const outcome = await connection.client.open().then(
      () => "open",
      () => "refused",
    );
    await connection.close();
    return outcome;
  }

  // Neither an unknown client nor a missing password is a guess.
  for (let time = 0; time < 4; time++) expect([await tryOpen(99), await tryOpen(1)]).toEqual(["refused", "refused"]);
  expect(await tryOpen(1, "12345678")).toBe("open");
  for (let time = 0; time < 3; time++) expect(await tryOpen(1, "guess678")).toBe("refused");
  expect(await tryOpen(1, "12345678")).toBe("refused");
  expect(await tryOpen(16)).toBe("refused");
  expect(logger.lines.filter(({ message }) => message.startsWith("held back"))).toHaveLength(1);
});

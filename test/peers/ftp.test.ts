import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createDeliveryService } from "../../src/services/delivery/index.js";
import { type ReceiverSettings, Secret } from "../../src/settings/index.js";
import { makeFile } from "../services/delivery/receiver.js";
import { manualClock } from "../support/manual-clock.js";
import { testFile } from "../support/repository.js";
import { makePush, meterService, reportTo, StoredMeter, silentLogger } from "../views/push/fixture.js";
import { startVsftpd, type Vsftpd } from "./vsftpd.js";

type FtpReceiver = Extract<ReceiverSettings, { kind: "ftp" }>;
const once = { tries: 1, delaySeconds: 0, timeoutSeconds: 60 };
const certificate = readFileSync(testFile("services/delivery/localhost.cert.pem"), "utf8");

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(tls: "none" | "explicit" | "implicit"): Promise<Vsftpd> {
  const server = await startVsftpd(tls);
  undo.push(() => server.stop());
  return server;
}

function to(server: Vsftpd, more: Partial<FtpReceiver> = {}): FtpReceiver {
  const base = { kind: "ftp", host: "127.0.0.1", user: "anonymous", folder: "in", security: "clear" } as const;
  return { ...base, port: server.port, password: new Secret("guest"), ...more };
}

function service(trustedCertificates?: readonly string[]) {
  return createDeliveryService({
    clock: manualClock(),
    logger: silentLogger,
    userAgent: "test",
    ...(trustedCertificates === undefined ? {} : { trustedCertificates }),
  });
}

function file(text?: string) {
  const made = makeFile(text);
  undo.push(made.remove);
  return made.file;
}

describe("delivery to vsftpd", () => {
  it("leaves the whole file under its name, and nothing else", async () => {
    const server = await start("none");
    const delivery = service();
    expect(await delivery.deliver(file("first\r\n"), to(server), once)).toEqual({ ok: true, tries: 1 });
    // a second delivery of the same report replaces the first
    expect(await delivery.deliver(file("the same\r\n"), to(server), once)).toEqual({ ok: true, tries: 1 });
    expect(readdirSync(server.inbox)).toEqual(["00000001_valuereport_20261122120000_3115.csv"]);
    expect(readFileSync(join(server.inbox, "00000001_valuereport_20261122120000_3115.csv"), "latin1")).toBe(
      "the same\r\n",
    );
  });

  it("makes the folder where it is missing", async () => {
    const server = await start("none");
    expect(await service().deliver(file(), to(server, { folder: "in/site 7/reports" }), once)).toMatchObject({
      ok: true,
    });
    expect(readdirSync(join(server.inbox, "site 7/reports"))).toHaveLength(1);
  });

  it.each(["explicit", "implicit"] as const)("sends over %s TLS once its certificate is trusted", async (tls) => {
    const server = await start(tls);
    const receiver = to(server, { security: tls });
    expect(await service().deliver(file(), receiver, once)).toMatchObject({ reason: "certificateNotTrusted" });
    expect(readdirSync(server.inbox)).toEqual([]);
    expect(await service([certificate]).deliver(file(), receiver, once)).toEqual({ ok: true, tries: 1 });
    expect(readdirSync(server.inbox)).toHaveLength(1);
  });

  it("says when the login is refused, when the folder may not be written, and when nobody listens", async () => {
    const server = await start("none");
    expect(await service().deliver(file(), to(server, { user: "mallory" }), once)).toMatchObject({
      reason: "loginRefused",
    });
    expect(await service().deliver(file(), to(server, { folder: "." }), once)).toMatchObject({ reason: "refused" });
    await server.stop();
    expect(await service().deliver(file(), to(server), once)).toMatchObject({ reason: "notReachable" });
  });

  it("carries a report with all that is new", async () => {
    const server = await start("none");
    const meter = new StoredMeter(16).addReading("1000").addReading("1001");
    const push = makePush(service(), meterService([meter]), [reportTo([to(server)])]);
    undo.push(() => push.remove());
    expect(await push.view.run("hourly")).toMatchObject({ ok: true, receivers: [{ status: "delivered", rows: 2 }] });
    const [name = ""] = readdirSync(server.inbox);
    expect(name).toBe("00000001_valuereport_20261122130000_2115.csv");
    expect(readFileSync(join(server.inbox, name), "latin1")).toMatch(/;1000\r\n.*;1001\r\n$/);
  });
});

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Logger } from "../../../src/ports/index.js";
import { adaptiveRetryPlan, createDeliveryService } from "../../../src/services/delivery/index.js";
import { type ReceiverSettings, Secret } from "../../../src/settings/index.js";
import { manualClock } from "../../support/manual-clock.js";
import { testFile } from "../../support/repository.js";
import { type Answer, type FileFixture, type HttpReceiverFixture, makeFile, startReceiver } from "./receiver.js";

const once = { tries: 1, delaySeconds: 0, timeoutSeconds: 60 };
const tls = {
  key: readFileSync(testFile("services/delivery/localhost.key.pem"), "utf8"),
  cert: readFileSync(testFile("services/delivery/localhost.cert.pem"), "utf8"),
};

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(answer: (number: number) => Answer, useTls = false): Promise<HttpReceiverFixture> {
  const receiver = await startReceiver(answer, useTls ? tls : undefined);
  undo.push(() => receiver.close());
  return receiver;
}

function file(): FileFixture["file"] {
  const made = makeFile();
  undo.push(made.remove);
  return made.file;
}

function service(trustedCertificates?: readonly string[]) {
  const lines: string[] = [];
  const keep = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
  const clock = manualClock();
  const delivery = createDeliveryService({
    clock,
    logger,
    userAgent: "Model/Test Serial/00000001",
    ...(trustedCertificates === undefined ? {} : { trustedCertificates }),
  });
  return { delivery, clock, lines };
}

const to = (url: string): ReceiverSettings => ({ kind: "http", url, auth: { method: "none" } });

describe("delivery by HTTP", () => {
  it("posts the file with its name, type, length and login", async () => {
    const receiver = await start(() => ({ status: 204 }));
    const { delivery } = service();
    const settings: ReceiverSettings = {
      kind: "http",
      url: receiver.url,
      auth: { method: "basic", user: "Aladdin", password: new Secret("open sesame") },
    };
    expect(await delivery.deliver(file(), settings, once)).toEqual({ ok: true, tries: 1 });
    const [post] = receiver.posts;
    expect(post?.path).toBe("/reports?token=abc");
    expect(post?.body.toString("latin1")).toBe("a;b\r\n1;2\r\n");
    expect(post?.headers).toMatchObject({
      filename: "00000001_valuereport_20261122120000_3115.csv",
      "content-type": "text/plain; charset=windows-1252",
      "content-length": "10",
      "user-agent": "Model/Test Serial/00000001",
      // the example of RFC 7617, clause 2
      authorization: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    });
  });

  it("tries again after the delay, and logs each try without secrets", async () => {
    const receiver = await start((number) => ({ status: number < 3 ? 503 : 200 }));
    const { delivery, clock, lines } = service();
    const settings: ReceiverSettings = {
      kind: "http",
      url: receiver.url,
      auth: { method: "basic", user: "u", password: new Secret("hunter22") },
    };
    const result = delivery.deliver(file(), settings, { tries: 3, delaySeconds: 300, timeoutSeconds: -1 });
    await receiver.arrived(1);
    while (clock.waiting === 0) await clock.advance(0);
    await clock.advance(299_000);
    expect(receiver.posts).toHaveLength(1);
    await clock.advance(1000);
    await receiver.arrived(2);
    while (clock.waiting === 0) await clock.advance(0);
    await clock.advance(300_000);
    expect(await result).toEqual({ ok: true, tries: 3 });
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["warn", "warn", "info"]);
    expect(lines.join()).toContain("HTTP 503");
    expect(lines.join()).not.toMatch(/hunter22|token|aHVudGVy/);
  });

  it.each([
    [401, {}, "loginRefused"],
    [500, {}, "refused"],
    [302, { location: "/elsewhere" }, "redirected"],
    [307, { location: "http://127.0.0.1:1/elsewhere" }, "redirected"],
    [308, {}, "redirected"],
  ])("takes status %i %j for a failure", async (status, headers: Record<string, string>, reason) => {
    const receiver = await start(() => ({ status, headers }));
    expect(await service().delivery.deliver(file(), to(receiver.url), once)).toMatchObject({ ok: false, reason });
    expect(receiver.posts).toHaveLength(1);
  });

  it("follows a 307 within the origin", async () => {
    const receiver = await start((number) =>
      number === 1 ? { status: 307, headers: { location: "/there" } } : { status: 200 },
    );
    expect(await service().delivery.deliver(file(), to(receiver.url), once)).toMatchObject({ ok: true });
    expect(receiver.posts.map(({ path, body }) => [path, body.length])).toEqual([
      ["/reports?token=abc", 10],
      ["/there", 10],
    ]);
  });

  it("gives up a try that lasts too long", async () => {
    const receiver = await start(() => ({ status: 200, silent: true }));
    const { delivery, clock } = service();
    const result = delivery.deliver(file(), to(receiver.url), once);
    await receiver.arrived(1);
    await clock.advance(60_000);
    expect(await result).toMatchObject({ ok: false, reason: "timedOut" });
  });

  it("says so when nobody listens", async () => {
    const receiver = await startReceiver(() => ({ status: 200 }));
    await receiver.close();
    expect(await service().delivery.deliver(file(), to(receiver.url), once)).toMatchObject({ reason: "notReachable" });
  });

  it("refuses a certificate that nobody vouches for, and takes it once it is trusted", async () => {
    const receiver = await start(() => ({ status: 200 }), true);
    expect(await service().delivery.deliver(file(), to(receiver.url), once)).toMatchObject({
      reason: "certificateNotTrusted",
    });
    expect(receiver.posts).toHaveLength(0);
    expect(await service([tls.cert]).delivery.deliver(file(), to(receiver.url), once)).toMatchObject({ ok: true });
  });

  it("ends waits and running tries when it stops", async () => {
    const receiver = await start((number) => (number === 1 ? { status: 500 } : { status: 200, silent: true }));
    const { delivery, clock } = service();
    const waiting = delivery.deliver(file(), to(receiver.url), { ...once, tries: 2, delaySeconds: 3600 });
    await receiver.arrived(1);
    while (clock.waiting === 0) await clock.advance(0);
    const hanging = delivery.deliver(file(), to(receiver.url), once);
    await receiver.arrived(2);
    await delivery.stop();
    expect(await waiting).toMatchObject({ ok: false, reason: "stopped" });
    expect(await hanging).toMatchObject({ ok: false, reason: "stopped" });
    expect(await delivery.deliver(file(), to(receiver.url), once)).toMatchObject({ ok: false, reason: "stopped" });
  });
});

describe("the adaptive retry plan", () => {
  // manual, 6.32.1
  it.each([
    [60, 1, 0],
    [15 * 60, 1, 0],
    [16 * 60, 2, 300],
    [3600, 2, 300],
    [61 * 60, 3, 500],
    [23 * 3600, 3, 500],
    [24 * 3600, 6, 3600],
    [30 * 86_400, 6, 3600],
  ])("for a period of %i s is %i tries, %i s apart", (period, tries, delaySeconds) => {
    expect(adaptiveRetryPlan(period)).toEqual({ tries, delaySeconds });
    expect((tries - 1) * delaySeconds).toBeLessThan(period);
  });
});

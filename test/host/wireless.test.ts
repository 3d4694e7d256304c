/**
 * End to end over real sockets: settings, simulated receivers in their own framings, encrypted meters, registry, REST.
 * Expected values are read from the meters' plain telegrams, which never go over the air.
 */
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { toHex } from "../../cosem/codec/bytes.js";
import { openDataDirectory } from "../../src/host/data-directory.js";
import { type Gateway, startGateway } from "../../src/host/gateway/index.js";
import { receiversOf } from "../../src/host/receivers.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { decodeApplication, formatSecondaryAddress } from "../../src/mbus/index.js";
import { formatProblems, loadSettings } from "../../src/settings/index.js";
import {
  createSimulatedMeter,
  createSimulatedReceiver,
  encodeWirelessTelegram,
  type SimulatedReceiver,
  type SimulatedWirelessMeter,
  type SourceTelegramName,
  type WirelessSecurityKind,
} from "../../src/simulator/index.js";
import { listenTcp, systemClock } from "../../src/transport/index.js";
import type { NewestTelegrams } from "../../src/views/rest/contract.js";
import { recordingLogger } from "../support/recording-logger.js";

let folder: string;
const endings: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wireless-"));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

/** The meters' own clock stands: what they send is known. */
const standing = { ...systemClock, now: () => Date.UTC(2026, 10, 22, 12) };
const keyOf = (identification: string) => Buffer.from(identification.repeat(4), "hex");

function wirelessMeter(
  telegram: SourceTelegramName,
  identification: string,
  security: WirelessSecurityKind,
  fullEach = 1,
): SimulatedWirelessMeter {
  const spec = { name: telegram, telegrams: [telegram], identification, primaryAddress: 1, seed: 7 };
  const meter = createSimulatedMeter(spec, standing);
  return { meter, security, key: keyOf(identification), fullEach, periodMs: 60_000, rssiDbm: -70 };
}

const settingsOf = ({ meter, security }: SimulatedWirelessMeter, group = "air") => ({
  interface: group,
  secondaryAddress: formatSecondaryAddress(meter.secondaryAddress),
  ...(security === "none" ? {} : { key: toHex(keyOf(meter.spec.identification)) }),
});

async function serve(receiver: SimulatedReceiver): Promise<number> {
  const server = await listenTcp({
    host: "127.0.0.1",
    port: 0,
    maxConnections: 4,
    accept: (channel) => receiver.attach(channel),
  });
  endings.push(async () => {
    await receiver.stop();
    await server.close();
  });
  return server.port;
}

async function startWith(settings: object) {
  const host = "127.0.0.1";
  const loaded = loadSettings(
    stringify({
      readout: { schedule: "0 0 1 1 *" },
      doors: { web: { host, port: 0 }, dlms: { enabled: false } },
      ...settings,
    }),
    "test",
    settingsChecks,
  );
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const logger = recordingLogger();
  const data = await openDataDirectory(folder);
  const gateway = await startGateway({
    settings: loaded.settings,
    data,
    buses: [],
    receivers: receiversOf(loaded.settings.wireless, logger),
    clock: systemClock,
    logger,
    publicClientReadsMeters: false,
    isWebOpen: true,
    notices: [],
  });
  const stop = async () => {
    await gateway.stop();
    await data.release();
  };
  endings.push(stop);
  return { gateway, logger, stop: () => endings.splice(endings.indexOf(stop), 1)[0]?.() };
}

async function get<T>(gateway: Gateway, path: string): Promise<T> {
  const port = gateway.doors.find(({ name }) => name === "web")?.port;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

interface MeterJson {
  readonly device: string;
  readonly lastReadout: { readonly ok: boolean; readonly message: string } | null;
}
interface ReceptionJson {
  readonly meter: string;
  readonly device: string | null;
  readonly count: number;
  readonly encrypted: boolean;
  readonly unread: { readonly count: number; readonly cause: string } | null;
  readonly links: readonly {
    readonly receiver: string;
    readonly rssiDbm: number | null;
    readonly mode: string | null;
  }[];
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it did not come about in 30 s");
}

const meters = (gateway: Gateway) => get<{ meters: MeterJson[] }>(gateway, "meters").then((list) => list.meters);
const receptions = (gateway: Gateway) =>
  get<{ receptions: ReceptionJson[] }>(gateway, "receptions").then((list) => list.receptions);
const receiversHeard = async (gateway: Gateway) => {
  const { receivers } = await get<{ receivers: { name: string; isOpen: boolean; telegrams: number }[] }>(
    gateway,
    "receivers",
  );
  return receivers;
};

/** What the meter's plain telegram says of its first record, and what REST serves for it. */
async function expectServed(gateway: Gateway, device: string, meter: SimulatedWirelessMeter): Promise<void> {
  const plain = meter.meter.telegramsNow()[0] ?? new Uint8Array();
  const numbers = decodeApplication(plain).records.flatMap(({ value }) =>
    value.kind === "integer" ? [Number(value.value)] : [],
  );
  const { objects } = await get<{ objects: { value: { raw: unknown } | null }[] }>(gateway, `meters/${device}/objects`);
  const served = objects.flatMap(({ value }) => (typeof value?.raw === "number" ? [value.raw] : []));
  expect(numbers.length).toBeGreaterThan(0);
  expect(served).toEqual(expect.arrayContaining(numbers));
}

describe("wireless meters over simulated receivers", { timeout: 30_000 }, () => {
  it("come in as an iM871A and rtl_wmbus send them, are opened, stored and served", async () => {
    const inAir = [
      wirelessMeter("finder7e", "11111111", "none"),
      wirelessMeter("hydrometerWater", "22222222", "mode5"),
      wirelessMeter("gwfMtk", "33333333", "mode7"),
      wirelessMeter("hydrometerHeat", "44444444", "linkCtr", 3),
      wirelessMeter("elsterGas", "55555555", "mode5"),
    ];
    const stick = createSimulatedReceiver({ type: "im871a", meters: inAir, clock: systemClock });
    const radio = createSimulatedReceiver({ type: "rtlWmbus", meters: inAir, clock: systemClock });
    const ports = [await serve(stick), await serve(radio)];
    const { gateway, logger } = await startWith({
      wireless: {
        receivers: [
          {
            name: "stick",
            group: "air",
            type: "im871a",
            connection: { kind: "tcp", host: "127.0.0.1", port: ports[0] },
          },
          {
            name: "radio",
            group: "air",
            type: "rtlWmbus",
            connection: { kind: "tcp", host: "127.0.0.1", port: ports[1] },
          },
        ],
      },
      // The last one is in the air and not installed.
      meters: inAir.slice(0, 4).map((meter) => settingsOf(meter)),
    });
    await until(async () => (await receiversHeard(gateway)).every(({ isOpen }) => isOpen));
    await until(() => stick.heardBytes > 0);
    for (const meter of inAir) {
      stick.send(meter);
      radio.send(meter);
    }
    await until(
      async () =>
        (await receptions(gateway)).length === 5 &&
        (await receiversHeard(gateway)).every(({ telegrams }) => telegrams === 5),
    );
    gateway.readNow();
    await until(async () => (await meters(gateway)).every(({ lastReadout }) => lastReadout !== null));

    const served = await meters(gateway);
    // Manufacturer, identification and medium of the sources; the version is theirs too.
    expect(served.map(({ device, lastReadout }) => [device.slice(0, 13), lastReadout?.ok])).toEqual([
      ["FIN1111111102", true],
      ["HYD2222222207", true],
      ["GWF3333333307", true],
      ["HYD4444444404", true],
    ]);
    for (const [index, meter] of inAir.slice(0, 4).entries()) {
      await expectServed(gateway, served[index]?.device ?? "", meter);
    }

    // As they were in the air, with the security they had there.
    const securities = await Promise.all(
      served.map(async ({ device }) => {
        const { telegrams } = await get<NewestTelegrams>(gateway, `meters/${device}/telegram`);
        expect(telegrams).toMatchObject([{ source: "received", title: expect.stringMatching(/^wireless frame/) }]);
        const [shown] = telegrams;
        const fields = [...(shown?.fields ?? []), ...(shown?.opened ?? []).flatMap((part) => part.fields)];
        const word = fields.find(({ name }) => name === "configuration word" || name === "session number");
        return [word?.meaning, shown?.opened.some(({ title }) => title.startsWith("opened, as stored"))];
      }),
    );
    expect(securities).toEqual([
      ["security mode 0, data in plain", false],
      ["security mode 5, data encrypted", true],
      ["security mode 7, data encrypted", true],
      ["data encrypted by AES-CTR", true],
    ]);

    const heard = await receptions(gateway);
    expect(heard.map(({ device, count, encrypted }) => [device, count, encrypted])).toEqual([
      [served[0]?.device, 1, false],
      [served[1]?.device, 1, true],
      [served[2]?.device, 1, true],
      [served[3]?.device, 1, true],
      [null, 1, true],
    ]);
    expect(heard[0]?.links).toMatchObject([
      { receiver: "stick", rssiDbm: -70 },
      { receiver: "radio", rssiDbm: null, mode: "T1" },
    ]);
    // Compact frames: of three telegrams two are; the values are the same.
    for (let turn = 0; turn < 2; turn++) {
      stick.send(inAir[3] as SimulatedWirelessMeter);
      await until(async () => (await receptions(gateway))[3]?.count === 2 + turn);
      gateway.readNow();
      await until(() => logger.lines.filter(({ message }) => message === "readout cycle ended").length === 2 + turn);
      expect((await meters(gateway))[3]?.lastReadout).toMatchObject({ ok: true });
      expect((await meters(gateway))[0]?.lastReadout).toMatchObject({ ok: false });
    }
    expect(JSON.stringify(logger.lines)).not.toContain("22222222222222222222222222222222");
  });

  it("are listed as the white and black list admit them, makers' own forms by name", async () => {
    // From wmbusmeters' tests: an iPerl in plain, an IZAR whose number on the meter is 66236629, a Lansen sensor's address.
    const lines = [
      "1844ae4c4455223368077a55000000041389e20100023b0000",
      "2944A511780729662366A20118001378D3B3DB8CEDD77731F25832AAF3DA8CADF9774EA673172E8C61F2",
      "1844333011223344031a7a55000000041389e20100023b0000",
    ];
    const server = await listenTcp({
      host: "127.0.0.1",
      port: 0,
      maxConnections: 1,
      accept: (channel) => {
        channel.listen({ received: () => undefined, closed: () => undefined });
        void channel.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
      },
    });
    endings.push(() => server.close());
    const connection = { kind: "tcp", host: "127.0.0.1", port: server.port };
    const { gateway } = await startWith({
      wireless: {
        receivers: [{ name: "lines", group: "air", type: "hexLines", connection }],
        whitelist: ["SEN*", "DME*", "LAS*"],
        blacklist: ["LAS*"],
      },
    });
    await until(async () => (await receiversHeard(gateway))[0]?.telegrams === 3);
    const heard = await get<{ receptions: { manufacturer: string; proprietary: string | null }[] }>(
      gateway,
      "receptions",
    );
    expect(heard.receptions.map(({ manufacturer, proprietary }) => [manufacturer, proprietary])).toEqual([
      ["SEN", null],
      ["DME", "Diehl IZAR (PRIOS), meter 66236629, CI a2"],
    ]);
  });

  it("keep the formats of their compact frames over a restart", async () => {
    const compact = wirelessMeter("hydrometerHeat", "44444444", "linkCtr", 100);
    const receiver = createSimulatedReceiver({ type: "culfw", meters: [compact], clock: systemClock });
    const port = await serve(receiver);
    const settings = {
      wireless: {
        receivers: [{ name: "cul", group: "air", type: "culfw", connection: { kind: "tcp", host: "127.0.0.1", port } }],
      },
      meters: [settingsOf(compact)],
    };
    const readOnce = async ({ gateway }: { gateway: Gateway }, isGood: boolean) => {
      await until(async () => (await receiversHeard(gateway))[0]?.isOpen === true);
      // The connection is there on the gateway's side; give the receiver the moment to see it too.
      await until(() => {
        receiver.send(compact);
        return new Promise((resolve) => setTimeout(resolve, 50)).then(
          async () => (await receptions(gateway)).length === 1,
        );
      });
      gateway.readNow();
      await until(async () => (await meters(gateway))[0]?.lastReadout !== null);
      expect((await meters(gateway))[0]?.lastReadout).toMatchObject({ ok: isGood });
    };
    const first = await startWith(settings);
    await readOnce(first, true);
    await first.stop();
    const second = await startWith(settings);
    await readOnce(second, true);
  });

  it("refuse a recorded telegram after a restart too: message counters are kept", async () => {
    const secured = wirelessMeter("gwfMtk", "33333333", "mode7");
    const lineWith = (counter: number) => {
      const plain = secured.meter.telegramsNow()[0] ?? new Uint8Array();
      const { security, key } = secured;
      return toHex(encodeWirelessTelegram({ plain, security, key, accessNumber: counter, counter, isCompact: false }));
    };
    const hear = async (line: string) => {
      const server = await listenTcp({
        host: "127.0.0.1",
        port: 0,
        maxConnections: 1,
        accept: (channel) => {
          channel.listen({ received: () => undefined, closed: () => undefined });
          void channel.write(new TextEncoder().encode(`${line}\n`));
        },
      });
      endings.push(() => server.close());
      const connection = { kind: "tcp", host: "127.0.0.1", port: server.port };
      const running = await startWith({
        wireless: { receivers: [{ name: "lines", group: "air", type: "hexLines", connection }] },
        meters: [settingsOf(secured)],
      });
      await until(async () => (await receptions(running.gateway)).length === 1);
      return running;
    };
    // Stopped before its first cycle: the counter is kept all the same.
    await (await hear(lineWith(200))).stop();
    const { gateway } = await hear(lineWith(199));
    gateway.readNow();
    await until(async () => (await meters(gateway))[0]?.lastReadout !== null);
    const message = expect.stringContaining("counter went back");
    expect((await meters(gateway))[0]?.lastReadout).toMatchObject({ ok: false, message });
  });

  it("show a telegram under a wrong key beside a good one of the same meter", async () => {
    const honest = wirelessMeter("hydrometerWater", "22222222", "mode5");
    const other = { ...honest, key: keyOf("99999999") };
    const radio = createSimulatedReceiver({ type: "rtlWmbus", meters: [], clock: systemClock });
    const connection = { kind: "tcp", host: "127.0.0.1", port: await serve(radio) };
    const { gateway } = await startWith({
      wireless: { receivers: [{ name: "radio", group: "air", type: "rtlWmbus", connection }] },
      meters: [settingsOf(honest)],
    });
    await until(async () => (await receiversHeard(gateway)).every(({ isOpen }) => isOpen));
    radio.send(other);
    radio.send(honest);
    await until(async () => (await receiversHeard(gateway)).every(({ telegrams }) => telegrams === 2));
    expect(await receptions(gateway)).toMatchObject([{ count: 2, unread: { count: 1 } }]);
    expect((await receptions(gateway))[0]?.unread?.cause).toMatch(/wrongKey.*2F 2F/);
    gateway.readNow();
    await until(async () => (await meters(gateway)).every(({ lastReadout }) => lastReadout !== null));
    const [served] = await meters(gateway);
    expect(served?.lastReadout).toMatchObject({ ok: true, message: expect.stringMatching(/successful.*wrongKey/) });
    await expectServed(gateway, served?.device ?? "", honest);
    const telegrams = await get<{ notKept: { message: string; telegrams: unknown[] } | null }>(
      gateway,
      `meters/${served?.device}/telegram`,
    );
    expect(telegrams.notKept?.message).toMatch(/wrongKey/);
    expect(telegrams.notKept?.telegrams).toHaveLength(1);
  });

  it("fail with the reason where the key is wrong, and nothing is stored", async () => {
    const secret = wirelessMeter("hydrometerWater", "22222222", "mode5");
    const receiver = createSimulatedReceiver({ type: "im871a", meters: [secret], clock: systemClock });
    const port = await serve(receiver);
    const { gateway } = await startWith({
      wireless: {
        receivers: [
          { name: "stick", group: "air", type: "im871a", connection: { kind: "tcp", host: "127.0.0.1", port } },
        ],
      },
      meters: [{ ...settingsOf(secret), key: "ff".repeat(16) }],
    });
    await until(() => receiver.heardBytes > 0);
    receiver.send(secret);
    await until(async () => (await receptions(gateway)).length === 1);
    gateway.readNow();
    await until(async () => (await meters(gateway))[0]?.lastReadout !== null);
    const [meter] = await meters(gateway);
    expect(meter?.device).toBe("sap16");
    expect(meter?.lastReadout).toMatchObject({ ok: false, message: expect.stringContaining("no 2F 2F") });
  });
});

describe("other ways in", { timeout: 30_000 }, () => {
  const line = "1844ae4c4455223368077a55000000041389e20100023b0000";
  const meter = { interface: "air", secondaryAddress: "33225544" };
  const stored = async (gateway: Gateway) => {
    await until(async () => (await receptions(gateway)).length === 1);
    gateway.readNow();
    await until(async () => (await meters(gateway))[0]?.lastReadout?.ok === true);
    expect((await meters(gateway)).map(({ device }) => device)).toEqual(["SEN332255440768"]);
  };

  it("are TCP connections and datagrams of receivers", async () => {
    const receiver = (name: string, kind: string) => ({ name, group: "air", type: "hexLines", connection: { kind } });
    const { gateway, logger } = await startWith({
      wireless: { receivers: [receiver("visitors", "tcpServer"), receiver("datagrams", "udp")] },
      meters: [meter],
    });
    const portOf = (field: string) =>
      Number(
        logger.lines.find(({ message, fields }) => message === "receiver listens" && field in fields)?.fields[field],
      );
    await until(() => portOf("tcpPort") > 0 && portOf("udpPort") > 0);
    const visitor = connect(portOf("tcpPort"), "127.0.0.1");
    visitor.end(`${line}\n`);
    // No line end: a datagram is whole by itself.
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.send(line, portOf("udpPort"), "127.0.0.1", () => resolve()));
    socket.close();
    await until(async () => (await receiversHeard(gateway)).every(({ telegrams }) => telegrams === 1));
    await stored(gateway);
    expect((await receptions(gateway))[0]).toMatchObject({ count: 1 });
  });

  it("are programs, one behind the other, started again when they end", async () => {
    const { gateway } = await startWith({
      wireless: {
        receivers: [
          {
            name: "pipe",
            group: "air",
            type: "rtlWmbus",
            connection: {
              kind: "program",
              pipeline: [
                `${process.execPath} -e "console.log('T1;1;1;2022-08-23 23:20:57.000;127;162;33225544;0x${line}')"`,
                `${process.execPath} -e "process.stdin.pipe(process.stdout)"`,
              ],
            },
          },
          {
            name: "none",
            group: "air",
            type: "rtl433",
            connection: { kind: "program", pipeline: ["/no/such/program -x"] },
          },
        ],
      },
      meters: [meter],
    });
    await stored(gateway);
    const [pipe, none] = await get<{ receivers: { failures: number; cause: string | null }[] }>(
      gateway,
      "receivers",
    ).then(({ receivers }) => receivers);
    expect(pipe?.cause ?? "the program ended").toContain("the program ended");
    expect(none).toMatchObject({ cause: expect.stringContaining("check that it is installed") });
  });
});

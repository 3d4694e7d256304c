/**
 * End to end: a wired meter that encrypts with a short header, read by its primary address with the key of the settings,
 * shown over REST. The telegram is made here, by node:crypto, from records whose value is written beside them.
 */
import { createCipheriv } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import { openDataDirectory } from "../../src/host/data-directory.js";
import { startGateway } from "../../src/host/gateway/index.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { defaultMasterSettings, LinkSlave, parseSecondaryAddress } from "../../src/mbus/index.js";
import { formatProblems, loadSettings } from "../../src/settings/index.js";
import { createSimulatedBus, type SimulatedMeter } from "../../src/simulator/index.js";
import { loopbackPair, systemClock } from "../../src/transport/index.js";
import { until } from "../support/gateway-process.js";
import { recordingLogger } from "../support/recording-logger.js";

let folder: string;
const endings: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wired-secured-"));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

const key = "000102030405060708090a0b0c0d0e0f";
/** Identification 12345678, manufacturer KAM (2C2D), version 1, water. */
const written = "123456782D2C0107";
const address = parseSecondaryAddress(written);

/** CI 7A, access number 1, mode 5, one block: 2F 2F, 0C 13 78563412 (12345.678 m3), fillers. */
function telegram(): Uint8Array {
  const plain = fromHex("2f2f0c13785634122f2f2f2f2f2f2f2f");
  // Initialization vector: M2, id4 least significant first, V, T, eight times the access number.
  const vector = fromHex(`2d2c78563412${"0107"}${"01".repeat(8)}`);
  const cipher = createCipheriv("aes-128-cbc", fromHex(key), vector).setAutoPadding(false);
  return Uint8Array.of(0x7a, 1, 0, 0x10, 0x05, ...cipher.update(plain));
}

function meter(): SimulatedMeter {
  const slave = new LinkSlave({ primaryAddress: 5, secondaryAddress: address, readout: () => [telegram()] });
  return {
    name: "secured",
    spec: { name: "secured", telegrams: [], identification: "12345678", primaryAddress: 5, seed: 0 },
    primaryAddress: 5,
    secondaryAddress: address,
    isDead: false,
    applicationErrorCode: undefined,
    receive: (request) => slave.receive(request),
    telegramsNow: () => [telegram()],
  };
}

interface ShownJson {
  readonly telegrams: readonly {
    readonly source: string;
    readonly hex: string;
    readonly fields: readonly { readonly name: string; readonly meaning: string }[];
    readonly opened: readonly { readonly hex: string }[];
  }[];
  readonly notKept: unknown;
}

async function lastReadoutWith(meterKey: string) {
  const text = `readout: { schedule: "0 0 1 1 *" }
doors: { web: { host: 127.0.0.1, port: 0 }, dlms: { enabled: false } }
interfaces: [{ name: bus, kind: tcp, host: 127.0.0.1, port: 1 }]
meters:
  - { interface: bus, primaryAddress: 5, addressingMode: primary, secondaryAddress: ${written}, key: ${meterKey} }
`;
  const loaded = loadSettings(text, "test", settingsChecks);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const data = await openDataDirectory(folder);
  const bus = createSimulatedBus({ name: "bus", meters: [meter()], clock: systemClock });
  const open = async () => {
    const [near, far] = await loopbackPair();
    bus.attach(far);
    return near;
  };
  const settings = { ...defaultMasterSettings, initIdleMs: 0, requestIdleMs: 0, baudRate: 38_400 };
  const gateway = await startGateway({
    settings: loaded.settings,
    data,
    buses: [{ name: "bus", open, settings }],
    receivers: [],
    clock: systemClock,
    logger: recordingLogger(),
    publicClientReadsMeters: false,
    isWebOpen: true,
    notices: [],
  });
  endings.push(async () => {
    await gateway.stop();
    await data.release();
    await bus.stop();
  });
  gateway.readNow();
  const port = gateway.doors.find(({ name }) => name === "web")?.port;
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();
  const read = await until("a readout", async () => {
    const { meters } = (await get("meters")) as {
      meters: { device: string; lastReadout: { ok: boolean; message: string } | null }[];
    };
    return meters[0]?.lastReadout == null ? undefined : meters[0];
  });
  // Commands want a right of their own: the owner of the data directory has it.
  const post = async (path: string, body: object) => {
    const { token } = JSON.parse(readFileSync(join(folder, "local.json"), "utf8")) as { token: string };
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return response.json();
  };
  return { read, get, post };
}

it("a key in the settings opens what a meter encrypts on the wire, short header and primary address", async () => {
  const { read, get } = await lastReadoutWith(key);
  expect(read.lastReadout).toMatchObject({ ok: true });
  const objects = (await get(`meters/${read.device}/objects`)) as unknown;
  expect(JSON.stringify(objects)).toContain("12345.678");
  const shown = (await get(`meters/${read.device}/telegram`)) as ShownJson;
  const [telegramShown] = shown.telegrams;
  expect(telegramShown).toMatchObject({ source: "received", hex: toHex(telegram()) });
  expect(telegramShown?.fields.find(({ name }) => name === "configuration word")?.meaning).toContain("security mode 5");
  expect(telegramShown?.opened.map(({ hex }) => hex)).toEqual([expect.stringContaining("0c1378563412")]);
  expect(shown.notKept).toBeNull();
});

it("opens what a meter answers to a command, too", async () => {
  const { read, post } = await lastReadoutWith(key);
  const answer = await post("send", { device: read.device, command: "requestUserData2" });
  expect(answer).toMatchObject({ ok: true, telegrams: [{ hex: toHex(telegram()) }] });
  const { telegrams } = answer as { telegrams: { opened: { hex: string; fields: { value: unknown }[] } | null }[] };
  expect(telegrams[0]?.opened?.hex).toContain("0c1378563412");
  expect(JSON.stringify(telegrams[0]?.opened?.fields)).toContain("12345.678");
});

it("with a wrong key it is said, and nothing is stored", async () => {
  const { read, get } = await lastReadoutWith(key.split("").reverse().join(""));
  expect(read.lastReadout).toMatchObject({ ok: false, message: expect.stringContaining("does not open") });
  expect(read.device).toBe("sap16");
  const shown = (await get("meters/sap16/telegram")) as ShownJson;
  expect(shown).toMatchObject({
    readingNumber: null,
    telegrams: [],
    notKept: { message: expect.stringContaining("does not open"), telegrams: [{ hex: toHex(telegram()) }] },
  });
});

import { describe, expect, it } from "vitest";
import { toHex } from "../../cosem/codec/bytes.js";
import { AesKey, createReceiverDriver, decodeWireless, RememberedFormats } from "../../src/mbus/index.js";
import {
  createSimulatedAir,
  createSimulatedMeter,
  createSimulatedReceiver,
  encodeWirelessTelegram,
  simulatedReceiverTypes,
  type WirelessSecurityKind,
} from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { manualClock } from "../support/manual-clock.js";

const key = Uint8Array.from({ length: 16 }, (_, index) => index);
const spec = {
  name: "heat",
  telegrams: ["hydrometerHeat"],
  identification: "12345678",
  primaryAddress: 1,
  seed: 3,
} as const;
const clock = manualClock(Date.UTC(2026, 10, 22));
const meter = createSimulatedMeter(spec, clock);
const securities: readonly WirelessSecurityKind[] = ["none", "mode5", "mode7", "linkCtr"];

describe.each(securities)("a telegram under %s", (security) => {
  const [plain = new Uint8Array()] = meter.telegramsNow();
  const encode = (isCompact: boolean) =>
    encodeWirelessTelegram({ plain, security, key, accessNumber: 9, counter: 77, isCompact });
  const options = (aesKey = new AesKey(key)) => ({ keyFor: () => aesKey, formats: new RememberedFormats() });

  it("opens with its key, full and then compact, to the same records", () => {
    const shared = options();
    for (const isCompact of [false, true]) {
      const result = decodeWireless(encode(isCompact), shared);
      if (result.kind !== "telegram") throw new Error(result.kind);
      // Fillers to whole blocks stay behind the records.
      expect(toHex(result.applicationData.subarray(13)).replace(/(2f)+$/, "")).toBe(toHex(plain.subarray(13)));
      expect(result.meter.id).toBe("12345678");
      expect(result.counters.accessNumber).toBe(9);
      expect(result.security.isEncrypted).toBe(security !== "none");
      expect(result.security.isAuthenticated).toBe(security === "mode7");
    }
  });

  if (security === "none") return;
  it("does not open with another, and shows no record", () => {
    expect(toHex(encode(false))).not.toContain(toHex(plain.subarray(13, 20)));
    expect(() => decodeWireless(encode(false), options(new AesKey(key.toReversed())))).toThrow(/wrongKey/);
  });
});

describe.each(simulatedReceiverTypes)("a simulated %s", (type) => {
  it("sends each meter's telegram at its period, and nothing while it is silent", async () => {
    const inAir = { meter, security: "mode5", key, periodMs: 15_000, rssiDbm: -72 } as const;
    const receiver = createSimulatedReceiver({ type, meters: [inAir], clock });
    const [near, far] = channelPair();
    const driver = createReceiverDriver(type, { mode: "CT", appendsRssi: false });
    const heard: string[] = [];
    near.listen({
      received: (bytes) => void heard.push(...driver.push(bytes).map(({ kind }) => kind)),
      closed: () => undefined,
    });
    receiver.attach(far);
    receiver.start();
    await clock.advance(30_000);
    expect(heard).toEqual(["telegram", "telegram", "telegram"]);
    receiver.isSilent = true;
    await clock.advance(60_000);
    expect(heard).toHaveLength(3);
    await receiver.stop();
    expect(clock.waiting).toBe(0);
  });
});

it("several receivers hear the same telegrams, the later ones weaker", async () => {
  const inAir = { meter, security: "mode7", key, periodMs: 15_000, rssiDbm: -72 } as const;
  const receivers = simulatedReceiverTypes.map((type) => createSimulatedReceiver({ type, meters: [], clock }));
  const heard = receivers.map((receiver, index) => {
    const [near, far] = channelPair();
    const type = simulatedReceiverTypes[index] ?? "im871a";
    const driver = createReceiverDriver(type, { mode: "CT", appendsRssi: false });
    const telegrams: { readonly data: string; readonly rssiDbm: number | undefined }[] = [];
    near.listen({
      received: (bytes) => {
        for (const event of driver.push(bytes)) {
          if (event.kind !== "telegram") continue;
          const opened = decodeWireless(event.bytes, { keyFor: () => new AesKey(key) });
          if (opened.kind !== "telegram") throw new Error(opened.kind);
          telegrams.push({ data: toHex(opened.applicationData), rssiDbm: event.rssiDbm });
        }
      },
      closed: () => undefined,
    });
    receiver.attach(far);
    return telegrams;
  });
  const air = createSimulatedAir({ meters: [inAir], receivers, clock });
  air.start();
  await clock.advance(30_000);
  air.stop();
  const [first, ...others] = heard.map((telegrams) => telegrams.map(({ data }) => data));
  expect(first).toHaveLength(3);
  for (const other of others) expect(other).toEqual(first);
  // rtl_wmbus tells a signal of its own scale, no dBm.
  expect(heard.map(([telegram]) => telegram?.rssiDbm)).toEqual([-72, -78, undefined]);
  expect(clock.waiting).toBe(0);
});

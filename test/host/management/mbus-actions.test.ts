import { describe, expect, it } from "vitest";
import type { AccessContext } from "../../../cosem/index.js";
import { dataSendOf } from "../../../src/host/management/data-send.js";
import { createMbusActions, type MeterActions } from "../../../src/host/management/mbus-actions.js";
import type { ServedMeter } from "../../../src/mapping/index.js";
import type { LinkCommand } from "../../../src/mbus/index.js";
import { recordingLogger } from "../../support/recording-logger.js";

const hex = (bytes: Uint8Array | undefined) =>
  bytes &&
  Buffer.from(bytes)
    .toString("hex")
    .replace(/(..)\B/g, "$1 ");
const octets = (...bytes: number[]) => Uint8Array.from(bytes);
const context = {} as AccessContext;

function actionsOf(changes: Partial<MeterActions> = {}) {
  const sent: LinkCommand[] = [];
  const done: unknown[] = [];
  const logger = recordingLogger();
  const meterActions: MeterActions = {
    async command(_meterId, command) {
      sent.push(command);
      return { ok: true, answer: undefined };
    },
    freeAddress: () => 7,
    heldAddress: () => undefined,
    async change(meterId, change) {
      done.push([meterId, change]);
      return undefined;
    },
    async setKey(meterId, key) {
      done.push([meterId, hex(key)]);
    },
    ...changes,
  };
  const actions = createMbusActions({
    meter: { name: "ABC", row: { id: 3 } } as unknown as ServedMeter,
    actions: () => meterActions,
    clock: { now: () => Date.parse("2026-07-01T10:30:00Z") },
    localTimeAt: () => ({ deviation: -120, isDaylightSaving: true }),
    logger,
  });
  const bytes = () => sent.map((command) => (command.kind === "send" ? hex(command.applicationData) : command.kind));
  return { actions, bytes, done, logger };
}

describe("methods of an M-Bus client", () => {
  it("give the meter a primary address, and have the list know it", async () => {
    const { actions, bytes, done } = actionsOf();
    expect(await actions.install?.(0, context)).toBeUndefined();
    expect(await actions.install?.(12, context)).toBeUndefined();
    // CI 51, DIF 01 (8 bit), VIF 7A (bus address).
    expect(bytes()).toEqual(["51 01 7a 07", "51 01 7a 0c"]);
    expect(done).toEqual([
      [3, { primaryAddress: 7, state: "active" }],
      [3, { primaryAddress: 12, state: "active" }],
    ]);
  });

  it("give no other address to a meter that the settings file names by it", async () => {
    const { actions, bytes, done } = actionsOf({ heldAddress: () => "the settings file names it" });
    expect(await actions.install?.(12, context)).toBeDefined();
    expect([bytes(), done]).toEqual([[], []]);
  });

  it("take the address away and leave the meter out of the cycle", async () => {
    const { actions, bytes, done } = actionsOf();
    expect(await actions.deinstall?.(context)).toBeUndefined();
    expect(bytes()).toEqual(["51 01 7a 00"]);
    expect(done).toEqual([[3, { state: "passive" }]]);
  });

  it("set the meter's clock to the gateway's local time, and clear its error flags", async () => {
    const { actions, bytes } = actionsOf();
    await actions.synchronizeClock?.(context);
    await actions.resetAlarm?.(context);
    // Type F: minute 30, hour 12 with the summer bit 80, day 1 with year bits 0-2 (26 = 0011010b: 2 << 5), month 7 with
    // year bits 3-6 (3 << 4).
    expect(bytes()).toEqual(["51 04 6d 1e 8c 41 37", "51 01 fd 17 00"]);
  });

  it("keep a key for the meter, and refuse to send one wrapped, in words", async () => {
    const { actions, done, logger } = actionsOf();
    expect(await actions.setEncryptionKey?.(new Uint8Array(16).fill(1), context)).toBeUndefined();
    expect(done).toEqual([[3, new Array(16).fill("01").join(" ")]]);
    expect(await actions.transferKey?.(new Uint8Array(16), context)).toMatchObject({ refusal: "temporaryFailure" });
    expect(logger.lines.at(-1)?.fields["reason"]).toContain("maker");
  });

  it("are refused with the reason in the log where the bus cannot do it", async () => {
    const wireless = actionsOf({ command: async () => undefined });
    expect(await wireless.actions.synchronizeClock?.(context)).toMatchObject({ refusal: "temporaryFailure" });
    expect(wireless.logger.lines.at(-1)?.fields).toMatchObject({ reason: "the meter hangs on no wired bus" });
    const silent = actionsOf({ command: async () => ({ ok: false, reason: "noAnswer", words: "no answer" }) });
    expect(await silent.actions.install?.(5, context)).toMatchObject({ refusal: "temporaryFailure" });
    expect(silent.done).toEqual([]);
  });
});

describe("data_send", () => {
  const record = (dif: number, vif: readonly number[], data: Parameters<typeof dataSendOf>[0][number]["data"]) => ({
    dataInformationBlock: octets(dif),
    valueInformationBlock: octets(...vif),
    data,
  });

  it("writes integers, BCD and octets as EN 13757-3 has them", () => {
    expect(hex(dataSendOf([record(0x02, [0x06], { type: "long", value: -2 })]))).toBe("51 02 06 fe ff");
    expect(hex(dataSendOf([record(0x0c, [0x79], { type: "double-long-unsigned", value: 12345678 })]))).toBe(
      "51 0c 79 78 56 34 12",
    );
    const both = [
      record(0x0d, [0xfd, 0x10], { type: "octet-string", value: octets(0x41, 0x42) }),
      record(0x04, [0x6d], { type: "octet-string", value: octets(1, 2, 3, 4) }),
    ];
    expect(hex(dataSendOf(both))).toBe("51 0d fd 10 02 41 42 04 6d 01 02 03 04");
  });

  it("writes nothing that does not fit", () => {
    expect(dataSendOf([record(0x01, [0x7a], { type: "long", value: 200 })])).toBeUndefined();
    expect(dataSendOf([record(0x09, [0x7a], { type: "long", value: 100 })])).toBeUndefined();
    expect(dataSendOf([record(0x04, [0x6d], { type: "octet-string", value: octets(1) })])).toBeUndefined();
    const long = { type: "octet-string", value: new Uint8Array(190) } as const;
    expect(dataSendOf([record(0x0d, [0x7c], long), record(0x0d, [0x7c], long)])).toBeUndefined();
  });
});

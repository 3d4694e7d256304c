import { describe, expect, it } from "vitest";
import {
  createImageTransfer,
  type Data,
  decodeData,
  type FirmwarePort,
  fromHex,
  type ImageToActivateInfo,
  type Refused,
  refused,
  toHex,
} from "../../../cosem/index.js";
import { dataOf, everything, management, methodTarget, registryOf, target } from "./fixture.js";

const info: ImageToActivateInfo = { size: 10, identification: fromHex("4142"), signature: fromHex("0102") };
const zero: Data = { type: "integer", value: 0 };

function transfer(firmware: Partial<FirmwarePort> = {}, isEnabled = true) {
  const kept = new Uint8Array(10);
  const told: string[] = [];
  const object = createImageTransfer({
    imageBlockSize: 4,
    maxImageBytes: 1000,
    isEnabled,
    enabledChanged: () => undefined,
    firmware: {
      begin(identifier, size) {
        told.push(`begin ${toHex(identifier)} ${size}`);
        return undefined;
      },
      keep(offset, octets) {
        kept.set(octets, offset);
        return undefined;
      },
      verify: () => [info],
      activate: () => "activated",
      ...firmware,
    },
  });
  const device = management([object]);
  const registry = registryOf(device);
  const invoke = (index: number, parameters: Data) =>
    registry.invoke(methodTarget(device, "18:0-0:44.0.0*255", index), parameters, everything);
  return {
    object,
    kept,
    told,
    read: (index: number) => dataOf(registry.read(target(device, "18:0-0:44.0.0*255", index), everything)),
    enable: (value: boolean) =>
      registry.write(target(device, "18:0-0:44.0.0*255", 5), { type: "boolean", value }, everything),
    initiate: (size: number) => invoke(1, decodeData(fromHex(`02020902414206${size.toString(16).padStart(8, "0")}`))),
    block: (number: number, hex: string) =>
      invoke(2, {
        type: "structure",
        value: [
          { type: "double-long-unsigned", value: number },
          { type: "octet-string", value: fromHex(hex) },
        ],
      }),
    verify: () => invoke(3, zero),
    activate: () => invoke(4, zero),
  };
}

const done = { ok: true, value: undefined };
const status = (value: number): Data => ({ type: "enum", value });
const bits = (hex: string, length: number): Data => ({ type: "bit-string", value: { bytes: fromHex(hex), length } });

describe("image transfer", () => {
  it("takes blocks in any order, and again, and says which is missing", () => {
    const { initiate, block, read, kept, told } = transfer();
    expect(read(6)).toEqual(status(0));
    expect(initiate(10)).toEqual(done);
    expect(told).toEqual(["begin 4142 10"]);
    expect([read(2), read(6)]).toEqual([{ type: "double-long-unsigned", value: 4 }, status(1)]);
    expect(read(3)).toEqual(bits("00", 3));
    expect(block(2, "0908")).toEqual(done);
    expect([read(3), read(4)]).toEqual([bits("20", 3), { type: "double-long-unsigned", value: 0 }]);
    expect(block(0, "00010203")).toEqual(done);
    expect(block(0, "00010203")).toEqual(done);
    expect([read(3), read(4)]).toEqual([bits("a0", 3), { type: "double-long-unsigned", value: 1 }]);
    expect(block(1, "04050607")).toEqual(done);
    expect([read(3), read(4)]).toEqual([bits("e0", 3), { type: "double-long-unsigned", value: 3 }]);
    expect(toHex(kept)).toBe("00010203040506070908");
  });

  it.each([
    ["a block behind the image", 3, "00010203"],
    ["a short block", 0, "000102"],
    ["a long last block", 2, "00010203"],
    ["an empty block", 1, ""],
  ])("refuses %s", (_, number, hex) => {
    const { initiate, block, read } = transfer();
    initiate(10);
    expect(block(number, hex)).toBe(refused.scopeOfAccessViolated);
    expect(read(3)).toEqual(bits("00", 3));
  });

  it("refuses an image of no or too many octets, and blocks without an image", () => {
    const { initiate, block, read } = transfer();
    expect(initiate(0)).toBe(refused.scopeOfAccessViolated);
    expect(initiate(1001)).toBe(refused.scopeOfAccessViolated);
    expect(block(0, "00010203")).toBe(refused.otherReason);
    expect(read(6)).toEqual(status(0));
  });

  it("refuses all methods while it is not enabled", () => {
    const { initiate, enable } = transfer({}, false);
    expect(initiate(10)).toBe(refused.readWriteDenied);
    expect(enable(true)).toEqual({ ok: true });
    expect(initiate(10)).toEqual(done);
  });

  function complete(firmware: Partial<FirmwarePort> = {}) {
    const parts = transfer(firmware);
    parts.initiate(10);
    parts.block(0, "00010203");
    parts.block(1, "04050607");
    parts.block(2, "0809");
    return parts;
  }

  it("verifies a whole image only, then activates it", () => {
    const partial = transfer();
    partial.initiate(10);
    expect(partial.verify()).toBe(refused.otherReason);
    expect(partial.read(6)).toEqual(status(1));
    const { verify, activate, read } = complete();
    expect(read(7)).toEqual({ type: "array", value: [] });
    expect(verify()).toEqual(done);
    expect(read(6)).toEqual(status(3));
    expect(read(7)).toEqual(decodeData(fromHex("01010203060000000a0902414209020102")));
    expect(activate()).toEqual(done);
    expect(read(6)).toEqual(status(6));
  });

  it("verifies what it is told to activate", () => {
    const { activate, read } = complete();
    expect(activate()).toEqual(done);
    expect(read(6)).toEqual(status(6));
    const unsound = complete({ verify: () => refused.otherReason });
    expect(unsound.activate()).toBe(refused.otherReason);
    expect(unsound.read(6)).toEqual(status(4));
    expect(unsound.activate()).toBe(refused.otherReason);
  });

  it("starts over after a failure", () => {
    const { verify, initiate, read } = complete({ verify: () => refused.hardwareFault });
    expect(verify()).toBe(refused.otherReason);
    expect(initiate(10)).toEqual(done);
    expect([read(6), read(3)]).toEqual([status(1), bits("00", 3)]);
  });

  it("answers temporary-failure while verification is under way", async () => {
    let end: (answer: readonly ImageToActivateInfo[] | Refused) => void = () => undefined;
    const { verify, initiate, read } = complete({
      verify: () =>
        new Promise((resolve) => {
          end = resolve;
        }),
    });
    const first = verify();
    expect(read(6)).toEqual(status(2));
    expect(verify()).toBe(refused.temporaryFailure);
    expect(initiate(10)).toBe(refused.otherReason);
    end([info]);
    expect(await first).toEqual(done);
    expect(read(6)).toEqual(status(3));
  });

  it("is not under way for ever when the port throws", async () => {
    const { verify, read } = complete({ verify: () => Promise.reject(new Error("disk")) });
    await expect(verify()).rejects.toThrow("disk");
    expect(read(6)).toEqual(status(4));
  });

  it("ends an activation that outlasts its answer when it is told", () => {
    const { activate, object, read } = complete({ activate: () => "started" });
    expect(activate()).toBe(refused.temporaryFailure);
    expect(read(6)).toEqual(status(5));
    object.activationEnded(false);
    expect(read(6)).toEqual(status(7));
  });

  it("leaves no image behind when there is no room for it", () => {
    const { initiate, read, block } = transfer({ begin: () => refused.hardwareFault });
    expect(initiate(10)).toBe(refused.hardwareFault);
    expect(read(6)).toEqual(status(0));
    expect(block(0, "00010203")).toBe(refused.otherReason);
  });
});

import { describe, expect, it } from "vitest";
import { fromHex } from "../../../cosem/codec/bytes.js";
import { decodeWireless, encodeWirelessFrame, FragmentReassembler } from "../../../src/mbus/index.js";
import { exampleNamed, keyLookup, telegramOf } from "./support/vectors.js";

// Example F.3 of CEN/TR 17167 cut in three by hand: its MAC covers MCL, MCR and the transport layer, not the fragments.
const { hex, key } = exampleNamed("cen-tr-17167-f3");
const transport = hex.slice(76);
const keyFor = keyLookup(key);

function frameOf(layers: string, sender = "2448443322110337"): Uint8Array {
  return encodeWirelessFrame({ control: 0x08, address: fromHex(sender), data: fromHex(layers), format: "A" });
}

const first = `90 07 0168 25 b30a0000 ${transport.slice(0, 40)}`;
const second = `90 02 0240 ${transport.slice(40, 60)}`;
const third = `90 0a 0304 af5d74df73a600d9 ${transport.slice(60)}`;

function run(frames: readonly Uint8Array[], fragments = new FragmentReassembler(), stepMs = 1000) {
  return frames.map((frame, index) => decodeWireless(frame, { keyFor, fragments, nowMs: index * stepMs }));
}

const refusing = (reason: string) => expect.objectContaining({ reason });

describe("fragments of long messages", () => {
  it("are joined, and the MAC is that of the whole message", () => {
    const fragments = new FragmentReassembler();
    const results = run([frameOf(first), frameOf(second), frameOf(third)], fragments);
    expect(results.map(({ kind }) => kind)).toEqual(["fragment", "fragment", "telegram"]);
    const last = results[2];
    if (last === undefined) throw new Error("no result");
    const { telegram, security, counters } = telegramOf(last);
    expect(telegram.records.length).toBe(3);
    expect(telegram.meter).toMatchObject({ manufacturer: "ELS", id: "12345678" });
    expect(security.isAuthenticated).toBe(true);
    expect(counters.message).toBe(0xab3);
    expect(fragments.pending).toBe(0);
  });

  it("may come twice each", () => {
    const frames = [first, first, second, first, second, third].map((layers) => frameOf(layers));
    expect(run(frames).map(({ kind }) => kind)).toEqual([...Array(5).fill("fragment"), "telegram"]);
  });

  it("of several senders may come in between", () => {
    const other = "2448443322110437";
    const frames = [frameOf(first), frameOf(first, other), frameOf(second), frameOf(second, other), frameOf(third)];
    expect(run(frames).at(-1)?.kind).toBe("telegram");
  });

  it("are refused with one missing, and the next message is read all the same", () => {
    const fragments = new FragmentReassembler();
    run([frameOf(first)], fragments);
    expect(() => run([frameOf(third)], fragments)).toThrow(refusing("truncated"));
    expect(fragments.pending).toBe(0);
    expect(run([frameOf(first), frameOf(second), frameOf(third)], fragments).at(-1)?.kind).toBe("telegram");
  });

  it("are dropped after a pause too long", () => {
    const fragments = new FragmentReassembler();
    expect(() => run([frameOf(first), frameOf(second)], fragments, 60_001)).toThrow(refusing("truncated"));
  });

  it("take no more room than allowed", () => {
    const limits = { messages: 3, bytesPerMessage: 30, timeoutMs: 1000 };
    const fragments = new FragmentReassembler(limits);
    const frames = Array.from({ length: 20 }, (_, index) =>
      frameOf(first, `24484433221103${index.toString(16).padStart(2, "0")}`),
    );
    run(frames, fragments, 1);
    expect(fragments.pending).toBe(3);
    const long = `90 02 0240 ${"00".repeat(20)}`;
    expect(() => run([frameOf(first), frameOf(long)], new FragmentReassembler(limits), 1)).toThrow(
      refusing("lengthOverLimit"),
    );
  });

  it("are refused by a decoder that does not join", () => {
    expect(() => decodeWireless(frameOf(first), { keyFor })).toThrow(refusing("truncated"));
  });

  it("must be as long together as the message length says", () => {
    const wrong = `90 0c 0314 af5d74df73a600d9 ff00 ${transport.slice(60)}`;
    expect(() => run([frameOf(first), frameOf(second), frameOf(wrong)])).toThrow(refusing("lengthMismatch"));
  });
});

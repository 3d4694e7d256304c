import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import { withoutEcho } from "../../src/transport/index.js";
import { channelPair } from "../support/channel-pair.js";

async function heard(sent: string, ...back: readonly string[]): Promise<string> {
  const [near, far] = channelPair();
  const channel = withoutEcho(near);
  let all = "";
  channel.listen({
    received(bytes) {
      all += toHex(bytes);
    },
    closed: () => undefined,
  });
  await channel.write(fromHex(sent));
  for (const piece of back) await far.write(fromHex(piece));
  await new Promise((resolve) => setImmediate(resolve));
  return all;
}

describe("channel without echo", () => {
  it("swallows what comes back as it went out, in pieces too", async () => {
    expect(await heard("1040014116", "1040014116e5")).toBe("e5");
    expect(await heard("1040014116", "1040", "014116", "e5")).toBe("e5");
    expect(await heard("1040014116", "1040014116")).toBe("");
  });
  it("hands over everything where no echo comes, or a broken one", async () => {
    expect(await heard("1040014116", "e5")).toBe("e5");
    expect(await heard("680b0b68", "68", "0303", "68")).toBe("68030368");
    expect(await heard("1040014116", "1041014116e5")).toBe("1041014116e5");
  });
  it("never loses an answer, wherever it is cut", async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.nat(40), async (sent, answer, cut) => {
        const all = toHex(sent) + toHex(answer);
        const at = (cut % (sent.length + answer.length)) * 2;
        expect(await heard(toHex(sent), all.slice(0, at), all.slice(at))).toBe(toHex(answer));
      }),
      { numRuns: 100 },
    );
  });
});

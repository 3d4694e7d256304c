import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { toHex } from "../../cosem/codec/bytes.js";
import { openUdp } from "../../src/transport/index.js";

describe("UDP", () => {
  it("carries requests and answers, and closes", async () => {
    const converter = createSocket("udp4");
    converter.bind(0, "127.0.0.1");
    await once(converter, "listening");
    converter.on("message", (bytes, from) => converter.send(`e5${bytes.length}`, from.port, from.address));
    const channel = await openUdp({ host: "127.0.0.1", port: converter.address().port });
    const heard = new Promise<string>((resolve) => {
      channel.listen({ received: (bytes) => resolve(toHex(bytes)), closed: () => undefined });
    });
    await channel.write(Uint8Array.of(0x10, 0x40, 1, 0x41, 0x16));
    expect(await heard).toBe(toHex(Buffer.from("e55")));
    await channel.close();
    await channel.close();
    await expect(channel.write(Uint8Array.of(1))).rejects.toMatchObject({ reason: "closed" });
    converter.close();
  });
  it("outlives a converter that is away", async () => {
    const channel = await openUdp({ host: "127.0.0.1", port: 9 });
    channel.listen({ received: () => undefined, closed: () => undefined });
    await channel.write(Uint8Array.of(1)).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await channel.write(Uint8Array.of(1)).catch(() => undefined);
    await channel.close();
  });
});

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { ByteChannel, Logger } from "../../src/ports/index.js";
import { connectTcp, listenTcp, type TcpServer, type TcpServerOptions } from "../../src/transport/index.js";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What a channel received, and a promise for what is to come. */
function recorded(channel: ByteChannel) {
  let text = "";
  let changed = () => {};
  const closed = new Promise<string | undefined>((resolve) => {
    channel.listen({
      received(bytes) {
        text += Buffer.from(bytes).toString("latin1");
        changed();
      },
      closed: resolve,
    });
  });
  const until = async (expected: string): Promise<void> => {
    while (!text.includes(expected)) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  return { closed, until };
}

async function server(options: Partial<TcpServerOptions>): Promise<TcpServer> {
  const made = await listenTcp({ host: "127.0.0.1", port: 0, maxConnections: 10, accept: echo, ...options });
  closing.push(() => made.close());
  return made;
}

function echo(channel: ByteChannel): void {
  channel.listen({ received: (bytes) => void channel.write(bytes).catch(() => {}), closed() {} });
}

async function client(port: number): Promise<ByteChannel> {
  const channel = await connectTcp({ host: "127.0.0.1", port });
  closing.push(() => channel.close());
  return channel;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe("TCP channels", () => {
  it("carry bytes both ways", async () => {
    const channel = await client((await server({})).port);
    const { until } = recorded(channel);
    await channel.write(bytesOf("hello"));
    await until("hello");
  });

  it("lose nothing that came before listen()", async () => {
    const { port } = await server({
      accept: (channel) => {
        recorded(channel);
        void channel.write(bytesOf("welcome"));
      },
    });
    const channel = await client(port);
    await new Promise((resolve) => setImmediate(resolve));
    await recorded(channel).until("welcome");
  });

  it("say nothing of a close that was asked for, and tell the other side's", async () => {
    let accepted: ByteChannel | undefined;
    const { port } = await server({
      accept: (channel) => {
        accepted = channel;
        recorded(channel);
      },
    });
    const own = await client(port);
    const ownClosed = recorded(own).closed;
    await own.close();
    expect(await ownClosed).toBeUndefined();
    await expect(own.write(bytesOf("x"))).rejects.toMatchObject({ reason: "closed" });

    const other = await client(port);
    const otherClosed = recorded(other).closed;
    await other.write(bytesOf("x"));
    await accepted?.close();
    expect(await otherClosed).toBe(`127.0.0.1:${port}: the other side closed the connection`);
  });

  it("send what was written before close()", async () => {
    const { port } = await server({
      accept: (channel) => {
        recorded(channel);
        void channel.write(new Uint8Array(300_000));
        void channel.close();
      },
    });
    const socket = connect({ host: "127.0.0.1", port });
    let count = 0;
    socket.on("data", (bytes) => {
      count += bytes.length;
    });
    await once(socket, "close");
    expect(count).toBe(300_000);
  });

  it("refuse with the cause and what to check", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    await expect(listenTcp({ host: "127.0.0.1", port, maxConnections: 1, accept: echo })).rejects.toMatchObject({
      reason: "inUse",
      message: `cannot listen on 127.0.0.1:${port}: the port is taken; stop the program that has it or set another port`,
    });
    await new Promise((resolve) => taken.close(resolve));
    await expect(connectTcp({ host: "127.0.0.1", port })).rejects.toMatchObject({
      reason: "refused",
      message: expect.stringContaining(`cannot connect to 127.0.0.1:${port}: connection refused`),
    });
  });

  it("turn away connections beyond the limit, and take new ones when there is room", async () => {
    const { port } = await server({ maxConnections: 2 });
    const kept = [await client(port), await client(port)];
    for (const channel of kept) {
      await channel.write(bytesOf("a"));
      await recorded(channel).until("a");
    }
    const further = await client(port);
    expect(await recorded(further).closed).toContain("closed");
    await kept[0]?.close();
    // The server learns of the close a moment later than we do.
    for (let isServed = false; !isServed; ) {
      const again = await client(port);
      const { until, closed } = recorded(again);
      await again.write(bytesOf("b")).catch(() => {});
      isServed = await Promise.race([until("b").then(() => true), closed.then(() => false)]);
    }
  });

  it("close a connection that stays silent", async () => {
    const { port } = await server({ idleTimeoutMs: 20 });
    expect(await recorded(await client(port)).closed).toBeDefined();
  });

  it("close a connection that does not read what it asked for", async () => {
    let refusal: unknown;
    const { port } = await server({
      maxPendingBytes: 100_000,
      accept: (channel) => {
        channel.listen({ received() {}, closed() {} });
        const flood = (): void => {
          if (refusal !== undefined) return;
          channel.write(new Uint8Array(50_000)).catch((error: unknown) => {
            refusal ??= error;
          });
          setImmediate(flood);
        };
        flood();
      },
    });
    const socket = connect({ host: "127.0.0.1", port });
    socket.pause();
    socket.on("error", () => {});
    while (refusal === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(refusal).toMatchObject({ reason: "lost" });
    socket.destroy();
  });

  it("end one connection, not the process, when its listener throws", async () => {
    const lines: string[] = [];
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (message) => void lines.push(message) };
    const { port } = await server({
      logger,
      accept: (channel) =>
        channel.listen({
          received() {
            throw new Error("bug");
          },
          closed() {},
        }),
    });
    const channel = await client(port);
    const { closed } = recorded(channel);
    await channel.write(bytesOf("x"));
    await closed;
    expect(lines).toEqual(["connection ended by a fault of the gateway"]);
  });
});

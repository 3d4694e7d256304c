import { describe, expect, it } from "vitest";
import type { ByteChannel, ByteListener, Logger } from "../../src/ports/index.js";
import { reconnectingChannel } from "../../src/transport/index.js";
import { manualClock } from "../support/manual-clock.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A line that can be up or down, and remembers who listens. */
function line() {
  const state = { isDown: false, tries: 0, listeners: [] as ByteListener[], written: [] as number[] };
  const connect = async (): Promise<ByteChannel> => {
    state.tries++;
    if (state.isDown) throw new Error("cannot connect to 10.0.0.7:10001: connection refused");
    return {
      listen: (listener) => void state.listeners.push(listener),
      write: async (bytes) => void state.written.push(...bytes),
      close: async () => state.listeners.at(-1)?.closed(undefined),
    };
  };
  return { state, connect };
}

describe("a reconnecting channel", () => {
  it("connects again with growing pauses, and starts short again once bytes have come", async () => {
    const clock = manualClock();
    const { state, connect } = line();
    const channel = reconnectingChannel({ name: "roof", connect, clock, logger: silent });
    const received: number[] = [];
    const closed: (string | undefined)[] = [];
    channel.listen({ received: (bytes) => void received.push(...bytes), closed: (cause) => void closed.push(cause) });

    state.isDown = true;
    await channel.start();
    expect([channel.isUp, state.tries]).toEqual([false, 1]);
    await expect(channel.write(Uint8Array.of(1))).rejects.toThrow("roof: cannot connect to 10.0.0.7:10001");
    await clock.advance(999);
    expect(state.tries).toBe(1);
    await clock.advance(1);
    expect(state.tries).toBe(2);
    await clock.advance(2000);
    expect(state.tries).toBe(3);
    state.isDown = false;
    await clock.advance(4000);
    expect([channel.isUp, state.tries]).toEqual([true, 4]);
    await channel.write(Uint8Array.of(7));
    state.listeners[0]?.received(Uint8Array.of(8));
    expect([state.written, received]).toEqual([[7], [8]]);

    state.listeners[0]?.closed("10.0.0.7:10001: the other side closed the connection");
    expect(channel.isUp).toBe(false);
    await clock.advance(1000);
    expect([channel.isUp, state.tries]).toEqual([true, 5]);
    expect(closed).toEqual([]);
  });

  it("waits no longer than the longest pause", async () => {
    const clock = manualClock();
    const { state, connect } = line();
    state.isDown = true;
    const channel = reconnectingChannel({ name: "roof", connect, clock, logger: silent, longestDelayMs: 4000 });
    await channel.start();
    await clock.advance(1000 + 2000 + 4000 * 10);
    expect(state.tries).toBe(13);
    await channel.close();
    expect(clock.waiting).toBe(0);
  });

  it("ends when it is closed, and tells so once", async () => {
    const clock = manualClock();
    const { state, connect } = line();
    const channel = reconnectingChannel({ name: "roof", connect, clock, logger: silent });
    const closed: (string | undefined)[] = [];
    channel.listen({ received() {}, closed: (cause) => void closed.push(cause) });
    await channel.start();
    await channel.close();
    await channel.close();
    await clock.advance(600_000);
    expect(closed).toEqual([undefined]);
    expect(state.tries).toBe(1);
    await expect(channel.write(Uint8Array.of(1))).rejects.toMatchObject({ reason: "closed" });
  });
});

import type { ByteChannel } from "../ports/index.js";

/**
 * Takes the echo out of a channel whose line repeats what is sent (IR heads, two-wire converters): bytes that come back
 * as they went out are swallowed; from the first that differs on, everything is handed over, what was swallowed too.
 */
export function withoutEcho(channel: ByteChannel): ByteChannel {
  let expected = new Uint8Array(0);
  let matched = 0;
  const { setBaudRate } = channel;
  return {
    listen: (listener) =>
      channel.listen({
        closed: (cause) => listener.closed(cause),
        received(bytes) {
          let at = 0;
          while (at < bytes.length && matched < expected.length && bytes[at] === expected[matched]) {
            at += 1;
            matched += 1;
          }
          if (matched === expected.length) {
            expected = new Uint8Array(0);
            matched = 0;
          }
          if (at === bytes.length) return;
          const swallowed = expected.subarray(0, matched);
          expected = new Uint8Array(0);
          matched = 0;
          const rest = bytes.subarray(at);
          listener.received(swallowed.length === 0 ? rest : Uint8Array.of(...swallowed, ...rest));
        },
      }),
    write(bytes) {
      expected = bytes.slice();
      matched = 0;
      return channel.write(bytes);
    },
    close: () => channel.close(),
    ...(setBaudRate === undefined ? {} : { setBaudRate: (baudRate: number) => setBaudRate.call(channel, baudRate) }),
  };
}

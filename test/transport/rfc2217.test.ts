import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import type { ByteChannel } from "../../src/ports/index.js";
import { connectRfc2217, listenTcp } from "../../src/transport/index.js";
import { comPortCommand, escapeTelnet, setBaudRateCommand, TelnetDecoder } from "../../src/transport/rfc2217-codec.js";

/** A server by hand: answers SET-BAUDRATE with what it set (RFC 2217: code 101), keeps all else. */
async function server(answer: (hex: string) => string) {
  const heard: string[] = [];
  let far: ByteChannel | undefined;
  const tcp = await listenTcp({
    host: "127.0.0.1",
    port: 0,
    maxConnections: 1,
    accept: (channel) => {
      far = channel;
      channel.listen({
        received: (bytes) => {
          heard.push(toHex(bytes));
          const reply = answer(toHex(bytes));
          if (reply !== "") void channel.write(fromHex(reply));
        },
        closed: () => undefined,
      });
    },
  });
  return { port: tcp.port, heard, close: () => tcp.close(), send: (hex: string) => far?.write(fromHex(hex)) };
}
// IAC DO COM-PORT, IAC SB 44 101 2400 IAC SE
const agreeing = "fffd2cfffa2c6500000960fff0";

describe("RFC 2217 bytes", () => {
  it("are those of the RFC", () => {
    expect(toHex(setBaudRateCommand(2400))).toBe("fffa2c0100000960fff0");
    expect(toHex(comPortCommand(5, [255]))).toBe("fffa2c05fffffff0");
    expect(toHex(escapeTelnet(fromHex("01ff02ff")))).toBe("01ffff02ffff");
  });
  it("are read the same wherever the stream is cut", () => {
    const stream = fromHex(`e5ffff68${agreeing}fffb01fffd1810fffa2c6a00fffff0ff`);
    const pieces = (cut: number) => {
      const decoder = new TelnetDecoder();
      const parts = [decoder.push(stream.subarray(0, cut)), decoder.push(stream.subarray(cut))];
      return {
        data: parts.map((part) => toHex(part.data)).join(""),
        reply: parts.map((part) => toHex(part.reply)).join(""),
        answers: parts.flatMap((part) => part.answers.map(({ command, value }) => `${command}:${toHex(value)}`)),
      };
    };
    for (let cut = 0; cut <= stream.length; cut++) {
      // WILL ECHO is refused with DONT, DO TERMINAL-TYPE with WONT.
      expect(pieces(cut)).toEqual({ data: "e5ff6810", reply: "fffe01fffc18", answers: ["1:00000960"] });
    }
  });
});

describe("RFC 2217 client", () => {
  it("sets the line up, and carries every byte both ways", async () => {
    const there = await server((hex) => (hex.includes("fffa2c01") ? agreeing : ""));
    const channel = await connectRfc2217({ host: "127.0.0.1", port: there.port, baudRate: 2400 });
    const opening = there.heard.join("");
    // Binary both ways, WILL COM-PORT, 2400 baud, 8 data bits, even parity, 1 stop bit.
    for (const bytes of ["fffb00", "fffd00", "fffb2c", "fffa2c0100000960fff0", "fffa2c0208fff0", "fffa2c0303fff0"]) {
      expect(opening).toContain(bytes);
    }
    expect(opening).toContain("fffa2c0401fff0");
    const received = new Promise<string>((resolve) => {
      channel.listen({ received: (bytes) => resolve(toHex(bytes)), closed: () => undefined });
    });
    await there.send("68ffff16");
    expect(await received).toBe("68ff16");
    await channel.setBaudRate?.(9600);
    expect(there.heard.at(-1)).toBe("fffa2c0100002580fff0");
    await channel.close();
    await there.close();
  });
  it("says so when the server does no COM port control, or is no telnet server", async () => {
    const refusing = await server(() => "fffe2c");
    const open = connectRfc2217({ host: "127.0.0.1", port: refusing.port, baudRate: 2400 });
    await expect(open).rejects.toMatchObject({ reason: "refused", message: expect.stringContaining("use kind tcp") });
    const mute = await server(() => "");
    const late = connectRfc2217({ host: "127.0.0.1", port: mute.port, baudRate: 2400, answerTimeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ reason: "timeout" });
    await refusing.close();
    await mute.close();
  });
});

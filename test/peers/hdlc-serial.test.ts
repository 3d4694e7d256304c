/** HDLC on a pair of pseudo terminals held by socat: our server line and our client, and recorded dialogues. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openHdlc } from "../../conformance/index.js";
import { createHdlcDecoder, encodeHdlcFrame, fromHex, logicalName } from "../../cosem/index.js";
import { serveHdlcLine } from "../../src/host/hdlc-door.js";
import { openSerial } from "../../src/transport/index.js";
import { runCommand } from "../support/gateway-process.js";
import { createHdlcDoor, frameInWords, hdlcDoorTranscripts } from "../support/hdlc-door.js";
import { hdlcDoorParts } from "../support/hdlc-settings.js";
import { systemClock } from "../support/system-clock.js";

let folder: string;
let socat: ChildProcess;
let ends: { readonly gateway: string; readonly client: string };
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hdlc-"));
  ends = { gateway: join(folder, "gateway"), client: join(folder, "client") };
  socat = spawn("socat", [`pty,raw,echo=0,link=${ends.gateway}`, `pty,raw,echo=0,link=${ends.client}`], {
    stdio: "ignore",
  });
  // socat says nothing when its links are there: they are looked for, within the hook's time limit.
  while (!existsSync(ends.gateway) || !existsSync(ends.client)) await new Promise((resolve) => setTimeout(resolve, 10));
});

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
  if (socat.exitCode === null && socat.signalCode === null) {
    socat.kill();
    await once(socat, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

async function openClient(baudRate = 9600) {
  const channel = await openSerial({ path: ends.client, baudRate, parity: "none" });
  cleanups.push(() => channel.close());
  return channel;
}

const name = { classId: 7, logicalName: logicalName("1-0:99.1.0*255"), attributeIndex: 2, selectiveAccess: undefined };

describe("HDLC on a serial line", () => {
  it.each(hdlcDoorTranscripts)("answers as recorded: $name", async (transcript) => {
    const line = await openSerial({ path: ends.gateway, baudRate: 9600, parity: "none" });
    const view = createHdlcDoor(transcript, systemClock);
    view.serve(line, ends.gateway);
    cleanups.push(() => view.stop());
    const client = await openClient();
    const decoder = createHdlcDecoder();
    const arrived: Uint8Array[] = [];
    client.listen({
      received(bytes) {
        for (const one of decoder.push(bytes)) if (one.kind === "frame") arrived.push(encodeHdlcFrame(one.frame));
      },
      closed: () => undefined,
    });
    for (const step of transcript.steps) {
      if (step.direction === ">") await client.write(fromHex(step.bytes));
      else {
        await expect.poll(() => arrived.length).toBeGreaterThan(0);
        expect(frameInWords(arrived.shift() as Uint8Array)).toBe(frameInWords(fromHex(step.bytes)));
      }
    }
  });

  it("serves our client a profile in windows of seven", async () => {
    const parts = hdlcDoorParts(`{ interOctetTimeoutMs: 1000, serial: { path: "${ends.gateway}" } }`, systemClock);
    cleanups.push(serveHdlcLine(parts, ends.gateway));
    const parameters = { maxInfoTransmit: 64, maxInfoReceive: 64, windowTransmit: 7, windowReceive: 7 };
    const target = { clientSap: 16, serverSap: 1, parameters, timeoutMs: 30_000, retries: 9 };
    const connection = await openHdlc(await openClient(), target);
    cleanups.push(() => connection.close());
    await connection.client.open();
    expect(await connection.client.get(name)).toMatchObject({ kind: "data", data: { type: "array" } });
  });

  it("serves the command line", async () => {
    const parts = hdlcDoorParts(`{ interOctetTimeoutMs: 1000, serial: { path: "${ends.gateway}" } }`, systemClock);
    cleanups.push(serveHdlcLine(parts, ends.gateway));
    const words = ["dlms", "profile", "sap1/7:1-0:99.1.0*255", "--entries", "1-2", "--columns", "2"];
    const command = await runCommand([...words, "--serial", ends.client, "--timeout", "60"]);
    expect(command).toMatchObject({ code: 0, stdout: "8-0:1.0.0*255/2 [m3]\r\n100\r\n100.125\r\n", stderr: "" });
  });

  it("serves our client behind the sign-on of an optical head", async () => {
    const serial = `{ path: "${ends.gateway}", baudRate: 19200, opticalStart: true, interOctetTimeoutMs: 1000 }`;
    cleanups.push(serveHdlcLine(hdlcDoorParts(`{ serial: ${serial} }`, systemClock), ends.gateway));
    const head = await openClient(300);
    let heard = "";
    let pass: ((bytes: Uint8Array) => void) | undefined;
    let lost: ((cause: string | undefined) => void) | undefined;
    head.listen({
      received(bytes) {
        if (pass !== undefined) pass(bytes);
        else heard += Buffer.from(bytes.map((octet) => octet & 0x7f)).toString("latin1");
      },
      closed: (cause) => lost?.(cause),
    });
    // The gateway may open its end later: the request is repeated until it is heard.
    await expect
      .poll(
        async () => {
          if (heard === "") await head.write(fromHex("af3f218d0a"));
          return heard;
        },
        { interval: 500 },
      )
      .toBe("/XYZ6\\2GATEWAY\r\n");
    heard = "";
    await head.write(fromHex("06b236b28d0a"));
    await head.setBaudRate(19_200);
    await expect.poll(() => heard).toBe("\x06262\r\n");
    const connection = await openHdlc(
      {
        listen(listener) {
          pass = (bytes) => listener.received(bytes);
          lost = (cause) => listener.closed(cause);
        },
        write: (bytes) => head.write(bytes),
        close: async () => undefined,
      },
      { clientSap: 16, serverSap: 1, timeoutMs: 30_000, retries: 9 },
    );
    await connection.client.open();
    expect(await connection.client.get(name)).toMatchObject({ kind: "data", data: { type: "array" } });
    await connection.close();
  });
});

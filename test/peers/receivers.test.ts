/** Receivers on a serial line of 8N1: pseudo terminals held by socat, and a program's output. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { receiversOf } from "../../src/host/receivers.js";
import { createWirelessReadout, type WirelessReadout } from "../../src/readout/index.js";
import type { RadioReceiverSettings } from "../../src/settings/index.js";
import { openSerial, systemClock } from "../../src/transport/index.js";
import { streamBytes, streamCases } from "../mbus/receivers/streams.js";
import { recordingLogger } from "../support/recording-logger.js";

let folder: string;
let socat: ChildProcess;
let ends: { readonly gateway: string; readonly stick: string };
let readout: WirelessReadout | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "receivers-"));
  ends = { gateway: join(folder, "gateway"), stick: join(folder, "stick") };
  socat = spawn("socat", [`pty,raw,echo=0,link=${ends.gateway}`, `pty,raw,echo=0,link=${ends.stick}`], {
    stdio: "ignore",
  });
  while (!existsSync(ends.gateway) || !existsSync(ends.stick)) await new Promise((resolve) => setTimeout(resolve, 10));
});

afterEach(async () => {
  await readout?.stop();
  readout = undefined;
  if (socat.exitCode === null && socat.signalCode === null) {
    socat.kill();
    await once(socat, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

it.each(streamCases.filter(({ type, telegrams }) => telegrams.length > 0 && type !== "rtl433"))(
  "$type over a serial line: $what",
  async (streamCase) => {
    const settings: RadioReceiverSettings = {
      name: "stick",
      group: "air",
      type: streamCase.type,
      mode: "CT",
      appendsRssi: streamCase.appendsRssi ?? false,
      silenceResetSeconds: 0,
      connection: { kind: "serial", path: ends.gateway },
    };
    const logger = recordingLogger();
    const stick = await openSerial({ path: ends.stick, baudRate: 57_600, parity: "none" });
    const heard: number[] = [];
    stick.listen({ received: (bytes) => void heard.push(...bytes), closed: () => undefined });
    const wireless = {
      receivers: [settings],
      storeEveryTelegram: false,
      repeatWindowMs: 0,
      receptionLimit: 100,
      whitelist: [],
      blacklist: [],
    };
    readout = createWirelessReadout({
      receivers: receiversOf(wireless, logger),
      meters: [],
      sink: { completed: () => undefined, failed: () => undefined },
      clock: systemClock,
      logger,
      settings: wireless,
    });
    readout.start();
    const isSo = () => readout?.receivers()[0];
    while (isSo()?.isOpen !== true) await new Promise((resolve) => setTimeout(resolve, 10));
    const bytes = streamBytes(streamCase);
    // In pieces, as a line brings them.
    for (let start = 0; start < bytes.length; start += 7) await stick.write(bytes.subarray(start, start + 7));
    while ((isSo()?.telegrams ?? 0) < streamCase.telegrams.length) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(isSo()).toMatchObject({ telegrams: streamCase.telegrams.length, failures: 0 });
    await stick.close();
  },
);

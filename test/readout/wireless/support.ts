/** A wireless readout over channels in memory, with what it hands out. */
import { fromHex } from "../../../cosem/codec/bytes.js";
import { AesKey, createReceiverDriver, parseSecondaryAddress, type ReceiverTypeName } from "../../../src/mbus/index.js";
import type { ByteChannel } from "../../../src/ports/index.js";
import {
  type CompletedReadout,
  createWirelessReadout,
  type RadioReceiver,
  type WirelessMeter,
  type WirelessSettings,
} from "../../../src/readout/index.js";
import { channelPair } from "../../support/channel-pair.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";

export const startMs = Date.UTC(2026, 10, 22, 12);

export interface TestReceiver extends RadioReceiver {
  /** The receiver's ends of its lines, newest last; what was sent to it. */
  readonly ends: ByteChannel[];
  readonly sent: Uint8Array[];
  say(text: string | Uint8Array): Promise<void>;
}

export function testReceiver(
  name: string,
  options: { readonly type?: ReceiverTypeName; readonly group?: string; readonly silenceResetMs?: number } = {},
): TestReceiver {
  const { type = "hexLines", group = "air", silenceResetMs = 0 } = options;
  const ends: ByteChannel[] = [];
  const sent: Uint8Array[] = [];
  return {
    name,
    group,
    silenceResetMs,
    ends,
    sent,
    createDriver: () => createReceiverDriver(type, { mode: "CT", appendsRssi: false }),
    source: {
      kind: "line",
      async open() {
        const [near, far] = channelPair();
        far.listen({ received: (bytes) => void sent.push(bytes), closed: () => undefined });
        ends.push(far);
        return near;
      },
    },
    async say(words) {
      await ends.at(-1)?.write(typeof words === "string" ? new TextEncoder().encode(`${words}\n`) : words);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export const meter = (meterId: number, address: string, key?: string, group = "air"): WirelessMeter => ({
  meterId,
  group,
  mask: parseSecondaryAddress(address),
  key: key === undefined ? undefined : new AesKey(fromHex(key)),
});

const settings: WirelessSettings = {
  storeEveryTelegram: false,
  repeatWindowMs: 2000,
  receptionLimit: 1000,
  whitelist: [],
  blacklist: [],
};

export function fixture(
  receivers: readonly RadioReceiver[],
  meters: readonly WirelessMeter[],
  changes: Partial<WirelessSettings> = {},
  counters?: ReadonlyMap<number, number>,
) {
  const clock = manualClock(startMs);
  const logger = recordingLogger();
  const completed: CompletedReadout[] = [];
  const failed: { readonly meterId: number; readonly reason: string; readonly words: string }[] = [];
  const readout = createWirelessReadout({
    receivers,
    meters,
    sink: {
      completed: (reading) => void completed.push(reading),
      failed: (meterId, reason, words) => void failed.push({ meterId, reason, words }),
    },
    clock,
    logger,
    settings: { ...settings, ...changes },
    ...(counters === undefined ? {} : { counters }),
  });
  return { clock, logger, completed, failed, readout };
}

/**
 * A simulated radio receiver with wireless meters in the air: each meter sends at its period, the receiver passes it
 * on to every attached channel in its own framing. Deterministic with clock and seeds.
 */
import { receiverEncoders } from "../mbus/index.js";
import type { ByteChannel, Clock } from "../ports/index.js";
import type { SimulatedMeter } from "./meter.js";
import { encodeWirelessTelegram, type WirelessSecurityKind } from "./wireless-telegram.js";

export interface SimulatedWirelessMeter {
  /** Gives the values; its first telegram is sent. */
  readonly meter: SimulatedMeter;
  readonly security: WirelessSecurityKind;
  /** 16 bytes. */
  readonly key: Uint8Array;
  /** Of so many telegrams one is full, the others are compact; 1 or left out: all are full. */
  readonly fullEach?: number;
  readonly periodMs: number;
  readonly rssiDbm: number;
}

export type SimulatedReceiverType = keyof typeof receiverEncoders;

export const simulatedReceiverTypes = Object.keys(receiverEncoders) as readonly SimulatedReceiverType[];

export interface SimulatedReceiverParts {
  readonly type: SimulatedReceiverType;
  readonly meters: readonly SimulatedWirelessMeter[];
  readonly clock: Clock;
}

export interface SimulatedReceiver {
  attach(channel: ByteChannel): void;
  /** One meter's next telegram, now; meters send by themselves after start(). */
  send(meter: SimulatedWirelessMeter): void;
  /** Bytes that the gateway has sent to the receiver: set-up, resets. */
  readonly heardBytes: number;
  /** A silent receiver passes nothing on, as one that hangs. */
  isSilent: boolean;
  start(): void;
  stop(): Promise<void>;
}

export function createSimulatedReceiver(parts: SimulatedReceiverParts): SimulatedReceiver {
  return new Air(parts);
}

class Air implements SimulatedReceiver {
  isSilent = false;
  heardBytes = 0;
  private readonly parts: SimulatedReceiverParts;
  private readonly channels = new Set<ByteChannel>();
  private readonly sent = new Map<SimulatedWirelessMeter, number>();
  private readonly timers = new Map<SimulatedWirelessMeter, () => void>();

  constructor(parts: SimulatedReceiverParts) {
    this.parts = parts;
  }

  attach(channel: ByteChannel): void {
    this.channels.add(channel);
    channel.listen({
      received: (bytes) => {
        this.heardBytes += bytes.length;
      },
      closed: () => this.channels.delete(channel),
    });
  }

  start(): void {
    for (const meter of this.parts.meters) this.sendAndWait(meter);
  }

  async stop(): Promise<void> {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    await Promise.all([...this.channels].map((channel) => channel.close().catch(() => undefined)));
  }

  send(meter: SimulatedWirelessMeter): void {
    const bytes = receiverEncoders[this.parts.type](this.nextTelegram(meter), meter.rssiDbm);
    if (this.isSilent) return;
    // A gateway that is gone misses telegrams, as it would of a real receiver.
    for (const channel of this.channels) channel.write(bytes).catch(() => undefined);
  }

  private sendAndWait(meter: SimulatedWirelessMeter): void {
    this.send(meter);
    this.timers.set(
      meter,
      this.parts.clock.after(meter.periodMs, () => this.sendAndWait(meter)),
    );
  }

  private nextTelegram(meter: SimulatedWirelessMeter): Uint8Array {
    const number = (this.sent.get(meter) ?? 0) + 1;
    this.sent.set(meter, number);
    const [plain] = meter.meter.telegramsNow();
    if (plain === undefined) throw new RangeError(`${meter.meter.name} has no telegram`);
    const { security, key, fullEach = 1 } = meter;
    const isCompact = (number - 1) % fullEach !== 0;
    // Seconds: it grows over a restart too, as a meter's counter does.
    const counter = Math.floor(this.parts.clock.now() / 1000);
    return encodeWirelessTelegram({ plain, security, key, accessNumber: number, counter, isCompact });
  }
}

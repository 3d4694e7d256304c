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
  /** A telegram that came through the air. */
  hear(telegram: Uint8Array, rssiDbm: number): void;
  /** Bytes that the gateway has sent to the receiver: set-up, resets. */
  readonly heardBytes: number;
  /** A silent receiver passes nothing on, as one that hangs. */
  isSilent: boolean;
  start(): void;
  stop(): Promise<void>;
}

export function createSimulatedReceiver(parts: SimulatedReceiverParts): SimulatedReceiver {
  return new Receiver(parts);
}

/** Meters that several receivers hear: the same telegram at each, weaker at those further down the list. */
export function createSimulatedAir(parts: {
  readonly meters: readonly SimulatedWirelessMeter[];
  readonly receivers: readonly SimulatedReceiver[];
  readonly clock: Clock;
}): { start(): void; stop(): void } {
  const { meters, receivers, clock } = parts;
  return new Sender(meters, clock, (telegram, rssiDbm) => {
    for (const [index, receiver] of receivers.entries()) receiver.hear(telegram, rssiDbm - weakerDb * index);
  });
}

const weakerDb = 6;

class Receiver implements SimulatedReceiver {
  isSilent = false;
  heardBytes = 0;
  private readonly type: SimulatedReceiverType;
  private readonly channels = new Set<ByteChannel>();
  private readonly sender: Sender;

  constructor({ type, meters, clock }: SimulatedReceiverParts) {
    this.type = type;
    this.sender = new Sender(meters, clock, (telegram, rssiDbm) => this.hear(telegram, rssiDbm));
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
    this.sender.start();
  }

  async stop(): Promise<void> {
    this.sender.stop();
    await Promise.all([...this.channels].map((channel) => channel.close().catch(() => undefined)));
  }

  send(meter: SimulatedWirelessMeter): void {
    this.sender.send(meter);
  }

  hear(telegram: Uint8Array, rssiDbm: number): void {
    const bytes = receiverEncoders[this.type](telegram, rssiDbm);
    if (this.isSilent) return;
    // A gateway that is gone misses telegrams, as it would of a real receiver.
    for (const channel of this.channels) channel.write(bytes).catch(() => undefined);
  }
}

/** Meters that send at their periods. */
class Sender {
  private readonly meters: readonly SimulatedWirelessMeter[];
  private readonly clock: Clock;
  private readonly heard: (telegram: Uint8Array, rssiDbm: number) => void;
  private readonly sent = new Map<SimulatedWirelessMeter, number>();
  private readonly timers = new Map<SimulatedWirelessMeter, () => void>();

  constructor(
    meters: readonly SimulatedWirelessMeter[],
    clock: Clock,
    heard: (telegram: Uint8Array, rssiDbm: number) => void,
  ) {
    this.meters = meters;
    this.clock = clock;
    this.heard = heard;
  }

  start(): void {
    for (const meter of this.meters) this.sendAndWait(meter);
  }

  stop(): void {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
  }

  send(meter: SimulatedWirelessMeter): void {
    this.heard(this.nextTelegram(meter), meter.rssiDbm);
  }

  private sendAndWait(meter: SimulatedWirelessMeter): void {
    this.send(meter);
    this.timers.set(
      meter,
      this.clock.after(meter.periodMs, () => this.sendAndWait(meter)),
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
    const counter = Math.floor(this.clock.now() / 1000);
    return encodeWirelessTelegram({ plain, security, key, accessNumber: number, counter, isCompact });
  }
}

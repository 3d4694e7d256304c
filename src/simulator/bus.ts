/**
 * A virtual M-Bus: meters on one wire behind any number of channels. How it works:
 * - each channel has a stream decoder; whole requests queue for the wire, which carries one at a time;
 * - a request takes its time on the wire, then every meter hears it; what they answer at once is laid over one another
 *   (on the wire a 0 wins over a 1), so collisions look as they do on a real bus;
 * - paced, the answer's bytes come at the bus's baud rate, after a delay within EN 13757-2's limits; unpaced, at once.
 */
import { answerWindowMs, type LinkFrame, LinkStreamDecoder, transmissionMs } from "../mbus/index.js";
import type { ByteChannel, Clock } from "../ports/index.js";
import type { Faults } from "./faults.js";
import type { SimulatedMeter } from "./meter.js";
import { type ReceivedByte, receivedBytes, type TimedAnswer } from "./wire-overlay.js";

/** One new telegram, as it goes out on the wire (repetitions are not told). */
export interface AnswerNotice {
  readonly bus: string;
  readonly meter: string;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  /** Application data from the CI field on. */
  readonly telegram: Uint8Array;
}

export interface SimulatedBusParts {
  readonly name: string;
  readonly meters: readonly SimulatedMeter[];
  readonly clock: Clock;
  /** Pace of the wire; undefined: as fast as the channel. */
  readonly baudRate?: number;
  /** Delay of the slaves' answer, held within EN 13757-2's limits; default 11 bit times + 10 ms. Paced only. */
  readonly slaveDelayMs?: number;
  /** Repeat each request to the one who sent it, as some level converters do. */
  readonly echoes?: boolean;
  readonly onAnswer?: (notice: AnswerNotice) => void;
  /** What goes wrong, by a script. */
  readonly faults?: Faults;
  /** Last look at the bytes of an answer: tests break or swallow (undefined) them here. */
  readonly disturb?: (answer: Uint8Array) => Uint8Array | undefined;
}

export interface SimulatedBus {
  readonly name: string;
  readonly meters: readonly SimulatedMeter[];
  /** Puts a master's channel on the bus. */
  attach(channel: ByteChannel): void;
  /** The master's line goes over to another rate: only meters that were told to hear it then. */
  setBaudRate(baudRate: number): void;
  /** Closes every channel; answers under way are cut off. */
  stop(): Promise<void>;
}

/** Requests that may wait for the wire; more are lost, as on a real one. */
const mostWaiting = 16;
/** Another meter that answers too begins so much later. */
const intruderLagMs = 12;
/** Where the wire has no pace, answers are laid over one another as at this rate. */
const unpacedBaudRate = 2400;
const latestUnpacedMs = answerWindowMs(unpacedBaudRate).latest + transmissionMs(1, unpacedBaudRate);
/** Paced answers go out in pieces of about this length. */
const pieceMs = 15;
/** EN 13757-3: a slave that hears nothing at a new rate goes back after 2 to 10 minutes. */
const fallBackMs = 120_000;

export function createSimulatedBus(parts: SimulatedBusParts): SimulatedBus {
  return new Wire(parts);
}

interface Request {
  readonly channel: ByteChannel;
  readonly frame: LinkFrame;
}

class Wire implements SimulatedBus {
  private readonly parts: SimulatedBusParts;
  private readonly channels = new Set<ByteChannel>();
  private readonly waiting: Request[] = [];
  /** The channel that has the wire, and how many of its requests are under way. */
  private holder: { readonly channel: ByteChannel; requests: number } | undefined;
  private baudRate: number | undefined;
  private isStopped = false;
  /** When a meter last heard a frame at its rate; monotonic. */
  private readonly lastHeard = new Map<SimulatedMeter, number>();
  /** When a meter's answer is over; monotonic. */
  private readonly sendingUntil = new Map<SimulatedMeter, number>();
  private readonly timers = new Set<() => void>();

  constructor(parts: SimulatedBusParts) {
    this.parts = parts;
    this.baudRate = parts.baudRate;
  }

  setBaudRate(baudRate: number): void {
    this.baudRate = baudRate;
  }

  get name(): string {
    return this.parts.name;
  }
  get meters(): readonly SimulatedMeter[] {
    return this.parts.meters;
  }

  attach(channel: ByteChannel): void {
    const decoder = new LinkStreamDecoder("slave");
    this.channels.add(channel);
    channel.listen({
      received: (bytes) => {
        if (this.parts.echoes || this.parts.faults?.strike("echo", this.name)) this.write(channel, bytes);
        for (const frame of decoder.push(this.parts.faults?.throughNoise(bytes, this.name) ?? bytes)) {
          if (this.waiting.length < mostWaiting) this.waiting.push({ channel, frame });
        }
        this.serve();
      },
      closed: () => this.channels.delete(channel),
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const cancel of this.timers) cancel();
    this.timers.clear();
    this.waiting.length = 0;
    const channels = [...this.channels];
    this.channels.clear();
    await Promise.all(channels.map((channel) => channel.close().catch(() => undefined)));
  }

  /**
   * One master has the wire at a time. If it speaks again before all have answered, as masters do that took the first
   * answer for the only one, it is heard at once, and what comes back is mixed.
   */
  private serve(): void {
    const { baudRate } = this;
    while (!this.isStopped) {
      const [request] = this.waiting;
      if (request === undefined || (this.holder !== undefined && this.holder.channel !== request.channel)) return;
      this.waiting.shift();
      if (baudRate === undefined) {
        const answer = this.answerTo(request.frame, unpacedBaudRate);
        const lateMs = answer[0]?.endMs ?? 0;
        const send = () => this.write(request.channel, bytesOf(answer));
        // Without a pace answers come at once, but for those that the script makes slow.
        if (lateMs > latestUnpacedMs) this.later(lateMs, send);
        else if (answer.length > 0) send();
        continue;
      }
      this.holder ??= { channel: request.channel, requests: 0 };
      this.holder.requests += 1;
      this.later(transmissionMs(frameBytes(request.frame), baudRate), () => this.answerPaced(request, baudRate));
    }
  }

  private served(): void {
    if (this.holder === undefined) return;
    this.holder.requests -= 1;
    if (this.holder.requests === 0) this.holder = undefined;
    this.serve();
  }

  private delayOf(meter: SimulatedMeter, baudRate: number): number {
    const { earliest, latest } = answerWindowMs(baudRate);
    const wanted = meter.answerDelayMs ?? this.parts.slaveDelayMs ?? earliest + 10;
    return Math.min(latest, Math.max(earliest, wanted));
  }

  private answerPaced(request: Request, baudRate: number): void {
    const answer = this.answerTo(request.frame, baudRate);
    const pieceBytes = Math.max(1, Math.floor(pieceMs / transmissionMs(1, baudRate)));
    let sentMs = 0;
    const sendFrom = (offset: number) => {
      const piece = answer.slice(offset, offset + pieceBytes);
      const last = piece.at(-1);
      if (last === undefined) {
        this.served();
        return;
      }
      const waitMs = last.endMs - sentMs;
      sentMs = last.endMs;
      this.later(waitMs, () => {
        this.write(request.channel, bytesOf(piece));
        sendFrom(offset + piece.length);
      });
    };
    sendFrom(0);
  }

  /** What the wire carries when every meter has heard the request. */
  private answerTo(frame: LinkFrame, baudRate: number): readonly ReceivedByte[] {
    const answers: TimedAnswer[] = [];
    const { faults } = this.parts;
    const home = this.parts.baudRate;
    for (const meter of this.parts.meters) {
      if (home !== undefined && (this.isSending(meter) || !this.hears(meter, home))) continue;
      const answer = meter.receive(faults?.heardBy(frame, this.name, meter.name) ?? frame);
      if (answer === undefined) continue;
      const fate =
        faults === undefined ? untouched(answer.bytes) : faults.answerOf(answer.bytes, frame, this.name, meter.name);
      if (fate === undefined) continue;
      if (answer.telegram !== undefined) {
        const atMs = this.parts.clock.now();
        this.parts.onAnswer?.({ bus: this.name, meter: meter.name, atMs, telegram: answer.telegram });
      }
      const startMs = this.delayOf(meter, baudRate) + fate.delayMs;
      answers.push({ startMs, bytes: fate.bytes });
      const sendingMs = startMs + transmissionMs(fate.bytes.length, baudRate);
      this.sendingUntil.set(meter, this.parts.clock.monotonic() + sendingMs);
      if (fate.intruder !== undefined) answers.push({ startMs: startMs + intruderLagMs, bytes: fate.intruder });
    }
    if (answers.length > 0 && faults?.strike("deadBus", this.name) !== undefined) return [];
    const received = receivedBytes(answers, baudRate);
    const [first] = received;
    if (first === undefined || (this.parts.disturb === undefined && faults === undefined)) return received;
    const sent = bytesOf(received);
    const noisy = faults?.throughNoise(sent, this.name) ?? sent;
    if (this.parts.disturb === undefined && sameBytes(noisy, sent)) return received;
    const disturbed = this.parts.disturb === undefined ? noisy : this.parts.disturb(noisy);
    const startMs = first.endMs - transmissionMs(1, baudRate);
    return disturbed === undefined ? [] : receivedBytes([{ startMs, bytes: disturbed }], baudRate);
  }

  /** Who answers hears nothing meanwhile: the line is half duplex. */
  private isSending(meter: SimulatedMeter): boolean {
    return this.parts.clock.monotonic() < (this.sendingUntil.get(meter) ?? Number.NEGATIVE_INFINITY);
  }

  /** A meter at another rate hears nothing, and goes back to its bus's when that has lasted. */
  private hears(meter: SimulatedMeter, home: number): boolean {
    const now = this.parts.clock.monotonic();
    if (meter.baudRate !== undefined && now - (this.lastHeard.get(meter) ?? now) >= fallBackMs) meter.fallBack?.();
    if ((meter.baudRate ?? home) !== this.baudRate) return false;
    this.lastHeard.set(meter, now);
    return true;
  }

  private later(milliseconds: number, task: () => void): void {
    const cancel = this.parts.clock.after(milliseconds, () => {
      this.timers.delete(cancel);
      if (!this.isStopped) task();
    });
    this.timers.add(cancel);
  }

  private write(channel: ByteChannel, bytes: Uint8Array): void {
    if (!this.channels.has(channel)) return;
    // A master that went away takes no answer; its channel says so itself.
    channel.write(bytes).catch(() => undefined);
  }
}

function frameBytes(frame: LinkFrame): number {
  if (frame.kind === "ack") return 1;
  return frame.kind === "short" ? 5 : frame.applicationData.length + 8;
}

function bytesOf(received: readonly ReceivedByte[]): Uint8Array {
  return Uint8Array.from(received, ({ byte }) => byte);
}

function untouched(bytes: Uint8Array) {
  return { bytes, delayMs: 0, intruder: undefined };
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/**
 * A virtual M-Bus: meters on one wire behind any number of channels. How it works:
 * - each channel has a stream decoder; whole requests queue for the wire, which carries one at a time;
 * - a request takes its time on the wire, then every meter hears it; what they answer at once is laid over one another
 *   (on the wire a 0 wins over a 1), so collisions look as they do on a real bus;
 * - paced, the answer's bytes come at the bus's baud rate, after a delay within EN 13757-2's limits; unpaced, at once.
 */
import { answerWindowMs, type LinkFrame, LinkStreamDecoder, transmissionMs } from "../mbus/index.js";
import type { ByteChannel, Clock } from "../ports/index.js";
import type { SimulatedMeter } from "./meter.js";

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
  /** Last look at the bytes of an answer: tests break or swallow (undefined) them here. */
  readonly disturb?: (answer: Uint8Array) => Uint8Array | undefined;
}

export interface SimulatedBus {
  readonly name: string;
  readonly meters: readonly SimulatedMeter[];
  /** Puts a master's channel on the bus. */
  attach(channel: ByteChannel): void;
  /** Closes every channel; answers under way are cut off. */
  stop(): Promise<void>;
}

/** Requests that may wait for the wire; more are lost, as on a real one. */
const mostWaiting = 16;
/** Paced answers go out in pieces of about this length. */
const pieceMs = 40;

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
  private isBusy = false;
  private isStopped = false;
  private cancelTimer: (() => void) | undefined;

  constructor(parts: SimulatedBusParts) {
    this.parts = parts;
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
        if (this.parts.echoes) this.write(channel, bytes);
        for (const frame of decoder.push(bytes)) {
          if (this.waiting.length < mostWaiting) this.waiting.push({ channel, frame });
        }
        this.serve();
      },
      closed: () => this.channels.delete(channel),
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelTimer?.();
    this.waiting.length = 0;
    const channels = [...this.channels];
    this.channels.clear();
    await Promise.all(channels.map((channel) => channel.close().catch(() => undefined)));
  }

  /** Takes requests one after the other; the answer of a paced one runs by itself and comes back here. */
  private serve(): void {
    while (!this.isBusy && !this.isStopped) {
      const request = this.waiting.shift();
      if (request === undefined) return;
      const { baudRate } = this.parts;
      if (baudRate === undefined) {
        const answer = this.answerTo(request.frame);
        if (answer !== undefined) this.write(request.channel, answer);
      } else {
        this.isBusy = true;
        const onWire = transmissionMs(frameBytes(request.frame), baudRate);
        this.later(onWire + this.slaveDelay(baudRate), () => this.answerPaced(request, baudRate));
      }
    }
  }

  private slaveDelay(baudRate: number): number {
    const { earliest, latest } = answerWindowMs(baudRate);
    return Math.min(latest, Math.max(earliest, this.parts.slaveDelayMs ?? earliest + 10));
  }

  private answerPaced(request: Request, baudRate: number): void {
    const answer = this.answerTo(request.frame);
    if (answer === undefined) {
      this.isBusy = false;
      this.serve();
      return;
    }
    const pieceBytes = Math.max(1, Math.floor(pieceMs / transmissionMs(1, baudRate)));
    const sendFrom = (offset: number) => {
      const piece = answer.subarray(offset, offset + pieceBytes);
      this.later(transmissionMs(piece.length, baudRate), () => {
        this.write(request.channel, piece);
        if (offset + piece.length < answer.length) return sendFrom(offset + piece.length);
        this.isBusy = false;
        this.serve();
      });
    };
    sendFrom(0);
  }

  /** What the wire carries when every meter has heard the request. */
  private answerTo(frame: LinkFrame): Uint8Array | undefined {
    let onWire: Uint8Array | undefined;
    for (const meter of this.parts.meters) {
      const answer = meter.receive(frame);
      if (answer === undefined) continue;
      if (answer.telegram !== undefined) {
        const atMs = this.parts.clock.now();
        this.parts.onAnswer?.({ bus: this.name, meter: meter.name, atMs, telegram: answer.telegram });
      }
      onWire = onWire === undefined ? answer.bytes : overlaid(onWire, answer.bytes);
    }
    if (onWire === undefined || this.parts.disturb === undefined) return onWire;
    return this.parts.disturb(onWire);
  }

  private later(milliseconds: number, task: () => void): void {
    this.cancelTimer = this.parts.clock.after(milliseconds, () => {
      if (!this.isStopped) task();
    });
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

/** Two answers at once: a 0 bit wins, silence is 1. */
function overlaid(one: Uint8Array, other: Uint8Array): Uint8Array {
  const longest = Math.max(one.length, other.length);
  return Uint8Array.from({ length: longest }, (_, index) => (one[index] ?? 0xff) & (other[index] ?? 0xff));
}

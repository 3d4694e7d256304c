/**
 * The shell around one receiver's driver: opens its line, sets it up, feeds it, hands its telegrams on. How it works:
 * - a line that is lost or cannot be opened is opened anew, after a wait that doubles until a telegram comes;
 * - a receiver silent for too long is reset: it is told to, and its line is opened anew (receivers stop after a day);
 * - where receivers connect to us, each connection has a driver of its own.
 */
import type { ReceivedTelegram, ReceiverCommand, ReceiverDriver, ReceiverEvent } from "../../mbus/index.js";
import type { ByteChannel, Clock, Logger, ReceiverStatus } from "../../ports/index.js";
import type { RadioReceiver } from "./radio-receiver.js";

export interface ReceiverSessionParts {
  readonly receiver: RadioReceiver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onTelegram: (telegram: ReceivedTelegram) => void;
}

interface Line {
  readonly channel: ByteChannel;
  readonly driver: ReceiverDriver;
  cancelFlush: (() => void) | undefined;
}

const reopenFirstMs = 500;
const reopenMostMs = 60_000;
/** A line that held for so long, and brought a telegram, is a good one again. */
const steadyMs = 30_000;
/** A line that does not close must not hold up the stop. */
const closeLimitMs = 800;

export class ReceiverSession {
  private readonly parts: ReceiverSessionParts;
  private readonly lines = new Set<Line>();
  private listener: { close(): Promise<unknown> } | undefined;
  private isOpen = false;
  private isStopped = false;
  /** While reset commands are on their way: a bad answer then is one to them. */
  private isResetting = false;
  private cancelReopen: (() => void) | undefined;
  private cancelSilence: (() => void) | undefined;
  private readonly cutShort = new Set<() => void>();
  private failuresInRow = 0;
  /** Monotonic. */
  private openedAt = 0;
  private counts = { telegrams: 0, rejected: 0, resets: 0, failedResets: 0, failures: 0 };
  private lastHeardAtMs: number | undefined;
  private cause: string | undefined;

  constructor(parts: ReceiverSessionParts) {
    this.parts = parts;
  }

  get report(): ReceiverStatus {
    const { name, group } = this.parts.receiver;
    const { isOpen, lastHeardAtMs, cause } = this;
    return { name, group, isOpen, lastHeardAtMs, ...this.counts, cause };
  }

  /** Begins to listen; a receiver that is not there is tried again and again. */
  start(): void {
    void this.open();
  }

  /** Closes everything, within 1 s. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelReopen?.();
    for (const cut of this.cutShort) cut();
    await this.close();
  }

  private async open(): Promise<void> {
    const { receiver, logger } = this.parts;
    const { source } = receiver;
    try {
      if (source.kind === "visitors") {
        const listener = await source.listen((channel) => this.attach(channel));
        this.listener = listener;
        if (this.isStopped) return void (await listener.close());
        this.opened();
        return;
      }
      const channel = await source.open();
      if (this.isStopped) return void (await channel.close());
      const line = this.attach(channel);
      this.opened();
      await this.send(line, line.driver.startCommands());
    } catch (error) {
      this.failed(error instanceof Error ? error.message : String(error));
      logger.debug("receiver not opened", { receiver: receiver.name });
    }
  }

  private opened(): void {
    this.isOpen = true;
    this.openedAt = this.parts.clock.monotonic();
    this.parts.logger.info("receiver opened", { receiver: this.parts.receiver.name });
    this.watchSilence();
  }

  private attach(channel: ByteChannel): Line {
    const { receiver, clock } = this.parts;
    const line: Line = { channel, driver: receiver.createDriver(), cancelFlush: undefined };
    const isDatagram = receiver.source.kind === "line" && receiver.source.isDatagram === true;
    this.lines.add(line);
    channel.listen({
      received: (bytes) => {
        if (!this.lines.has(line)) return;
        line.cancelFlush?.();
        line.cancelFlush = undefined;
        this.act(line.driver.push(bytes));
        const { silenceMs, pendingBytes } = line.driver;
        if (isDatagram) this.flush(line);
        else if (silenceMs !== undefined && pendingBytes > 0) {
          line.cancelFlush = clock.after(silenceMs, () => this.flush(line));
        }
      },
      closed: (cause) => this.ended(line, cause ?? "closed by the other side"),
    });
    return line;
  }

  private act(events: readonly ReceiverEvent[]): void {
    const { receiver, logger, clock } = this.parts;
    for (const event of events) {
      if (event.kind === "telegram") {
        this.counts.telegrams += 1;
        // What ends soon after each telegram (a program that plays a file) is not restarted ever faster for it.
        if (clock.monotonic() - this.openedAt >= steadyMs) this.failuresInRow = 0;
        this.lastHeardAtMs = clock.now();
        this.watchSilence();
        this.handOn(event);
      } else if (event.kind === "rejected") {
        this.counts.rejected += 1;
        logger.debug("receiver's message not understood", { receiver: receiver.name, reason: event.reason });
      } else {
        if (this.isResetting && !event.isGood) this.resetFailed(event.words);
        logger[event.isGood ? "info" : "warn"]("receiver answered", { receiver: receiver.name, answer: event.words });
      }
    }
  }

  /** A fault of ours in one telegram must not end the line that brings all others. */
  private handOn(telegram: ReceivedTelegram): void {
    const { receiver, logger, onTelegram } = this.parts;
    try {
      onTelegram(telegram);
    } catch (error) {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
      logger.error("telegram lost by a fault of the gateway", { receiver: receiver.name, cause });
    }
  }

  /** A connection of a visitor may end; the line is to stay. */
  private ended(line: Line, cause: string): void {
    if (!this.lines.delete(line)) return;
    line.cancelFlush?.();
    this.flush(line);
    if (this.parts.receiver.source.kind === "line") this.failed(cause);
  }

  /** A message that a pause or the end of the line cut is told as one not understood. */
  private flush({ driver }: Line): void {
    const { pendingBytes } = driver;
    const rest = driver.flush();
    this.act(rest);
    if (pendingBytes > 0 && rest.length === 0) this.counts.rejected += 1;
  }

  private failed(cause: string): void {
    const { clock, logger, receiver } = this.parts;
    this.isOpen = false;
    if (this.isStopped) return;
    this.cancelSilence?.();
    this.cause = cause;
    this.counts.failures += 1;
    const waitMs = Math.min(reopenMostMs, reopenFirstMs * 2 ** Math.min(this.failuresInRow, 20));
    this.failuresInRow += 1;
    logger.warn("receiver lost", { receiver: receiver.name, cause, nextTryInMs: waitMs });
    this.cancelReopen?.();
    this.cancelReopen = clock.after(waitMs, () => void this.open());
  }

  private watchSilence(): void {
    const { receiver, clock } = this.parts;
    this.cancelSilence?.();
    if (receiver.silenceResetMs === 0 || this.isStopped) return;
    this.cancelSilence = clock.after(receiver.silenceResetMs, () => void this.reset());
  }

  private async reset(): Promise<void> {
    const { receiver, logger } = this.parts;
    this.counts.resets += 1;
    logger.warn("receiver silent: it is reset", {
      receiver: receiver.name,
      silentForMs: receiver.silenceResetMs,
      resets: this.counts.resets,
    });
    this.isResetting = true;
    for (const line of this.lines) {
      await this.send(line, line.driver.resetCommands()).catch((error: unknown) => {
        this.resetFailed(error instanceof Error ? error.message : String(error));
      });
    }
    this.isResetting = false;
    if (this.isStopped) return;
    await this.close();
    if (!this.isStopped) await this.open();
  }

  /** The line is opened anew all the same: what does not answer must not stay as it is. */
  private resetFailed(cause: string): void {
    const { receiver, logger } = this.parts;
    this.counts.failedResets += 1;
    logger.warn("receiver did not take its reset", { receiver: receiver.name, cause });
  }

  private async send(line: Line, commands: readonly ReceiverCommand[]): Promise<void> {
    for (const { bytes, pauseMs } of commands) {
      if (this.isStopped || !this.lines.has(line)) return;
      await line.channel.write(bytes);
      await this.pause(pauseMs);
    }
  }

  private async close(): Promise<void> {
    this.cancelSilence?.();
    const lines = [...this.lines];
    const { listener } = this;
    this.lines.clear();
    this.listener = undefined;
    this.isOpen = false;
    for (const line of lines) line.cancelFlush?.();
    const closing = Promise.all([...lines.map(({ channel }) => channel.close()), listener?.close()]);
    await new Promise<void>((resolve) => {
      const cancel = this.parts.clock.after(closeLimitMs, resolve);
      const settled = () => {
        cancel();
        resolve();
      };
      closing.then(settled, settled);
    });
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.cutShort.delete(end);
        resolve();
      };
      const cancel = this.parts.clock.after(milliseconds, end);
      this.cutShort.add(end);
    });
  }
}

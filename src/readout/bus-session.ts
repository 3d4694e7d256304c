/**
 * The shell around one bus's LinkMaster: opens the channel, feeds bytes and time, writes what the master sends. One
 * job at a time; the arbiter sees to that.
 */
import {
  type AesKey,
  DecodeError,
  decodeApplication,
  type FabricationProof,
  failedReadout,
  type JobEffort,
  type LinkCommand,
  type LinkCommandResult,
  LinkMaster,
  type LinkReadout,
  type MasterEvent,
  type MeterTarget,
  provesFabricationNumber,
  type RememberedFormats,
  type TelegramSettings,
} from "../mbus/index.js";
import type { ByteChannel, Clock, Logger } from "../ports/index.js";
import type { ReadoutBus, ReadoutSettings } from "./contract.js";
import { addressOfTarget, inPlain, type Opening } from "./secured-telegrams.js";

const moreDif = 0x1f;

type JobEnd = Exclude<MasterEvent, { kind: "send" | "setBaudRate" }>;

export interface BusSessionParts {
  readonly bus: ReadoutBus;
  readonly settings: ReadoutSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Record headers for compact frames. */
  readonly formats: RememberedFormats;
  /** The channel was opened, or lost with a cause. */
  readonly onChange: (change: { readonly opened: true } | { readonly opened: false; readonly cause: string }) => void;
}

export class BusSession {
  private readonly parts: BusSessionParts;
  private readonly master: LinkMaster;
  private channel: ByteChannel | undefined;
  private cancelTimer: (() => void) | undefined;
  /** Called with the end of the running job. */
  private finishJob: ((end: JobEnd) => void) | undefined;
  /** The line is being set to another rate: what is sent waits for it. */
  private rateChange: Promise<void> | undefined;
  private failedOpens = 0;
  private nextOpenAt = Number.NEGATIVE_INFINITY;
  private isStopped = false;
  /** Whose telegrams come in, and what opens them. */
  private reading: { readonly target: MeterTarget; readonly key: AesKey | undefined } | undefined;
  /** Waits to be cut short by stop(). */
  private readonly cutShort = new Set<() => void>();

  constructor(parts: BusSessionParts) {
    this.parts = parts;
    this.master = new LinkMaster({
      settings: parts.bus.settings,
      moreFollows: (data) => this.moreFollows(data),
      provesFabricationNumber: (data, number) => this.provesNumber(data, number),
    });
  }

  get isOpen(): boolean {
    return this.channel !== undefined;
  }

  /**
   * Sees to an open channel, waiting between tries as long as earlier failures ask for.
   * @returns undefined when it is open, else the cause in words
   */
  async ensureOpen(): Promise<string | undefined> {
    let cause = "stopped";
    const tries = this.failedOpens > 0 ? 1 : this.parts.settings.openTries;
    for (let attempt = 0; attempt < tries && this.channel === undefined; attempt++) {
      await this.pause(this.nextOpenAt - this.parts.clock.monotonic());
      if (this.isStopped) return "stopped";
      const failure = await this.tryOpen();
      if (failure === undefined) return undefined;
      cause = failure;
    }
    return this.channel === undefined ? cause : undefined;
  }

  /** @param key  tells whether more telegrams follow where they are encrypted; what is handed out is as sent */
  readMeter(target: MeterTarget, telegrams?: TelegramSettings, key?: AesKey): Promise<LinkReadout> {
    this.reading = { target, key };
    return this.run(
      (now) => this.master.readMeter(target, now, telegrams),
      (end) => (end?.kind === "finished" ? end.result : failedReadout(end === undefined ? "channelLost" : "stopped")),
    );
  }

  command(target: MeterTarget, command: LinkCommand, overrides?: TelegramSettings): Promise<LinkCommandResult> {
    if (command.kind === "setBaudRate" && this.channel !== undefined && this.channel.setBaudRate === undefined) {
      const words =
        "This interface cannot change its baud rate: set the meter at one that can, or the converter itself";
      return Promise.resolve({ ok: false, reason: "baudRateRefused", words });
    }
    return this.run(
      (now) => this.master.command(target, command, now, overrides),
      (end) =>
        end?.kind === "commandFinished" ? end.result : failedReadout(end === undefined ? "channelLost" : "stopped"),
    );
  }

  /** SND_NKE to all, then the bus's idle time. */
  initialise(): Promise<void> {
    return this.run(
      (now) => this.master.initialise(now),
      () => undefined,
    );
  }

  /** What the last job took. */
  get effort(): JobEffort {
    return this.master.effort;
  }

  /** The rate the line has now. */
  get baudRate(): number {
    return this.master.baudRate;
  }

  /** Sets line and reckoning to another rate, between two jobs. False where the channel cannot change its rate. */
  async switchBaudRate(baudRate: number): Promise<boolean> {
    if (baudRate === this.master.baudRate) return true;
    if (this.channel?.setBaudRate === undefined) return false;
    this.master.switchBaudRate(baudRate);
    await this.changeRate(this.channel, baudRate);
    return this.channel !== undefined;
  }

  /** Runs one job of the master to its end; `undefined` stands for a channel that is not there. */
  private run<Result>(
    begin: (now: number) => readonly MasterEvent[],
    read: (end: JobEnd | undefined) => Result,
  ): Promise<Result> {
    if (this.channel === undefined) return Promise.resolve(read(undefined));
    return new Promise((resolve) => {
      this.finishJob = (end) => resolve(read(end));
      this.act(begin(this.parts.clock.monotonic()));
    });
  }

  /**
   * Does the telegram end with DIF 1F? Behind a format frame stands what it is for. What cannot be opened or decoded
   * ends the readout: it will be said why.
   */
  private moreFollows(applicationData: Uint8Array): boolean {
    try {
      const plain = inPlain(applicationData, this.opening);
      return plain === undefined || (plain.includes(moreDif) && decodeApplication(plain).more);
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }

  private get opening(): Opening {
    const { reading } = this;
    const { formats } = this.parts;
    return { key: reading?.key, meter: reading && addressOfTarget(reading.target), formats };
  }

  /** What cannot be opened proves nothing. */
  private provesNumber(applicationData: Uint8Array, number: Uint8Array): FabricationProof {
    try {
      const plain = inPlain(applicationData, this.opening);
      return plain === undefined ? "unproven" : provesFabricationNumber(plain, number);
    } catch (error) {
      if (error instanceof DecodeError) return "unproven";
      throw error;
    }
  }

  /** Gives the channel up, so that the next readout opens a new one. */
  async drop(cause: string): Promise<void> {
    const channel = this.channel;
    if (channel === undefined) return;
    this.lost(channel, cause);
    await channel.close().catch(() => undefined);
  }

  /** Ends the running job at once and closes the channel, within 800 ms. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const cut of this.cutShort) cut();
    this.act(this.master.abort("stopped"));
    const channel = this.channel;
    this.channel = undefined;
    if (channel === undefined) return;
    const closed = channel.close().catch(() => undefined);
    await new Promise<void>((resolve) => {
      const cancel = this.parts.clock.after(800, resolve);
      closed.then(() => {
        cancel();
        resolve();
      });
    });
  }

  private async tryOpen(): Promise<string | undefined> {
    const { bus, clock, settings } = this.parts;
    try {
      const channel = await this.openInTime();
      if (this.isStopped) {
        await channel.close().catch(() => undefined);
        return "stopped";
      }
      channel.listen({
        received: (bytes) => this.received(channel, bytes),
        closed: (cause) => this.lost(channel, cause ?? "closed by the other side"),
      });
      this.channel = channel;
      // A line opens at the rate of its settings.
      if (!this.master.isBusy) this.master.switchBaudRate(bus.settings.baudRate);
      this.failedOpens = 0;
      this.parts.onChange({ opened: true });
      return undefined;
    } catch (error) {
      const wait = Math.min(settings.reopenMostMs, settings.reopenFirstMs * 2 ** this.failedOpens);
      this.failedOpens = Math.min(this.failedOpens + 1, 30);
      this.nextOpenAt = clock.monotonic() + wait;
      const cause = error instanceof Error ? error.message : String(error);
      this.parts.logger.warn("bus not opened", { bus: bus.name, cause, failures: this.failedOpens });
      return cause;
    }
  }

  /** A channel that opens after its time is closed again. */
  private openInTime(): Promise<ByteChannel> {
    const { bus, clock, settings } = this.parts;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const giveUp = (words: string) => {
        settled();
        isLate = true;
        reject(new Error(words));
      };
      const stopped = () => giveUp("stopped");
      const cancel = clock.after(settings.openTimeoutMs, () => giveUp("not opened in time"));
      const settled = () => {
        cancel();
        this.cutShort.delete(stopped);
      };
      this.cutShort.add(stopped);
      Promise.resolve()
        .then(() => bus.open())
        .then(
          (channel) => {
            settled();
            if (isLate) channel.close().catch(() => undefined);
            else resolve(channel);
          },
          (error: unknown) => {
            settled();
            reject(error);
          },
        );
    });
  }

  private received(channel: ByteChannel, bytes: Uint8Array): void {
    if (channel !== this.channel) return;
    this.act(this.master.receive(bytes, this.parts.clock.monotonic()));
  }

  private lost(channel: ByteChannel, cause: string): void {
    if (channel !== this.channel) return;
    this.channel = undefined;
    this.parts.onChange({ opened: false, cause });
    this.act(this.master.abort("channelLost"));
  }

  private act(events: readonly MasterEvent[]): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    for (const event of events) {
      if (event.kind === "send") this.write(event.bytes);
      else if (event.kind === "setBaudRate") this.setRate(event.baudRate);
      else this.finish(event);
    }
    const deadline = this.master.nextDeadline();
    if (deadline === undefined) return;
    const wait = Math.max(0, deadline - this.parts.clock.monotonic());
    this.cancelTimer = this.parts.clock.after(Math.ceil(wait), () =>
      this.act(this.master.expire(this.parts.clock.monotonic())),
    );
  }

  private write(bytes: Uint8Array): void {
    const channel = this.channel;
    if (channel === undefined) return;
    const written =
      this.rateChange === undefined ? channel.write(bytes) : this.rateChange.then(() => channel.write(bytes));
    written.catch((error: unknown) => {
      this.lost(channel, error instanceof Error ? error.message : String(error));
    });
  }

  private setRate(baudRate: number): void {
    if (this.channel !== undefined) void this.changeRate(this.channel, baudRate);
  }

  private async changeRate(channel: ByteChannel, baudRate: number): Promise<void> {
    const change = Promise.resolve(channel.setBaudRate?.(baudRate)).catch((error: unknown) => {
      this.lost(channel, error instanceof Error ? error.message : String(error));
    });
    this.rateChange = change;
    await change;
    if (this.rateChange === change) this.rateChange = undefined;
  }

  private finish(end: JobEnd): void {
    const finishJob = this.finishJob;
    this.finishJob = undefined;
    finishJob?.(end);
  }

  private pause(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.cutShort.delete(end);
        resolve();
      };
      const cancel = this.parts.clock.after(Math.ceil(milliseconds), end);
      this.cutShort.add(end);
    });
  }
}

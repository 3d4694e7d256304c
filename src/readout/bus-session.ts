/**
 * The shell around one bus's LinkMaster: opens the channel, feeds bytes and time, writes what the master sends. One
 * job at a time; the arbiter sees to that.
 */
import { decodeApplication, failedReadout, LinkMaster, type LinkReadout, type MasterEvent } from "../mbus/index.js";
import type { ByteChannel, Clock, Logger } from "../ports/index.js";
import type { PlannedMeter, ReadoutBus, ReadoutSettings } from "./contract.js";

export interface BusSessionParts {
  readonly bus: ReadoutBus;
  readonly settings: ReadoutSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The channel was opened, or lost with a cause. */
  readonly onChange: (change: { readonly opened: true } | { readonly opened: false; readonly cause: string }) => void;
}

export class BusSession {
  private readonly parts: BusSessionParts;
  private readonly master: LinkMaster;
  private channel: ByteChannel | undefined;
  private cancelTimer: (() => void) | undefined;
  /** Called with the end of the running job. */
  private finishJob: ((result: LinkReadout | "initialised") => void) | undefined;
  private failedOpens = 0;
  private nextOpenAt = Number.NEGATIVE_INFINITY;
  private isStopped = false;
  /** Waits to be cut short by stop(). */
  private readonly cutShort = new Set<() => void>();

  constructor(parts: BusSessionParts) {
    this.parts = parts;
    this.master = new LinkMaster({ settings: parts.bus.settings, moreFollows });
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

  readMeter(meter: PlannedMeter): Promise<LinkReadout> {
    if (this.channel === undefined) return Promise.resolve(failedReadout("channelLost"));
    return new Promise((resolve) => {
      this.finishJob = (result) => resolve(result === "initialised" ? failedReadout("stopped") : result);
      this.act(this.master.readMeter(meter.target, this.parts.clock.monotonic(), meter.telegrams));
    });
  }

  /** SND_NKE to all, then the bus's idle time. */
  initialise(): Promise<void> {
    if (this.channel === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.finishJob = () => resolve();
      this.act(this.master.initialise(this.parts.clock.monotonic()));
    });
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
      else this.finish(event.kind === "initialised" ? "initialised" : event.result);
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
    channel.write(bytes).catch((error: unknown) => {
      this.lost(channel, error instanceof Error ? error.message : String(error));
    });
  }

  private finish(result: LinkReadout | "initialised"): void {
    const finishJob = this.finishJob;
    this.finishJob = undefined;
    finishJob?.(result);
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

const moreDif = 0x1f;

/** Does the telegram end with DIF 1F? What cannot be decoded ends the readout: the sink will say why. */
export function moreFollows(applicationData: Uint8Array): boolean {
  if (!applicationData.includes(moreDif)) return false;
  try {
    return decodeApplication(applicationData).more;
  } catch {
    return false;
  }
}

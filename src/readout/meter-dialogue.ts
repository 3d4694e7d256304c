/** The asking of one meter, with the bus held: opens the line, sets its rate, tries again where the channel was lost. */
import { failedReadout, type LinkFailure, type LinkReadout, type RememberedFormats } from "../mbus/index.js";
import type { Clock, Logger } from "../ports/index.js";
import type { BusSession } from "./bus-session.js";
import type { MeterOutcome, PlannedMeter, ReadoutBus, ReceivedBytes } from "./contract.js";
import { MeterTimes } from "./meter-times.js";
import { addressOfTarget, allInPlain } from "./secured-telegrams.js";

export interface AskedBus {
  readonly name: string;
  readonly definition: ReadoutBus;
  readonly session: BusSession;
}

/** What asking at a wrong rate looks like. */
const notHeard: ReadonlySet<LinkFailure> = new Set([
  "noAnswer",
  "notSelected",
  "noise",
  "collision",
  "baudRateRefused",
]);
export const stoppedOutcome: MeterOutcome = { ok: false, reason: "stopped", words: "The readout was stopped" };

export interface MeterDialogueParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Record headers for compact frames. */
  readonly formats: RememberedFormats;
  /** Fires when everything ends. */
  readonly stopping: AbortSignal;
}

export class MeterDialogue {
  private readonly parts: MeterDialogueParts;
  private readonly times = new MeterTimes();

  constructor(parts: MeterDialogueParts) {
    this.parts = parts;
  }

  /** Asks once; when the channel is lost under way, once more over a new one. */
  async ask(bus: AskedBus, meter: PlannedMeter): Promise<MeterOutcome> {
    const { clock, stopping } = this.parts;
    const started = clock.monotonic();
    for (let attempt = 0; ; attempt++) {
      const cause = await bus.session.ensureOpen();
      if (stopping.aborted) return stoppedOutcome;
      if (cause !== undefined) {
        return { ok: false, reason: "busUnreachable", words: `The interface cannot be opened: ${cause}` };
      }
      const result = await this.askAtItsRate(bus, meter);
      if (!result.ok && result.reason === "channelLost" && attempt === 0) continue;
      const effort = { durationMs: clock.monotonic() - started, ...this.learned(bus, meter, result.ok) };
      if (!result.ok) return { ok: false, reason: result.reason, words: result.words, effort };
      return this.outcomeOf(bus, meter, result, effort);
    }
  }

  private learned({ session }: AskedBus, { meterId }: PlannedMeter, isRead: boolean) {
    const { effort } = session;
    if (isRead && effort.responseMs !== undefined) this.times.heard(meterId, effort.responseMs);
    if (!isRead || effort.retries > 0) this.times.silent(meterId);
    return effort;
  }

  private outcomeOf(
    bus: AskedBus,
    meter: PlannedMeter,
    result: Extract<LinkReadout, { ok: true }>,
    effort: { readonly durationMs: number; readonly retries: number; readonly responseMs: number | undefined },
  ): MeterOutcome {
    const { clock } = this.parts;
    const address = result.secondaryAddress ?? addressOfTarget(meter.target);
    const key = meter.key ?? (address && meter.keyFor?.(address));
    const plain = allInPlain(result.telegrams, { key, meter: address, formats: this.parts.formats });
    const received: ReceivedBytes = { kind: "wired", frames: plain.ok ? plain.received : result.telegrams };
    if (!plain.ok) return { ok: false, reason: "notOpened", words: plain.words, received, effort };
    const isAsSent = received.frames.every((telegram, index) => telegram === plain.telegrams[index]);
    const readout = {
      meterId: meter.meterId,
      busName: bus.name,
      readAtMs: clock.now(),
      monotonicMs: clock.monotonic(),
      durationMs: effort.durationMs,
      retries: effort.retries,
      responseMs: effort.responseMs,
      telegrams: plain.telegrams,
      received: isAsSent ? undefined : received,
      primaryAddress: result.primaryAddress,
      secondaryAddress: result.secondaryAddress,
      alarmWaits: result.alarmWaits,
      notes: result.notes,
    };
    return { ok: true, readout };
  }

  /** A meter not heard at a rate of its own may have lost it, as some do in a power cut: it is asked at the bus's too. */
  private async askAtItsRate(bus: AskedBus, meter: PlannedMeter): Promise<LinkReadout> {
    const { session, definition, name } = bus;
    const busRate = definition.settings.baudRate;
    const ownRate = meter.baudRate ?? busRate;
    const ask = () => session.readMeter(meter.target, this.telegramSettings(bus, meter), meter.key);
    const isSwitched = await session.switchBaudRate(ownRate);
    const first = isSwitched ? await ask() : failedReadout(session.isOpen ? "baudRateRefused" : "channelLost");
    if (ownRate === busRate || first.ok || !notHeard.has(first.reason) || !session.isOpen) return first;
    await session.switchBaudRate(busRate);
    const second = await ask();
    if (!second.ok) return first;
    const { meterId } = meter;
    this.parts.logger.warn("meter not heard at its own rate", {
      bus: name,
      meterId,
      baudRate: ownRate,
      heardAt: busRate,
    });
    return second;
  }

  private telegramSettings({ session, definition }: AskedBus, { meterId, telegrams }: PlannedMeter) {
    const { line, responseTimeoutMs } = definition.settings;
    const mostMs = telegrams?.responseTimeoutMs ?? responseTimeoutMs;
    return { ...telegrams, firstTimeoutMs: this.times.timeoutMs(meterId, session.baudRate, line, mostMs) };
  }
}

/**
 * Reads wireless meters: receivers listen all the time, a cycle takes of each meter its newest telegram. How it works:
 * - every telegram is noted in the reception list; those of installed meters are opened at once, with their keys, so
 *   that compact frames and fragments find what came before;
 * - a telegram that several receivers hear counts once; a group's meters take it from that group's receivers alone;
 * - a cycle hands each newest telegram on once, with its time of reception; none since the last cycle is a failure;
 * - or every telegram is handed on as it comes (a setting), and a cycle only tells who was not heard.
 */
import {
  DecodeError,
  decodeWireless,
  decodeWirelessFrame,
  FragmentReassembler,
  type HeardTelegram,
  inspectWireless,
  MeterApplicationError,
  type ReceivedTelegram,
  RememberedFormats,
  type WirelessAddress,
  type WirelessFrame,
  type WirelessTelegram,
} from "../../mbus/index.js";
import type { Clock, Logger, ReceiverStatus } from "../../ports/index.js";
import type {
  BusReport,
  CompletedReadout,
  CycleReport,
  MeterOutcome,
  ReadoutSink,
  ReceivedBytes,
} from "../contract.js";
import { type KeptCounts, SinkFeeder } from "../sink-feeder.js";
import { createAddressFilter, type FilterPatterns, meterNameOf } from "./address-filter.js";
import type { RadioReceiver } from "./radio-receiver.js";
import { ReceiverSession } from "./receiver-session.js";
import { ReceptionList } from "./reception-list.js";
import { RepeatWindow, repeatKey } from "./repeat-window.js";
import {
  type HeardReading,
  type MeterReception,
  type UnreadReading,
  type WirelessMeter,
  WirelessMeters,
} from "./wireless-meters.js";

export interface WirelessSettings extends FilterPatterns {
  /** Every telegram is stored, not only the newest at each cycle. */
  readonly storeEveryTelegram: boolean;
  /** The same telegram heard again within this time counts once. */
  readonly repeatWindowMs: number;
  /** Meters in the reception list. */
  readonly receptionLimit: number;
}

export interface WirelessReadoutParts {
  readonly receivers: readonly RadioReceiver[];
  readonly meters: readonly WirelessMeter[];
  readonly sink: ReadoutSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: WirelessSettings;
  /** Message counters of authenticated telegrams from before a restart, by meter id. */
  readonly counters?: ReadonlyMap<number, number>;
  /** Record headers for compact frames; may be shared with wired buses. Default: its own. */
  readonly formats?: RememberedFormats;
}

export interface WirelessReadout {
  /** Begins to listen. */
  start(): void;
  /** Takes each meter's newest telegram. Resolves when the sink has taken them all. */
  readAll(): Promise<CycleReport>;
  /**
   * Takes one meter's newest telegram that was not taken yet: `notHeard` where there is none. The sink gets what was read.
   * @returns undefined when no such meter is planned
   */
  readOne(meterId: number): Promise<MeterOutcome | undefined>;
  /** Adds a meter, or takes its changed settings. */
  putMeter(meter: WirelessMeter): void;
  removeMeter(meterId: number): void;
  readonly receptions: ReceptionList;
  /** Record headers learned for compact frames; to be kept over a restart. */
  readonly formats: RememberedFormats;
  /** Newest message counters by meter id, to be kept over a restart: an older telegram sent again is then still refused. */
  counters(): ReadonlyMap<number, number>;
  /** In the order of the settings. */
  receivers(): readonly ReceiverStatus[];
  /** Telegrams that the white and black list kept out. */
  readonly keptOut: number;
  /** Ends everything within 1 s. */
  stop(): Promise<void>;
}

export function createWirelessReadout(parts: WirelessReadoutParts): WirelessReadout {
  return new RadioReadout(parts);
}

class RadioReadout implements WirelessReadout {
  readonly receptions: ReceptionList;
  readonly formats: RememberedFormats;
  keptOut = 0;
  private readonly parts: WirelessReadoutParts;
  private readonly meters: WirelessMeters;
  private readonly sessions: readonly ReceiverSession[];
  private readonly feeder: SinkFeeder;
  private readonly filter: ReturnType<typeof createAddressFilter>;
  private readonly repeats: RepeatWindow;
  private readonly fragments = new FragmentReassembler();

  constructor(parts: WirelessReadoutParts) {
    this.parts = parts;
    const { clock, logger, settings } = parts;
    this.formats = parts.formats ?? new RememberedFormats();
    this.receptions = new ReceptionList(settings.receptionLimit);
    this.filter = createAddressFilter(settings);
    this.repeats = new RepeatWindow(settings.repeatWindowMs);
    this.meters = new WirelessMeters(parts.meters, parts.counters ?? new Map());
    this.feeder = new SinkFeeder(parts.sink, logger);
    this.sessions = parts.receivers.map((receiver) => {
      const onTelegram = (telegram: ReceivedTelegram) => this.heard(receiver, telegram);
      return new ReceiverSession({ receiver, clock, logger, onTelegram });
    });
  }

  start(): void {
    for (const session of this.sessions) session.start();
  }

  putMeter(meter: WirelessMeter): void {
    this.meters.put(meter);
  }

  removeMeter(meterId: number): void {
    this.meters.remove(meterId);
  }

  counters(): ReadonlyMap<number, number> {
    const known = [...this.meters.all].flatMap(({ meter, lastCounter }): [number, number][] =>
      lastCounter === undefined ? [] : [[meter.meterId, lastCounter]],
    );
    return new Map(known);
  }

  receivers(): readonly ReceiverStatus[] {
    return this.sessions.map((session) => session.report);
  }

  async stop(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.stop()));
  }

  async readAll(): Promise<CycleReport> {
    const { clock } = this.parts;
    const started = clock.monotonic();
    const startedAtMs = clock.now();
    const errorsBefore = this.feeder.errors;
    const groups = new Map<string, { read: number; failed: number }>();
    for (const reception of this.meters.all) {
      const { group } = reception.meter;
      const counts = groups.get(group) ?? { read: 0, failed: 0 };
      groups.set(group, counts);
      if (this.takeNewest(reception, counts)) counts.read += 1;
      else counts.failed += 1;
      await this.feeder.roomAgain();
    }
    await this.feeder.settled();
    const durationMs = clock.monotonic() - started;
    const buses = [...groups].map(([busName, counts]): BusReport => ({ busName, ...counts, skipped: 0, durationMs }));
    const total = (count: "read" | "failed") => buses.reduce((sum, bus) => sum + bus[count], 0);
    return {
      startedAtMs,
      durationMs,
      read: total("read"),
      failed: total("failed"),
      skipped: 0,
      sinkErrors: this.feeder.errors - errorsBefore,
      buses,
    };
  }

  async readOne(meterId: number): Promise<MeterOutcome | undefined> {
    const reception = this.meters.find(meterId);
    if (reception === undefined) return undefined;
    const outcome = newestOutcome(reception);
    reception.newest = undefined;
    if (outcome.ok) {
      reception.failure = undefined;
      // Handed on since the last cycle: that cycle is no failure.
      reception.stored += 1;
      this.feeder.feed(meterId, outcome);
      await this.feeder.roomAgain();
    }
    return outcome;
  }

  /** True where there was a telegram since the last cycle. */
  private takeNewest(reception: MeterReception, counts: KeptCounts): boolean {
    const { newest, stored, meter } = reception;
    const outcome = newestOutcome(reception);
    reception.newest = undefined;
    reception.stored = 0;
    reception.failure = undefined;
    if (newest === undefined && stored > 0) return true;
    this.feeder.feed(meter.meterId, outcome, counts);
    return outcome.ok;
  }

  private heard(receiver: RadioReceiver, received: ReceivedTelegram): void {
    const nowMs = this.parts.clock.now();
    const opened = this.openFrame(receiver, received);
    if (opened === undefined) return;
    const { frame, heard } = opened;
    if (!this.filter.admits(meterNameOf(heard.meter))) {
      this.keptOut += 1;
      return;
    }
    const content = repeatKey(frame.bytes);
    const { isNew, isNewInGroup } = this.repeats.note(content, receiver.group, nowMs);
    const { rssiDbm, mode } = received;
    this.receptions.note(heard, { receiver: receiver.name, rssiDbm, mode, nowMs, isNew });
    const inGroup = ({ meter }: MeterReception) => meter.group === receiver.group;
    const named = [...this.meters.matching(heard.meter), ...this.meters.matching(heard.link.address)].filter(inGroup);
    if (!isNewInGroup) {
      for (const reception of named) if (reception.lastContent === content) reception.heardAgain(rssiDbm);
      return;
    }
    const candidates = [...new Set(named)].filter(({ lastContent }) => !(heard.isRepeated && lastContent === content));
    if (candidates.length === 0) return;
    for (const candidate of candidates) candidate.lastContent = content;
    this.openTelegram(frame, candidates, { bytes: received.bytes, nowMs, rssiDbm, meter: heard.meter });
  }

  private openFrame(receiver: RadioReceiver, received: ReceivedTelegram) {
    try {
      const frame = decodeWirelessFrame(received.bytes, received.frameFormat);
      const heard: HeardTelegram = inspectWireless(frame.bytes, "removed");
      return { frame, heard };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.parts.logger.debug("damaged telegram", { receiver: receiver.name, cause: error.message });
      return undefined;
    }
  }

  private openTelegram(frame: WirelessFrame, candidates: readonly MeterReception[], heard: Heard): void {
    const { nowMs } = heard;
    try {
      const result = decodeWireless(frame.bytes, {
        keyFor: (address) => this.meters.keyFor(address),
        formats: this.formats,
        fragments: this.fragments,
        nowMs,
        frameFormat: "removed",
      });
      if (result.kind === "telegram") this.take(result, candidates, heard);
    } catch (error) {
      if (!(error instanceof DecodeError) && !(error instanceof MeterApplicationError)) throw error;
      for (const candidate of candidates) this.notRead(candidate, error.message, heard);
    }
  }

  /** A wrong key must not hide behind a good telegram: the list tells it at once, the readout beside its values. */
  private notRead(candidate: MeterReception, cause: string, { bytes, nowMs, meter }: Heard): void {
    candidate.failure = { heardAtMs: nowMs, cause, frame: bytes };
    this.receptions.noteUnread(meter, cause, nowMs);
  }

  private take(telegram: WirelessTelegram, candidates: readonly MeterReception[], heard: Heard): void {
    const { records, manufacturerData } = telegram.telegram;
    // Messages without data only keep the radio link alive.
    if (records.length === 0 && manufacturerData === undefined) return;
    const owners = this.meters.matching(telegram.meter);
    for (const candidate of candidates.filter((reception) => owners.includes(reception))) {
      if (candidate.isReplay(telegram)) {
        const cause = "its message counter went back: it was recorded and sent again, or the meter was set back";
        this.notRead(candidate, cause, heard);
        this.parts.logger.warn("replayed telegram refused", { meter: candidate.meter.meterId });
        continue;
      }
      const { nowMs: heardAtMs, bytes: frame, rssiDbm: signalDbm } = heard;
      const reading = { heardAtMs, applicationData: telegram.applicationData, frame, signalDbm };
      if (!this.parts.settings.storeEveryTelegram) {
        candidate.newest = reading;
        continue;
      }
      candidate.stored += 1;
      this.feeder.feed(candidate.meter.meterId, outcomeOf(candidate.meter, reading, candidate.failure));
      candidate.failure = undefined;
    }
  }
}

const notHeard =
  "Nothing was heard of the meter since the last readout: check its address, the receiver and its antenna";

/** A frame as the receiver gave it, when, and whose it says it is. */
interface Heard {
  readonly bytes: Uint8Array;
  readonly nowMs: number;
  readonly rssiDbm: number | undefined;
  readonly meter: WirelessAddress;
}

function newestOutcome({ newest, failure, meter }: MeterReception): MeterOutcome {
  if (newest !== undefined) return outcomeOf(meter, newest, failure);
  if (failure === undefined) return { ok: false, reason: "notHeard", words: notHeard };
  const received = receivedBytes(failure.frame);
  return { ok: false, reason: "notOpened", words: `Heard, but not read: ${failure.cause}`, received };
}

const receivedBytes = (frame: Uint8Array): ReceivedBytes => ({ kind: "wireless", frames: [frame] });

/** Wireless meters have no primary address: 0 is that of a meter that was given none. */
function outcomeOf(
  meter: WirelessMeter,
  { heardAtMs, applicationData, frame, signalDbm }: HeardReading,
  failure: UnreadReading | undefined,
): MeterOutcome {
  const readout: CompletedReadout = {
    meterId: meter.meterId,
    busName: meter.group,
    readAtMs: heardAtMs,
    durationMs: 0,
    signalDbm,
    telegrams: [applicationData],
    received: receivedBytes(frame),
    unread: failure && {
      atMs: failure.heardAtMs,
      words: `Another telegram was heard, but not read: ${failure.cause}`,
      received: receivedBytes(failure.frame),
    },
    primaryAddress: 0,
    secondaryAddress: meter.mask,
    alarmWaits: false,
    notes: [],
  };
  return { ok: true, readout };
}

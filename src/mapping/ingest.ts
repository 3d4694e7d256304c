/**
 * From a readout's telegrams to a committed reading: finds or learns its layout and objects, keeps both with the
 * reading in one transaction, and only then shows it (DESIGN, decision 8). Readouts of one meter go one after the
 * other; what teaches a kind something new, one after the other within the kind.
 */

import { DecodeError, type Registry } from "../../cosem/index.js";
import {
  decodeApplication,
  decodeHeader,
  MeterApplicationError,
  type MeterHeader,
  packPayload,
  type ReadoutNote,
  readoutNoteWords,
} from "../mbus/index.js";
import type { Clock, KindObjectRow, Logger, MeterRow, ReadingCommit, ReadingRow, Retiming } from "../ports/index.js";
import type { KindLayout, MeterKind } from "./kind.js";
import { compactRow, type MeterDevice } from "./meter-device.js";
import {
  baseLength,
  deviceNameOf,
  freeDeviceName,
  identityOf,
  kindKeyOf,
  type MeterIdentity,
} from "./meter-identity.js";
import type { LastReadout, ReceivedBytes } from "./meter-view.js";
import type { LayoutUse } from "./own-objects.js";
import type { PayloadPool } from "./payload-pool.js";
import { clockStatusOf, judgeReading, storedStatus } from "./quality.js";
import { createQueues, type Queues } from "./queues.js";
import type { MeterServing } from "./serving.js";

/** A good readout, as the bus gave it. */
export interface CompletedReadout {
  readonly meterId: number;
  /** Application data from the CI field on, in order; at least one. */
  readonly telegrams: readonly Uint8Array[];
  /** What came, where that is not what `telegrams` has: these are then in plain, with a header of our own. */
  readonly received?: ReceivedBytes | undefined;
  /** What else came and could not be read; shown beside the readout. */
  readonly unread?: { readonly atMs: number; readonly words: string; readonly received: ReceivedBytes } | undefined;
  /** End of the readout, milliseconds since 1970 UTC. */
  readonly readAtMs: number;
  readonly durationMs: number;
  /** COSEM clock status of readAtMs; default 0, valid. */
  readonly clockStatus?: number;
  /** Why telegrams that would follow are not among `telegrams`. */
  readonly notes?: readonly ReadoutNote[];
}

/** How a readout ended: kept and shown, or why not. */
export interface ReadoutOutcome {
  readonly ok: boolean;
  readonly message: string;
  /** Where it was not kept: another meter answered, or anything else. */
  readonly reason?: "wrongMeter" | "notKept";
}

/** A reading as it was kept. */
export interface KeptReading {
  readonly number: number;
  readonly readAtMs: number;
}

export interface Ingest {
  /**
   * Resolves once the reading is committed and shown, or refused; it never rejects.
   * @param onKept  told of the reading as soon as it is shown
   */
  completed(readout: CompletedReadout, onKept?: (reading: KeptReading) => void): Promise<ReadoutOutcome>;
  /** A readout that gave nothing to keep. @param words  what went wrong, for people @param received  what came, if anything */
  failed(
    meterId: number,
    reason: string,
    words: string,
    received?: ReceivedBytes,
    effort?: { readonly durationMs?: number },
  ): void;
  /**
   * Shows a readout at some doors without keeping it (continuous mode). False where that needs something learned first:
   * a meter, or a shape of telegram, that was never stored.
   */
  showLive(readout: CompletedReadout): boolean;
  /** How the newest readout of a meter went before this start. */
  recall(meterId: number, last: LastReadout): void;
  /** Nothing of continuous mode is shown any more. */
  endLive(): void;
  /** Moves kept readings in time. @param keep  does it in the store */
  retime(retiming: Retiming, keep: () => Promise<void>): Promise<void>;
}

/** What ingest changes; see MappingState. */
export interface IngestState {
  readonly devices: ReadonlyMap<number, MeterDevice>;
  /** Logical device names that are being committed and not yet the registry's. */
  readonly pendingNames: Set<string>;
  readonly payloads: PayloadPool;
  /** What changes a meter goes one after the other. */
  readonly queues: Queues<number>;
  /** The name of a meter taken off the list, which may come back. */
  isRetiredName(name: string): boolean;
  kind(key: string): MeterKind;
  nextLayoutId(): number;
  readonly parts: {
    readonly store: { commit(commit: ReadingCommit): Promise<void> };
    readonly registry: Pick<Registry, "device" | "renamed" | "notify">;
    readonly clock: Pick<Clock, "now">;
    readonly logger: Logger;
    readonly serving?: Pick<MeterServing, "meterLog">;
  };
}

/** A meter kind has a handful of telegrams; one that sends new ones for ever must not fill store and memory. */
const maxLayouts = 500;

/** Why a readout is not kept, in words. */
class RefusedReadout extends Error {
  readonly reason: "wrongMeter" | "notKept";

  constructor(message: string, reason: "wrongMeter" | "notKept" = "notKept") {
    super(message);
    this.reason = reason;
  }
}

/** A reading on its way to the store. */
interface Draft {
  readonly device: MeterDevice;
  readonly kind: MeterKind;
  readonly payload: Uint8Array;
  readonly readout: CompletedReadout;
  /** Set where this readout fixes the meter's name and kind. */
  readonly newRow: MeterRow | undefined;
}

export function createIngest(state: IngestState): Ingest {
  const { store, registry, clock, logger } = state.parts;
  const meters = state.queues;
  const kinds = createQueues<string>();

  async function completed(
    readout: CompletedReadout,
    onKept?: (reading: KeptReading) => void,
  ): Promise<ReadoutOutcome> {
    const device = state.devices.get(readout.meterId);
    if (device === undefined) return { ok: false, message: "no such meter is installed" };
    return meters.run(readout.meterId, async () => {
      if (state.devices.get(readout.meterId) !== device)
        return { ok: false, message: "the meter was removed meanwhile" };
      const outcome = withNotes(await ingest(device, readout), readout);
      note(device, readout, outcome);
      device.lastReadout = {
        atMs: readout.readAtMs,
        ok: outcome.ok,
        message: outcome.message,
        telegramCount: readout.telegrams.length,
        durationMs: readout.durationMs,
        reason: outcome.ok ? undefined : outcome.reason,
      };
      if (outcome.ok && device.newest !== undefined) {
        onKept?.({ number: device.newest.number, readAtMs: device.newest.readAtMs });
        registry.notify({ kind: "readingCommitted", device, readingNumber: device.newest.number });
      }
      return outcome;
    });
  }

  function note(device: MeterDevice, readout: CompletedReadout, outcome: ReadoutOutcome): void {
    const { received, telegrams, readAtMs } = readout;
    if (!outcome.ok) {
      refuse(device, readAtMs, outcome.message, received ?? { kind: "wired", frames: telegrams });
      return;
    }
    device.refused = undefined;
    const number = device.newest?.number ?? 0;
    device.received = { number, bytes: received && kept(received) };
    const { unread } = readout;
    if (unread === undefined) return;
    refuse(device, unread.atMs, unread.words, unread.received);
    logger.warn("a telegram beside the readout was not read", { device: device.name, message: unread.words });
  }

  function refuse(device: MeterDevice, atMs: number, message: string, bytes: ReceivedBytes): void {
    device.refused = { atMs, message, bytes: kept(bytes) };
  }

  const kept = ({ kind, frames }: ReceivedBytes): ReceivedBytes => ({
    kind,
    frames: frames.map((frame) => state.payloads.keep(frame)),
  });

  async function ingest(device: MeterDevice, readout: CompletedReadout): Promise<ReadoutOutcome> {
    let draft: Draft | undefined;
    try {
      draft = startDraft(device, readout);
      await keep(draft);
      return { ok: true, message: "Readout successful" };
    } catch (error) {
      const message = messageOf(error);
      logger.warn("readout not kept", { device: device.name, sap: device.sap, message });
      return { ok: false, message, reason: error instanceof RefusedReadout ? error.reason : "notKept" };
    } finally {
      if (draft?.newRow?.logicalDeviceName !== undefined) state.pendingNames.delete(draft.newRow.logicalDeviceName);
    }
  }

  /** Checks that the telegrams are this meter's. @throws RefusedReadout @throws DecodeError */
  function startDraft(device: MeterDevice, readout: CompletedReadout): Draft {
    const payload = packPayload(readout.telegrams);
    const { meterKind, row } = device;
    // A known meter's records are checked by the layout that takes them; a new one's name is given for good.
    const identity = identityOfReadout(readout.telegrams, meterKind === undefined ? headerOfGood : decodeHeader);
    if (row.logicalDeviceName !== undefined && meterKind !== undefined) {
      const known = row.logicalDeviceName.slice(0, baseLength);
      if (identity !== undefined && deviceNameOf(identity) !== known) {
        logger.error("another meter answers", { device: device.name, answered: deviceNameOf(identity) });
        throw new RefusedReadout(
          `${deviceNameOf(identity)} answered instead of ${known}: is it a new meter? then "meters replace"`,
          "wrongMeter",
        );
      }
      return { device, kind: meterKind, payload, readout, newRow: undefined };
    }
    if (identity === undefined) throw new RefusedReadout("the telegram does not say which meter it is from");
    const isTaken = (name: string) =>
      state.pendingNames.has(name) || registry.device(name) !== undefined || state.isRetiredName(name);
    const logicalDeviceName = freeDeviceName(identity, isTaken);
    if (logicalDeviceName === undefined) throw new RefusedReadout(`too many meters named ${deviceNameOf(identity)}`);
    state.pendingNames.add(logicalDeviceName);
    const kind = state.kind(kindKeyOf(identity));
    return { device, kind, payload, readout, newRow: compactRow({ ...row, logicalDeviceName, kind: kind.key }) };
  }

  async function keep(draft: Draft): Promise<void> {
    const { kind, payload, device } = draft;
    const latest = device.newest?.layout;
    const layout = latest?.shape.matches(payload) ? latest : kind.layoutOf(payload);
    if (layout !== undefined && layout.homelessSlots(payload).length === 0) return commit(draft, layout);
    return kinds.run(kind.key, () => learn(draft));
  }

  /** Keeps what the telegrams teach together with the reading; alone in its kind. */
  async function learn(draft: Draft): Promise<void> {
    const { kind, payload, device } = draft;
    const known = kind.layoutOf(payload);
    if (known === undefined && kind.layouts.length >= maxLayouts) {
      throw new RefusedReadout(`${kind.key} has sent ${maxLayouts} different telegrams: no further one is learned`);
    }
    const layout = known ?? kind.prepare(state.nextLayoutId(), kind.compile(payload));
    const newObjects = kind.plan(layout.shape, layout.homelessSlots(payload));
    const shape = layout.shape.sample(payload);
    const row = readingOf(draft, layout);
    const commit: ReadingCommit = {
      ...commitOf(draft, row, layout, kind.objects.length + newObjects.length),
      ...(known === undefined ? { newLayout: { id: layout.id, kind: kind.key, shape } } : {}),
      ...(newObjects.length === 0 ? {} : { newObjects }),
    };
    await store.commit(commit);
    for (const object of newObjects) kind.adopt(object);
    if (known === undefined) kind.layouts.push(layout);
    kind.connect();
    logLearned(kind, device, known === undefined, newObjects);
    show(draft, row, layout, commit.meterLayout);
  }

  async function commit(draft: Draft, layout: KindLayout): Promise<void> {
    const row = readingOf(draft, layout);
    const commit = commitOf(draft, row, layout, draft.kind.objects.length);
    await store.commit(commit);
    show(draft, row, layout, commit.meterLayout);
  }

  function show(draft: Draft, row: ReadingRow, layout: KindLayout, firstUse: LayoutUse | undefined): void {
    const { device, newRow, kind, payload } = draft;
    if (firstUse !== undefined) {
      const { layoutId, ordinal, objectCount } = firstUse;
      device.own = kind.ownObjects([...(device.own?.uses ?? []), { layoutId, ordinal, objectCount }]);
    }
    const { number, readAtMs } = row;
    const clockStatus = clockStatusOf(row.clockStatus);
    const { newest } = device;
    const before = newest?.layout.shape.header(newest.payload).status ?? 0;
    const judged = newest && { reading: newest, quality: device.quality };
    device.newest = { number, readAtMs, clockStatus, layout, payload: state.payloads.keep(payload) };
    const { quality, deviationAt } = device.parts;
    device.quality = judgeReading(device.newest, device.own?.objects ?? [], quality, deviationAt(readAtMs), judged);
    device.live = undefined;
    if (newRow !== undefined) {
      device.row = compactRow({ ...device.row, logicalDeviceName: newRow.logicalDeviceName, kind: newRow.kind });
      device.meterKind = kind;
      registry.renamed(device);
      logger.info("meter named", { device: device.name, sap: device.sap });
    }
    logStatus(device, before);
  }

  /** In the log before anybody is told of the reading. */
  function logStatus(device: MeterDevice, before: number): void {
    const { newest } = device;
    const status = newest?.layout.shape.header(newest.payload).status;
    if (newest === undefined || status === undefined || status === null) return;
    const { readAtMs: atMs, clockStatus } = newest;
    state.parts.serving?.meterLog?.status(device, status, before, { atMs, clockStatus });
  }

  function logLearned(
    kind: MeterKind,
    device: MeterDevice,
    isNewLayout: boolean,
    newObjects: readonly KindObjectRow[],
  ): void {
    const fields = { kind: kind.key, device: device.name, objects: newObjects.length };
    if (isNewLayout) logger.info("layout learned", fields);
    for (const row of newObjects.filter((candidate) => candidate.identity.includes("~"))) {
      logger.warn("a record changed its unit or scale: it has a new object", {
        ...fields,
        identity: row.identity,
        logicalName: row.logicalName,
      });
    }
    const unmapped = newObjects.filter((row) => row.unmapped).map((row) => `${row.identity} ${row.logicalName}`);
    if (unmapped.length > 0) logger.info("records that no map knows", { kind: kind.key, unmapped });
  }

  return {
    completed,
    showLive(readout) {
      const device = state.devices.get(readout.meterId);
      const { meterKind, newest } = device ?? {};
      if (device === undefined || meterKind === undefined || newest === undefined) return false;
      try {
        const payload = packPayload(readout.telegrams);
        const identity = identityOfReadout(readout.telegrams, decodeHeader);
        if (identity !== undefined && deviceNameOf(identity) !== device.name.slice(0, baseLength)) return false;
        const layout = newest.layout.shape.matches(payload) ? newest.layout : meterKind.layoutOf(payload);
        if (layout === undefined || layout.homelessSlots(payload).length > 0) return false;
        device.live = { readAtMs: readout.readAtMs, clockStatus: readout.clockStatus ?? 0, layout, payload };
        return true;
      } catch (error) {
        if (error instanceof DecodeError || error instanceof RefusedReadout) return false;
        throw error;
      }
    },
    recall(meterId, last) {
      const device = state.devices.get(meterId);
      if (device !== undefined) device.lastReadout ??= last;
    },
    endLive() {
      for (const device of state.devices.values()) device.live = undefined;
    },
    retime(retiming, keep) {
      return meters.run(retiming.meterId, async () => {
        await keep();
        const newest = state.devices.get(retiming.meterId)?.newest;
        if (newest === undefined || newest.number < retiming.fromNumber || newest.number > retiming.toNumber) return;
        const device = state.devices.get(retiming.meterId);
        if (device === undefined) return;
        const { shiftMs, clockStatus } = retiming;
        device.newest = { ...newest, readAtMs: newest.readAtMs + shiftMs, clockStatus };
        if (device.lastReadout !== undefined) {
          device.lastReadout = { ...device.lastReadout, atMs: device.lastReadout.atMs + shiftMs };
        }
      });
    },
    failed(meterId, reason, words, received, { durationMs = 0 } = {}) {
      const device = state.devices.get(meterId);
      if (device === undefined) return;
      device.lastReadout = { atMs: clock.now(), ok: false, message: words, telegramCount: 0, durationMs, reason };
      if (received !== undefined) refuse(device, clock.now(), words, received);
      logger.warn("readout failed", { device: device.name, sap: device.sap, reason, message: words });
    },
  };
}

/** A good readout tells what else the meter has. */
function withNotes(outcome: ReadoutOutcome, { unread, notes = [] }: CompletedReadout): ReadoutOutcome {
  if (!outcome.ok) return outcome;
  const words = [...notes.map((note) => readoutNoteWords[note]), ...(unread === undefined ? [] : [unread.words])];
  return { ok: true, message: [outcome.message, ...words].join(". ") };
}

/** @param objectCount  of the kind, those that come with this reading included */
function commitOf(draft: Draft, reading: ReadingRow, layout: KindLayout, objectCount: number): ReadingCommit {
  const { meterId } = reading;
  const uses = draft.device.own?.uses ?? [];
  const isKnown = uses.some(({ layoutId }) => layoutId === layout.id);
  return {
    reading,
    ...(draft.newRow === undefined ? {} : { meter: draft.newRow }),
    ...(isKnown ? {} : { meterLayout: { meterId, layoutId: layout.id, ordinal: uses.length + 1, objectCount } }),
  };
}

/** COSEM clock status, bit 1: doubtful value. */
const doubtfulStatus = 0x02;
const movedMs = 1000;

/** Numbered on from the newest; its time in hundredths, as COSEM has them, and after the newest one's. */
function readingOf({ device, readout, payload }: Draft, layout: KindLayout): ReadingRow {
  const hundredth = 10;
  const rounded = Math.floor(readout.readAtMs / hundredth) * hundredth;
  const { newest, parts, own } = device;
  const earliest = newest === undefined ? rounded : newest.readAtMs + hundredth;
  const readAtMs = Math.max(rounded, earliest);
  // History keeps the order in which was read: behind a clock that was set back, times are not what they say.
  const isMoved = readAtMs - rounded > movedMs;
  const clockStatus = (readout.clockStatus ?? 0) | (isMoved ? doubtfulStatus : 0);
  const before = newest && { reading: newest, quality: device.quality };
  const judged = { readAtMs, clockStatus, layout, payload };
  const quality = judgeReading(judged, own?.objects ?? [], parts.quality, parts.deviationAt(readAtMs), before);
  return {
    meterId: device.row.id,
    number: (newest?.number ?? device.row.lastNumber ?? 0) + 1,
    readAtMs,
    layoutId: layout.id,
    clockStatus: storedStatus(clockStatus, quality),
    payload,
  };
}

/** @throws DecodeError for a telegram whose records are not sound */
const headerOfGood = (telegram: Uint8Array): MeterHeader => decodeApplication(telegram).meter;

/** @throws RefusedReadout where two telegrams are of two meters @throws DecodeError */
function identityOfReadout(
  telegrams: readonly Uint8Array[],
  headerOf: (telegram: Uint8Array) => MeterHeader,
): MeterIdentity | undefined {
  let first: MeterIdentity | undefined;
  for (const telegram of telegrams) {
    const identity = identityOf(headerOf(telegram));
    first ??= identity;
    if (identity !== undefined && first !== undefined && deviceNameOf(identity) !== deviceNameOf(first)) {
      throw new RefusedReadout(`telegrams of two meters: ${deviceNameOf(first)} and ${deviceNameOf(identity)}`);
    }
  }
  return first;
}

function messageOf(error: unknown): string {
  if (error instanceof RefusedReadout || error instanceof MeterApplicationError) return error.message;
  if (error instanceof DecodeError) return `The telegram could not be decoded: ${error.message}`;
  return error instanceof Error ? `The reading could not be kept: ${error.message}` : "The reading could not be kept";
}

/**
 * Profiles of a meter over its kept readings: load profile 1 has every one, load profile 2 the last of each local day,
 * the billing profile the last of each local month (DESIGN, logical devices). The buffer of load profile 1 is read from
 * the store in pages, so that memory stays flat however long the answer is; days and months are counted on in the
 * hundreds. A day or month is there once it is over.
 *
 * A read is a snapshot: readings up to the newest one at its start, and not one more.
 */
import {
  accessRead,
  arrayOrStream,
  type BufferSelection,
  type CaptureObject,
  type CosemObject,
  captureObjectDefinition,
  type Data,
  type InstanceOffer,
  type LogicalName,
  ProfileGeneric,
  parseBufferSelection,
  type RangeSelection,
  type ReadResult,
  refused,
  sortMethod,
  types,
} from "../../../cosem/index.js";
import type { ReadingRow } from "../../ports/index.js";
import type { MeterKind } from "../kind.js";
import type { MeterView } from "../meter-view.js";
import { type LocalPeriods, localDays, localMonths } from "./local-periods.js";
import { lastOfPeriods } from "./period-rows.js";
import { captureObjectsOf, clockColumn, type NumberSpan, RowMaker, SpanStream } from "./profile-rows.js";

interface ProfileKind {
  /** Value groups C.D.E*F of its name. */
  readonly code: string;
  /** Undefined: every reading is a row. */
  readonly periods: LocalPeriods | undefined;
  /** Seconds; 0: when there is a reading, or the periods are not of one length. */
  readonly capturePeriod: number;
  readonly profileEntries: number;
}

export const meterProfiles: readonly ProfileKind[] = [
  // More than any reader asks for: the store keeps what it has room for.
  { code: "99.1.0*255", periods: undefined, capturePeriod: 0, profileEntries: 0xffffffff },
  // Ten years of days, a hundred of months.
  { code: "99.2.0*255", periods: localDays, capturePeriod: 86_400, profileEntries: 3660 },
  { code: "98.1.0*255", periods: localMonths, capturePeriod: 0, profileEntries: 1200 },
];

const openOffer: InstanceOffer = {
  attributes: ProfileGeneric.attributeAt.map((entry) => entry && accessRead),
  methods: [],
};
/** Of the cme3100: attributes 4 to 6 are not available, and rows are selected by range alone. */
const cme3100Offer: InstanceOffer = {
  attributes: ProfileGeneric.attributeAt.map((entry, index) =>
    index >= 4 && index <= 6 ? undefined : entry && accessRead,
  ),
  methods: [],
  selectors: [undefined, undefined, [1]],
};
/** Most rows that a cme3100 answers one request with. */
const cme3100Rows = 1000;

/**
 * One profile of one device, made when asked for.
 * @param captureObjects  its columns where they, or the first of them, have other names; default: the device's own
 */
export function createMeterProfile(
  device: MeterView,
  kind: MeterKind,
  name: LogicalName,
  profile: ProfileKind,
  captureObjects?: readonly CaptureObject[],
): CosemObject {
  return new MeterProfile(device, kind, name, profile, captureObjects);
}

const good = (value: Data): ReadResult => ({ ok: true, value });
const noRows: ReadResult = good({ type: "array", value: [] });

class MeterProfile implements CosemObject {
  readonly interfaceClass = ProfileGeneric;
  readonly logicalName: LogicalName;
  readonly offer: InstanceOffer;
  private readonly device: MeterView;
  private readonly kind: MeterKind;
  private readonly profile: ProfileKind;
  private readonly columns: readonly CaptureObject[] | undefined;
  private readonly isCme3100: boolean;

  constructor(
    device: MeterView,
    kind: MeterKind,
    name: LogicalName,
    profile: ProfileKind,
    columns: readonly CaptureObject[] | undefined,
  ) {
    this.columns = columns;
    this.logicalName = name;
    this.device = device;
    this.kind = kind;
    this.profile = profile;
    this.isCme3100 = device.parts.serving.profile === "cme3100";
    this.offer = this.isCme3100 ? cme3100Offer : openOffer;
  }

  write() {
    return refused.readWriteDenied;
  }

  invoke() {
    return refused.readWriteDenied;
  }

  read(attributeIndex: number, context: Parameters<CosemObject["read"]>[1]): ReadResult | Promise<ReadResult> {
    const { profile } = this;
    switch (attributeIndex) {
      case 1:
        return good(types.logicalNameType.toData(this.logicalName));
      case 2:
        return this.readBuffer(context.selectiveAccess);
      case 3:
        return good(types.array(captureObjectDefinition).toData(this.captureObjects()));
      case 4:
        return good({ type: "double-long-unsigned", value: profile.capturePeriod });
      case 5:
        return good({ type: "enum", value: sortMethod.fifo });
      case 6:
        return good(captureObjectDefinition.toData(clockColumn));
      case 7:
        return this.entriesInUse();
      case 8:
        return this.isCme3100
          ? this.entriesInUse()
          : good({ type: "double-long-unsigned", value: profile.profileEntries });
      default:
        return refused.readWriteDenied;
    }
  }

  private captureObjects(): readonly CaptureObject[] {
    return this.columns ?? captureObjectsOf(this.device);
  }

  private async entriesInUse(): Promise<ReadResult> {
    const { device, profile } = this;
    const toNumber = device.newest?.number;
    if (toNumber === undefined) return good({ type: "double-long-unsigned", value: 0 });
    const value =
      profile.periods === undefined
        ? await device.parts.store.count({ meterId: device.row.id, toNumber })
        : (await this.periodRows(profile.periods, {})).length;
    return good({ type: "double-long-unsigned", value });
  }

  private async readBuffer(
    access: { readonly selector: number; readonly parameters: Data } | undefined,
  ): Promise<ReadResult> {
    const { device, kind } = this;
    // Before the first wait: what comes in meanwhile is no part of the answer.
    const last = device.newest?.number;
    const captureObjects = this.captureObjects();
    const selection: BufferSelection =
      access === undefined
        ? { kind: "entry", from: 1, to: undefined, columns: captureObjects.map((_, index) => index) }
        : parseBufferSelection(access, {
            captureObjects,
            deviationAt: (localMs) => device.parts.deviationAt(localMs),
          });
    // Rows are in the order of their time; by another column every row would have to be looked at.
    if (selection.kind === "range" && selection.restrictingColumn !== 0) return refused.scopeOfAccessViolated;
    if (last === undefined) return noRows;
    // Under other names, in a channel, there are clock and status alone.
    const rows = new RowMaker(device, kind, selection.columns, this.columns === undefined ? undefined : 2);
    if (this.profile.periods === undefined) return this.readingRows(rows, selection, last, access === undefined);
    const all = await this.periodRows(this.profile.periods, selection.kind === "range" ? timeBounds(selection) : {});
    const selected = selection.kind === "entry" ? all.slice(selection.from - 1, selection.to) : all;
    const answered = this.isCme3100 ? limited(selected, access === undefined) : selected;
    return { ok: true, value: arrayOrStream(answered, (row) => rows.toData(row)) };
  }

  private async readingRows(
    rows: RowMaker,
    selection: BufferSelection,
    last: number,
    isWhole: boolean,
  ): Promise<ReadResult> {
    const found = await numbersOf(this.device, selection, last);
    const span = found !== undefined && this.isCme3100 ? limitedSpan(found, isWhole) : found;
    if (span === undefined) return noRows;
    const count = await this.device.parts.store.count(span);
    return count === 0 ? noRows : { ok: true, value: new SpanStream(this.device, rows, span, count) };
  }

  private periodRows(periods: LocalPeriods, { fromMs, toMs }: TimeBounds): Promise<readonly ReadingRow[]> {
    return lastOfPeriods(this.device, periods, { from: fromMs, to: toMs }, this.profile.profileEntries);
  }
}

/** The first thousand of a selection, so that the next one goes on from there; of the whole buffer the newest. */
function limited<T>(rows: readonly T[], isWhole: boolean): readonly T[] {
  return isWhole ? rows.slice(-cme3100Rows) : rows.slice(0, cme3100Rows);
}

function limitedSpan(span: NumberSpan, isWhole: boolean): NumberSpan {
  const { fromNumber, toNumber } = span;
  if (isWhole) return { ...span, fromNumber: Math.max(fromNumber, toNumber - cme3100Rows + 1) };
  return { ...span, toNumber: Math.min(toNumber, fromNumber + cme3100Rows - 1) };
}

/** The selection as a span of reading numbers, which the store finds without counting rows off. */
async function numbersOf(device: MeterView, selection: BufferSelection, last: number): Promise<NumberSpan | undefined> {
  const meterId = device.row.id;
  const { store } = device.parts;
  const bounds = selection.kind === "range" ? timeBounds(selection) : {};
  const [first] = await store.readings({ meterId, ...bounds, toNumber: last, limit: 1 });
  if (first === undefined) return undefined;
  // Numbers follow each other without a gap, so that the n-th entry's number is known.
  if (selection.kind === "entry") {
    const fromNumber = first.number + selection.from - 1;
    const toNumber = selection.to === undefined ? last : Math.min(last, first.number + selection.to - 1);
    return toNumber < fromNumber ? undefined : { meterId, fromNumber, toNumber };
  }
  const [end] = await store.readings({ meterId, ...bounds, toNumber: last, limit: 1, descending: true });
  return end === undefined ? undefined : { meterId, fromNumber: first.number, toNumber: end.number };
}

interface TimeBounds {
  readonly fromMs?: number;
  readonly toMs?: number;
}

function timeBounds(selection: RangeSelection): TimeBounds {
  const from = selection.from === undefined ? {} : { fromMs: Number(selection.from) };
  const to = selection.to === undefined ? {} : { toMs: Number(selection.to) };
  return { ...from, ...to };
}

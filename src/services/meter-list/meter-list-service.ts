/** The meter list with rights and audit: what doors call. */
import type { Principal } from "../../../cosem/index.js";
import type { MeterDevice } from "../../mapping/index.js";
import { type ChangeRecorder, denied, refusedRight } from "../recorder.js";
import { accepted, type Refusable, type Refused, refusal } from "../refusal.js";
import { hasRight } from "../rights.js";
import { type ImportReport, type TableResult, type WrittenFile, writeFile } from "../tables/index.js";
import type {
  BulkAction,
  BulkReport,
  MeterListing,
  MeterListPage,
  MeterListQuery,
  MeterListService,
  MeterSelection,
} from "./contract.js";
import { changedDraft } from "./draft.js";
import { type ListingParts, linksOf, listingOf } from "./listing.js";
import { exampleMeters, meterSheet } from "./meter-file.js";
import { importMeters } from "./meter-import.js";
import type { ListOutcome } from "./meter-list.js";
import { replaceMeter } from "./replace-meter.js";

export interface MeterListServiceParts extends ListingParts {
  readonly recorder: ChangeRecorder;
}

/** Tell one meter from another: never the same for many. */
const ownFields = ["secondaryAddress", "primaryAddress", "fabricationNumber"] as const;
/** Meters a bulk action names at most. */
const maxBulk = 10_000;

export function createMeterListService(parts: MeterListServiceParts): MeterListService {
  const { list, recorder } = parts;
  const shown = (device: MeterDevice) => listingOf(device, parts);
  const refused = (principal: Principal, action: string, target: string) =>
    refusedRight(principal, "meters.write", { recorder, action, target });

  function done(
    principal: Principal,
    action: string,
    target: string,
    outcome: ListOutcome,
    detail?: string,
  ): Refusable<MeterListing> {
    recorder.record({ principal, action, target, detail, isRefused: !outcome.ok });
    return outcome.ok ? accepted(shown(outcome.device)) : problemsOf(outcome);
  }

  async function remove(device: MeterDevice, keepHistory: boolean): Promise<ListOutcome> {
    if (device.row.isDeclared !== true) return list.remove(device, keepHistory);
    const message = "the settings file names this meter: take it out there, or it would be back at the next start";
    return { ok: false, problems: [{ field: undefined, message }], isConflict: true };
  }

  async function reinstall(device: MeterDevice): Promise<ListOutcome> {
    const problem = (message: string): ListOutcome => {
      return { ok: false, problems: [{ field: undefined, message }], isConflict: true };
    };
    if (list.placeOf(device.row.interfaceName)?.kind !== "wireless") {
      return problem("only a wireless meter has a receiver to choose; a wired one is read again as it is");
    }
    const [best] = linksOf(device, list, parts.reception);
    if (best === undefined)
      return problem("no receiver has heard it in the last day: check its address and the antenna");
    return best.receiver === device.row.receiver
      ? { ok: true, device }
      : list.update(device, { receiver: best.receiver });
  }

  async function actOn(device: MeterDevice, action: BulkAction): Promise<ListOutcome> {
    switch (action.kind) {
      case "change":
        return list.change(device, changedDraft(list.draftOf(device), action.changes));
      case "remove":
        return remove(device, action.keepHistory === true);
      case "reinstall":
        return reinstall(device);
    }
  }

  return {
    list(principal, query): Refusable<MeterListPage> {
      if (!hasRight(principal, "meters.read")) return denied(principal, "meters.read");
      const found = devicesOf(parts, query);
      const page = found.filter(({ sap }) => sap > (query.afterSap ?? 0)).slice(0, query.limit + 1);
      const meters = page.slice(0, query.limit).map(shown);
      const nextAfterSap = page.length > query.limit ? meters.at(-1)?.sap : undefined;
      return accepted({ meters, nextAfterSap, total: found.length, ...list.counts() });
    },
    get(principal, meter) {
      if (!hasRight(principal, "meters.read")) return denied(principal, "meters.read");
      const device = list.find(meter);
      return device === undefined ? noSuchMeter(meter) : accepted(shown(device));
    },
    async add(principal, draft) {
      const target = draft.secondaryAddress ?? `primary ${draft.primaryAddress}`;
      const refusedAnswer = refused(principal, "meters.add", target);
      if (refusedAnswer !== undefined) return refusedAnswer;
      return done(principal, "meters.add", target, await list.add(draft));
    },
    async change(principal, meter, changes) {
      const refusedAnswer = refused(principal, "meters.change", meter);
      if (refusedAnswer !== undefined) return refusedAnswer;
      const device = list.find(meter);
      if (device === undefined) return noSuchMeter(meter);
      const outcome = await actOn(device, { kind: "change", changes });
      return done(principal, "meters.change", device.name, outcome, Object.keys(changes).join(", "));
    },
    async remove(principal, meter, { keepHistory = false }) {
      const refusedAnswer = refused(principal, "meters.remove", meter);
      if (refusedAnswer !== undefined) return refusedAnswer;
      const device = list.find(meter);
      if (device === undefined) return noSuchMeter(meter);
      const last = shown(device);
      const outcome = await remove(device, keepHistory);
      const detail = keepHistory ? "history kept" : "with its history";
      const answer = done(principal, "meters.remove", device.name, outcome, detail);
      return answer.ok ? accepted(last) : answer;
    },
    async replace(principal, meter, given) {
      const refusedAnswer = refused(principal, "meters.replace", meter);
      if (refusedAnswer !== undefined) return refusedAnswer;
      const device = list.find(meter);
      if (device === undefined) return noSuchMeter(meter);
      const outcome = await replaceMeter(list, device, given);
      return done(
        principal,
        "meters.replace",
        device.name,
        outcome,
        outcome.ok ? `by ${outcome.device.name}` : undefined,
      );
    },
    async reinstall(principal, meter) {
      const refusedAnswer = refused(principal, "meters.reinstall", meter);
      if (refusedAnswer !== undefined) return refusedAnswer;
      const device = list.find(meter);
      if (device === undefined) return noSuchMeter(meter);
      return done(principal, "meters.reinstall", device.name, await reinstall(device));
    },
    async importFile(principal, file, options) {
      const refusedAnswer = refused(principal, "meters.import", file.name);
      if (refusedAnswer !== undefined) return refusedAnswer;
      const answer = await importMeters(list, file, options);
      const detail = answer.ok ? importWords(answer.value) : answer.refusal.message;
      recorder.record({ principal, action: "meters.import", target: file.name, detail, isRefused: !answer.ok });
      return answer;
    },
    async exportFile(principal, format) {
      if (!hasRight(principal, "meters.read")) return denied(principal, "meters.read");
      const drafts = devicesOf(parts, {}).map((device) => list.writtenOf(list.draftOf(device)));
      return written(await writeFile("meters", format, [meterSheet(drafts)]));
    },
    async example(principal, format) {
      if (!hasRight(principal, "meters.read")) return denied(principal, "meters.read");
      const placeOf = (kind: "wired" | "wireless") => list.interfaces.find((known) => known.kind === kind);
      const drafts = exampleMeters(placeOf("wired"), placeOf("wireless")?.name);
      return written(await writeFile("meters-example", format, [meterSheet(drafts)]));
    },
    async bulk(principal, selection, action): Promise<Refusable<BulkReport>> {
      const name = `meters.bulk.${action.kind}`;
      const refusedAnswer = refused(principal, name, "many meters");
      if (refusedAnswer !== undefined) return refusedAnswer;
      const { devices, unknown } = selected(parts, selection);
      const own = action.kind === "change" ? ownFields.find((field) => action.changes[field] != null) : undefined;
      if (own !== undefined && devices.length > 1) {
        return refusal("invalid", `${own}: is of one meter alone; change the ${devices.length} meters one by one`, own);
      }
      const outcomes = await Promise.all(devices.map((device) => actOn(device, action)));
      const failed = outcomes.flatMap((outcome, index) =>
        outcome.ok ? [] : [{ meter: devices[index]?.name ?? "", message: problemsOf(outcome).refusal.message }],
      );
      const report = { done: devices.length - failed.length, refused: [...unknown, ...failed] };
      const detail = `${report.done} done, ${report.refused.length} refused`;
      recorder.record({ principal, action: name, target: `${devices.length} meters`, detail, isRefused: false });
      return accepted(report);
    },
  };
}

function devicesOf({ list }: ListingParts, query: Omit<MeterListQuery, "limit" | "afterSap">): readonly MeterDevice[] {
  const text = query.text?.toLowerCase();
  const found: MeterDevice[] = [];
  for (const device of list.devices()) {
    const { row } = device;
    if (query.state !== undefined && (row.isPassive === true) !== (query.state === "passive")) continue;
    if (query.interfaceName !== undefined && row.interfaceName !== query.interfaceName) continue;
    if (text !== undefined && !wordsOf(device).includes(text)) continue;
    found.push(device);
  }
  return found.sort((one, other) => one.sap - other.sap);
}

function wordsOf({ name, row }: MeterDevice): string {
  return `${name} ${row.position} ${row.secondaryAddress ?? ""} ${row.interfaceName} ${row.fabricationNumber ?? ""}`.toLowerCase();
}

function selected(
  parts: ListingParts,
  selection: MeterSelection,
): { readonly devices: readonly MeterDevice[]; readonly unknown: BulkReport["refused"] } {
  if ("all" in selection) return { devices: devicesOf(parts, selection.all), unknown: [] };
  const byName = new Map([...parts.list.devices()].map((device) => [device.name, device]));
  const devices = new Set<MeterDevice>();
  const unknown: { meter: string; message: string }[] = [];
  for (const meter of selection.meters.slice(0, maxBulk)) {
    const device = byName.get(meter) ?? parts.list.find(meter);
    if (device === undefined) unknown.push({ meter, message: noSuchMeter(meter).refusal.message });
    else devices.add(device);
  }
  return { devices: [...devices], unknown };
}

export function importWords({ added, changed, unchanged, bad, isTaken }: ImportReport): string {
  const words = `${added} added, ${changed} changed, ${unchanged} unchanged, ${bad} bad`;
  return isTaken ? words : `${words}; not taken`;
}

export function written(result: TableResult<WrittenFile>): Refusable<WrittenFile> {
  return result.ok ? accepted(result.value) : refusal("invalid", result.message);
}

export function noSuchMeter(meter: string): Refused {
  return refusal("unknown", `no meter "${meter.slice(0, 80)}" is on the list, or several have this address`);
}

function problemsOf({ problems, isConflict }: Extract<ListOutcome, { ok: false }>): Refused {
  const message = problems
    .map(({ field, message: words }) => (field === undefined ? words : `${field}: ${words}`))
    .join("; ");
  return refusal(isConflict ? "conflict" : "invalid", message, problems[0]?.field);
}

/** Readouts for people: rights and audit here, the work in the engine behind a port. */
import type { Principal, Registry } from "../../../cosem/index.js";
import { MeterDevice } from "../../mapping/index.js";
import {
  explainApplication,
  type LinkCommand,
  type LinkCommandResult,
  type LinkReadout,
  type MeterTarget,
  type TelegramSettings,
} from "../../mbus/index.js";
import type {
  Clock,
  ClockTrust,
  KeptReadoutRecord,
  MeterStatisticsRow,
  ReadoutRecordStore,
} from "../../ports/index.js";
import { type ChangeRecorder, denied, refusedRight } from "../recorder.js";
import { accepted, type Refusable, type Refused, refusal } from "../refusal.js";
import { hasRight, type Right } from "../rights.js";
import type {
  BusHolder,
  ClockStatus,
  ContinuousStatus,
  CycleState,
  MeterStatistics,
  ReadoutEntry,
  ReadoutService,
  SendAnswer,
  SendCommand,
  SendTarget,
} from "./contract.js";
import type { ReadoutRecorder } from "./readout-recorder.js";
import { type LocalTimeOf, type MasterOrder, orderOf, targetOf } from "./send-command.js";

/** Where a command to a meter goes. */
export interface MeterPlace {
  readonly busName: string;
  readonly target: MeterTarget;
  readonly baudRate?: number | undefined;
  /** Opens what this meter answers; undefined where it is in plain, or nothing opens it. */
  open?(telegram: Uint8Array): Uint8Array | undefined;
}

/** What the readout can do for this service. */
export interface ReadoutEngine {
  /** Undefined: no such meter is read. */
  readOne(meterId: number): Promise<{ readonly ok: boolean; readonly words?: string } | undefined>;
  startCycle(): void;
  cycle(): CycleState;
  /** Undefined: a wireless or passive meter, which cannot be sent anything. */
  placeOf(meterId: number): MeterPlace | undefined;
  command(
    busName: string,
    target: MeterTarget,
    command: LinkCommand,
    baudRate?: number,
  ): Promise<LinkCommandResult | undefined>;
  ask(
    busName: string,
    target: MeterTarget,
    telegrams?: TelegramSettings,
    baudRate?: number,
  ): Promise<LinkReadout | undefined>;
  buses(): readonly BusHolder[];
  continuous(): ContinuousStatus;
  setContinuous(isOn: boolean): Promise<void>;
}

export interface ReadoutServiceParts {
  readonly engine: ReadoutEngine;
  readonly registry: Pick<Registry, "device" | "devices">;
  readonly store: Pick<ReadoutRecordStore, "readoutRecords" | "meterStatistics">;
  /** What it holds back is written before records are read. */
  readonly recorder: ReadoutRecorder;
  readonly audit: ChangeRecorder;
  readonly clock: Clock;
  readonly trust: ClockTrust & { readonly pending: number };
  readonly localTimeOf: LocalTimeOf;
  /** By a meter's key in the store; undefined: removed. */
  nameOf(meterId: number): string | undefined;
}

const mostEntries = 1000;

export function createReadoutService(parts: ReadoutServiceParts): ReadoutService {
  const { engine, audit, trust } = parts;
  const mayRead = <Value>(principal: Principal, value: () => Value): Refusable<Value> =>
    hasRight(principal, "readout.read") ? accepted(value()) : denied(principal, "readout.read");
  const refused = (principal: Principal, right: Right, action: string, target: string): Refused | undefined =>
    refusedRight(principal, right, { recorder: audit, action, target });
  const meterOf = (name: string): MeterDevice | undefined => {
    const device = parts.registry.device(name);
    return device instanceof MeterDevice ? device : undefined;
  };
  const clockStatus = (): ClockStatus => ({
    isGood: trust.isGood,
    source: trust.source,
    pendingReadings: trust.pending,
  });

  return {
    async read(principal, name) {
      const refusedBy = refused(principal, "readout.start", "readout.read", name);
      if (refusedBy !== undefined) return refusedBy;
      const meter = meterOf(name);
      if (meter === undefined) return noMeter(name);
      audit.record({ principal, action: "readout.read", target: meter.name, isRefused: false });
      const outcome = await engine.readOne(meter.row.id);
      if (outcome === undefined)
        return refusal("conflict", `${name} is not read: it is passive, or its interface is gone`);
      const { newest, lastReadout } = meter;
      const told = outcome.words ?? (lastReadout?.ok === outcome.ok ? lastReadout.message : undefined);
      const message = told ?? (outcome.ok ? "Readout successful" : "Readout failed");
      return accepted({
        device: meter.name,
        ok: outcome.ok,
        message,
        readingNumber: newest?.number,
        readAtMs: newest?.readAtMs,
      });
    },
    readAll(principal) {
      const refusedBy = refused(principal, "readout.start", "readout.readAll", "all meters");
      if (refusedBy !== undefined) return refusedBy;
      audit.record({ principal, action: "readout.readAll", target: "all meters", isRefused: false });
      engine.startCycle();
      return accepted(engine.cycle());
    },
    cycle: (principal) => mayRead(principal, () => engine.cycle()),
    async entries(principal, { device, onlyFailed, beforeId, limit }) {
      if (!hasRight(principal, "readout.read")) return denied(principal, "readout.read");
      const meter = device === undefined ? undefined : meterOf(device);
      if (device !== undefined && meter === undefined) return noMeter(device);
      await parts.recorder.flush();
      const count = Math.min(Math.max(limit, 1), mostEntries);
      const rows = await parts.store.readoutRecords({ meterId: meter?.row.id, onlyFailed, beforeId, limit: count });
      const entries = rows.map((row) => entryOf(row, parts.nameOf(row.meterId) ?? `removed meter ${row.meterId}`));
      return accepted({ entries, nextBeforeId: rows.length < count ? undefined : rows.at(-1)?.id });
    },
    async statistics(principal, device) {
      if (!hasRight(principal, "readout.read")) return denied(principal, "readout.read");
      const meter = meterOf(device);
      if (meter === undefined) return noMeter(device);
      await parts.recorder.flush();
      const [row] = await parts.store.meterStatistics(meter.row.id);
      if (row === undefined) return refusal("unknown", `${device} was not read yet`);
      return accepted(statisticsOf(row, meter.name));
    },
    buses: (principal) => mayRead(principal, () => engine.buses()),
    continuous: (principal) => mayRead(principal, () => engine.continuous()),
    async setContinuous(principal, isOn) {
      const refusedBy = refused(principal, "readout.start", "readout.continuous", isOn ? "on" : "off");
      if (refusedBy !== undefined) return refusedBy;
      audit.record({ principal, action: "readout.continuous", target: isOn ? "on" : "off", isRefused: false });
      await engine.setContinuous(isOn);
      return accepted(engine.continuous());
    },
    clock: (principal) => mayRead(principal, clockStatus),
    confirmClock(principal) {
      const refusedBy = refused(principal, "clock.write", "clock.confirm", "clock");
      if (refusedBy !== undefined) return refusedBy;
      audit.record({ principal, action: "clock.confirm", target: "clock", isRefused: false });
      trust.confirm("admin");
      return accepted(clockStatus());
    },
    async send(principal, target, command) {
      const shown = shownTarget(target);
      const refusedBy = refused(principal, "bus.send", `send.${command.kind}`, shown);
      if (refusedBy !== undefined) return refusedBy;
      const answer = await send(target, command);
      const failure = answer.ok ? (answer.value.ok ? undefined : answer.value.message) : answer.refusal.message;
      const detail = [wordsOf(command), failure].filter(Boolean).join(": ") || undefined;
      const action = `send.${command.kind}`;
      audit.record({ principal, action, target: shown, detail, isRefused: false, isFailed: failure !== undefined });
      return answer;
    },
  };

  async function send(target: SendTarget, command: SendCommand): Promise<Refusable<SendAnswer>> {
    const place = placeOf(target);
    if (!place.ok) return place;
    const order = orderOf(command, parts.clock.now(), parts.localTimeOf);
    if (!order.ok) return order;
    const started = parts.clock.monotonic();
    const result = await carryOut(engine, place.value, order.value);
    if (result === undefined) return refusal("unknown", `no interface "${place.value.busName}" on wires`);
    const durationMs = parts.clock.monotonic() - started;
    return accepted(answerOf(result, order.value.done, durationMs, (telegram) => place.value.open?.(telegram)));
  }

  function placeOf(target: SendTarget): Refusable<MeterPlace> {
    if ("device" in target) {
      const meter = meterOf(target.device);
      if (meter === undefined) return noMeter(target.device);
      const place = engine.placeOf(meter.row.id);
      if (place !== undefined) return accepted(place);
      return refusal("conflict", `${target.device} cannot be sent anything: it is wireless or passive`);
    }
    const found = targetOf(target);
    return found.ok ? accepted({ busName: target.interfaceName, target: found.value }) : found;
  }
}

function noMeter(name: string): Refused {
  return refusal("unknown", `no meter "${name.slice(0, 80)}"`);
}

/** What a command sets, for the audit. Bytes of one's own are not told: keys of meters are set with such. */
function wordsOf(command: SendCommand): string | undefined {
  switch (command.kind) {
    case "sendUserData":
      return `CI ${command.hex.slice(0, 2)}, ${Math.ceil(command.hex.length / 2)} bytes`;
    case "setPrimaryAddress":
      return String(command.address);
    case "setBaudRate":
      return `${command.baudRate} baud`;
    case "setClock":
      return command.atMs === undefined ? "to the present time" : `to ${new Date(command.atMs).toISOString()}`;
    case "applicationReset":
      return command.subcode === undefined ? undefined : `subcode ${command.subcode}`;
    default:
      return undefined;
  }
}

function shownTarget(target: SendTarget): string {
  if ("device" in target) return target.device;
  const address = "primaryAddress" in target ? target.primaryAddress : target.secondaryAddress;
  return `${target.interfaceName}, ${address}`;
}

function carryOut(
  engine: ReadoutEngine,
  { busName, target, baudRate }: MeterPlace,
  order: MasterOrder,
): Promise<LinkCommandResult | LinkReadout | undefined> {
  if (order.kind === "command") return engine.command(busName, target, order.command, baudRate);
  const { before } = order;
  return engine.ask(busName, target, before === undefined ? {} : { before }, baudRate);
}

function answerOf(
  result: LinkCommandResult | LinkReadout,
  done: string,
  durationMs: number,
  open: (telegram: Uint8Array) => Uint8Array | undefined,
): SendAnswer {
  if (!result.ok) return { ok: false, message: result.words, reason: result.reason, durationMs, telegrams: [] };
  const bytes = "telegrams" in result ? result.telegrams : result.answer === undefined ? [] : [result.answer];
  const explained = (telegram: Uint8Array) => ({ bytes: telegram, explanation: explainApplication(telegram) });
  const telegrams = bytes.map((telegram) => {
    const plain = open(telegram);
    return { ...explained(telegram), opened: plain && explained(plain) };
  });
  return { ok: true, message: done, reason: undefined, durationMs, telegrams };
}

function entryOf({ meterId: _, ...record }: KeptReadoutRecord, device: string): ReadoutEntry {
  return { device, ...record };
}

function statisticsOf(row: MeterStatisticsRow, device: string): MeterStatistics {
  const { attempts, good, retries, responseCount, responseSumMs, responseMaxMs } = row;
  return {
    device,
    attempts,
    good,
    successRate: attempts === 0 ? 0 : good / attempts,
    retries,
    meanResponseMs: responseCount === 0 ? undefined : Math.round(responseSumMs / responseCount),
    maxResponseMs: responseCount === 0 ? undefined : responseMaxMs,
    firstAtMs: row.firstAtMs,
    lastAtMs: row.lastAtMs,
    lastGoodAtMs: row.lastGoodAtMs,
  };
}

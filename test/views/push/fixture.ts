import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAssociation, type Principal } from "../../../cosem/registry/index.js";
import type { Logger } from "../../../src/ports/index.js";
import type { DeliveryService } from "../../../src/services/delivery/index.js";
import type {
  MeterService,
  MeterSummary,
  ObjectDescription,
  ReadingLine,
} from "../../../src/services/meters/contract.js";
import type { ReportSettings } from "../../../src/settings/index.js";
import { createPushView, type PushOptions, type PushView, readReportLayout } from "../../../src/views/push/index.js";
import { type ManualClock, manualClock } from "../../support/manual-clock.js";
import { repositoryRoot } from "../../support/repository.js";

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const principal: Principal = {
  association: createAssociation({ name: "push", clientSap: undefined, rules: [{ access: "read" }] }),
  user: "",
  door: "push",
  peer: "",
};

export const energy: ObjectDescription = {
  classId: 3,
  logicalName: "6-0:1.0.0*255",
  quantity: "energy",
  unit: "Wh",
  function: "inst",
  storage: 0,
  tariff: 0,
  subunit: 0,
  modifiers: [],
  manufacturerSpecific: false,
  unmapped: false,
};

/** A meter with stored readings, numbered 1, 2, 3 …, one a minute from 2026-11-22T12:00:00Z. */
export class StoredMeter {
  readonly sap: number;
  columns: readonly ObjectDescription[] = [energy];
  position = "";
  readonly lines: ReadingLine[] = [];

  constructor(sap: number) {
    this.sap = sap;
  }

  get device(): string {
    return `TST${String(this.sap).padStart(8, "0")}0104`;
  }

  addReading(...cells: (string | undefined)[]): this {
    const number = this.lines.length + 1;
    this.lines.push({
      number,
      readAtMs: Date.UTC(2026, 10, 22, 12, number - 1),
      telegramCount: 1,
      accessNumber: number & 0xff,
      statusByte: 0,
      signature: 0,
      quality: 0,
      cells,
    });
    return this;
  }

  summary(): MeterSummary {
    const newest = this.lines.at(-1);
    return {
      device: this.device,
      sap: this.sap,
      manufacturer: "TST",
      identification: String(this.sap).padStart(8, "0"),
      version: 1,
      medium: 4,
      mediumName: "heat",
      position: this.position,
      interfaceName: "bus1",
      primaryAddress: undefined,
      secondaryAddress: undefined,
      statusByte: 0,
      accessNumber: 0,
      readingNumber: newest?.number,
      readAtMs: newest?.readAtMs,
      lastReadout: undefined,
    };
  }
}

export function meterService(stored: readonly StoredMeter[]): MeterService {
  const find = (device: string) => stored.find((meter) => meter.device === device);
  return {
    list(_principal, { afterSap = 0, limit }) {
      const rest = stored.filter(({ sap }) => sap > afterSap);
      const page = rest.slice(0, limit).map((meter) => meter.summary());
      const nextAfterSap = rest.length > limit ? page.at(-1)?.sap : undefined;
      return { meters: page, nextAfterSap, total: stored.length };
    },
    get: (_principal, device) => find(device)?.summary(),
    describe: (_principal, device) => find(device)?.columns,
    telegrams: () => undefined,
    readings: async (_principal, device, { afterNumber = 0, limit }) =>
      find(device)
        ?.lines.filter(({ number }) => number > afterNumber)
        .slice(0, limit),
  };
}

export const x115 = readReportLayout(
  readFileSync(join(repositoryRoot, "obis-maps/reports/x115.yaml"), "utf8"),
  "x115.yaml",
);

export function reportTo(receivers: ReportSettings["receivers"], more: Partial<ReportSettings> = {}): ReportSettings {
  return {
    name: "hourly",
    enabled: true,
    template: "x115",
    schedule: "0 * * * *",
    timeoutSeconds: 60,
    retries: 0,
    valuePeriod: "auto",
    valuePeriodCount: 1,
    valueIntervalSeconds: 0,
    allMeters: true,
    retryDelaySeconds: 60,
    receivers,
    ...more,
  };
}

export interface PushFixture {
  readonly view: PushView;
  readonly state: Map<string, string>;
  readonly clock: ManualClock;
  readonly folder: string;
  remove(): void;
}

export function makePush(
  delivery: DeliveryService,
  meters: MeterService,
  reports: readonly ReportSettings[],
  more: Partial<PushOptions> & { kept?: Map<string, string> } = {},
): PushFixture {
  const { kept: state = new Map<string, string>(), ...options } = more;
  const folder = mkdtempSync(join(tmpdir(), "push-"));
  const clock = manualClock(Date.UTC(2026, 10, 22, 13, 0, 0));
  const view = createPushView({
    meters,
    principal,
    delivery,
    state: {
      getState: async (key) => state.get(key),
      setState: async (key, value) => void state.set(key, value),
    },
    clock,
    logger: silentLogger,
    reports,
    layouts: new Map([["x115", x115]]),
    serial: "00000001",
    folder,
    ...options,
  });
  return { view, state, clock, folder, remove: () => rmSync(folder, { recursive: true }) };
}

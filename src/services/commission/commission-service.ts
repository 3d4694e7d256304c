import type { MeterListing, MeterListService } from "../meter-list/index.js";
import type { MeterService } from "../meters/contract.js";
import { denied } from "../recorder.js";
import { accepted, refusal } from "../refusal.js";
import { hasRight } from "../rights.js";
import { type Cell, type Sheet, writeFile } from "../tables/index.js";
import type { CommissionService } from "./contract.js";
import { listingTitles, rowOfListing } from "./listing-row.js";

/** A meter's values as Modbus registers. */
export interface ModbusLine {
  readonly device: string;
  readonly object: string;
  readonly unit: string;
  readonly slave: number;
  readonly register: number;
  readonly type: string;
}

export interface CommissionParts {
  readonly meters: MeterService;
  readonly list: MeterListService;
  /** Effective settings, secrets left out, by path. */
  settings(): readonly (readonly [path: string, value: string])[];
  /** Facts of the gateway itself: serial, version … */
  facts(): readonly (readonly [name: string, value: string])[];
  /** Empty while the Modbus door is shut. */
  modbus(): readonly ModbusLine[];
  /** Local time with its offset. */
  timeOf(instantMs: number): string;
  now(): number;
}

const pageSize = 1000;

export function createCommissionService(parts: CommissionParts): CommissionService {
  return {
    async report(principal) {
      // It tells the settings too.
      for (const right of ["meters.read", "settings.read"] as const) {
        if (!hasRight(principal, right)) return denied(principal, right);
      }
      const listings: MeterListing[] = [];
      for (let afterSap: number | undefined = 0; afterSap !== undefined; ) {
        const page = parts.list.list(principal, { afterSap, limit: pageSize });
        if (!page.ok) return page;
        listings.push(...page.value.meters);
        afterSap = page.value.nextAfterSap;
      }
      const readings = await lastReadings(parts, principal, listings);
      const sheets = [settingsSheet(parts), metersSheet(listings), readings, modbusSheet(parts, listings)];
      const written = await writeFile("commission-report", "xlsx", sheets);
      return written.ok ? accepted(written.value) : refusal("invalid", written.message);
    },
  };
}

function settingsSheet({ facts, settings, now, timeOf }: CommissionParts): Sheet {
  const rows = [["Written", timeOf(now())], ...facts(), ...settings()].map(([name = "", value = ""]) => [name, value]);
  return { name: "Gateway settings", rows: [["Setting", "Value"], ...rows] };
}

function metersSheet(listings: readonly MeterListing[]): Sheet {
  return { name: "Meters", rows: [listingTitles, ...listings.map(rowOfListing)] };
}

/** One row a value: meters have different ones. */
async function lastReadings(
  { meters, timeOf }: CommissionParts,
  principal: Parameters<MeterService["readings"]>[0],
  listings: readonly MeterListing[],
): Promise<Sheet> {
  const titles = [
    "Meter",
    "Position",
    "Read",
    "OBIS code",
    "Quantity",
    "Value",
    "Unit",
    "Function",
    "Storage",
    "Tariff",
    "Subunit",
    "Last readout",
  ];
  const rows: Cell[][] = [titles];
  for (const { device, position } of listings) {
    const summary = meters.get(principal, device);
    const message = summary?.lastReadout?.message ?? "";
    const number = summary?.readingNumber;
    if (number === undefined) {
      rows.push([device, position, "never", "", "", "", "", "", "", "", "", message]);
      continue;
    }
    const [line] = (await meters.readings(principal, device, { afterNumber: number - 1, limit: 1 })) ?? [];
    const objects = meters.describe(principal, device) ?? [];
    for (const [index, object] of objects.entries()) {
      const value = line?.cells[index];
      if (line === undefined || value === undefined) continue;
      const { logicalName, quantity, unit, storage, tariff, subunit } = object;
      const read = timeOf(line.readAtMs);
      rows.push([
        device,
        position,
        read,
        logicalName,
        quantity,
        cellOf(value),
        unit,
        object.function,
        storage,
        tariff,
        subunit,
        message,
      ]);
    }
  }
  return { name: "Last readings", rows };
}

/** A number where it is exact as one; else the text as it is. */
function cellOf(text: string): Cell {
  const number = Number(text);
  return text !== "" && Number.isFinite(number) && /^-?\d{1,15}(\.\d+)?$/.test(text) && text.length <= 16
    ? number
    : text;
}

function modbusSheet({ modbus }: CommissionParts, listings: readonly MeterListing[]): Sheet {
  const positions = new Map(listings.map(({ device, position }) => [device, position]));
  const titles = ["Meter", "Position", "OBIS code", "Unit", "Slave address", "Register", "Type"];
  const rows = modbus().map(({ device, object, unit, slave, register, type }): Cell[] => {
    return [device, positions.get(device) ?? "", object, unit, slave, register, type];
  });
  return { name: "Modbus", rows: [titles, ...rows] };
}

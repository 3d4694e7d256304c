/**
 * What a value information field says: the primary table and its extensions FB, FD and FD FD as data
 * (EN 13757-3; the facts are those of the project's M-Bus notes, not read off the standard's text).
 *
 * A row covers the codes `from`..`to` (extension bit taken off). With `exponent`, code `from` has that power of ten and
 * each following code one more; with `units`, each code has its own unit.
 */

/** How the bytes of a record of this quantity are to be read. */
/** `container`: of variable length it is bytes, whatever the LVAR says; of fixed length an unsigned integer. */
export type ValueKind = "signed" | "unsigned" | "date" | "container";

export interface VifRow {
  readonly from: number;
  readonly to: number;
  readonly quantity: string;
  readonly unit?: string;
  readonly units?: readonly string[];
  readonly exponent?: number;
  readonly kind?: ValueKind;
}

/** One VIF code, looked up. */
export interface VifMeaning {
  readonly quantity: string;
  readonly unit: string;
  readonly exponent: number;
  readonly kind: ValueKind;
  /** The code without its exponent bits: equal for all scales of one quantity and unit. */
  readonly baseCode: number;
}

/** Units of the two time bits nn, used by VIFs and VIFEs alike. */
export const timeUnits: readonly string[] = ["s", "min", "h", "d"];
const longTimeUnits: readonly string[] = ["h", "d", "month", "year"];

const primaryRows: readonly VifRow[] = [
  { from: 0x00, to: 0x07, quantity: "Energy", unit: "Wh", exponent: -3 },
  { from: 0x08, to: 0x0f, quantity: "Energy", unit: "J", exponent: 0 },
  { from: 0x10, to: 0x17, quantity: "Volume", unit: "m3", exponent: -6 },
  { from: 0x18, to: 0x1f, quantity: "Mass", unit: "kg", exponent: -3 },
  { from: 0x20, to: 0x23, quantity: "On time", units: timeUnits },
  { from: 0x24, to: 0x27, quantity: "Operating time", units: timeUnits },
  { from: 0x28, to: 0x2f, quantity: "Power", unit: "W", exponent: -3 },
  { from: 0x30, to: 0x37, quantity: "Power", unit: "J/h", exponent: 0 },
  { from: 0x38, to: 0x3f, quantity: "Volume flow", unit: "m3/h", exponent: -6 },
  { from: 0x40, to: 0x47, quantity: "Volume flow", unit: "m3/min", exponent: -7 },
  { from: 0x48, to: 0x4f, quantity: "Volume flow", unit: "m3/s", exponent: -9 },
  { from: 0x50, to: 0x57, quantity: "Mass flow", unit: "kg/h", exponent: -3 },
  { from: 0x58, to: 0x5b, quantity: "Flow temperature", unit: "°C", exponent: -3 },
  { from: 0x5c, to: 0x5f, quantity: "Return temperature", unit: "°C", exponent: -3 },
  { from: 0x60, to: 0x63, quantity: "Temperature difference", unit: "K", exponent: -3 },
  { from: 0x64, to: 0x67, quantity: "External temperature", unit: "°C", exponent: -3 },
  { from: 0x68, to: 0x6b, quantity: "Pressure", unit: "bar", exponent: -3 },
  { from: 0x6c, to: 0x6c, quantity: "Date", kind: "date" },
  { from: 0x6d, to: 0x6d, quantity: "Date and time", kind: "date" },
  { from: 0x6e, to: 0x6e, quantity: "Heat cost allocation", unit: "HCA" },
  { from: 0x70, to: 0x73, quantity: "Averaging duration", units: timeUnits },
  { from: 0x74, to: 0x77, quantity: "Actuality duration", units: timeUnits },
  { from: 0x78, to: 0x78, quantity: "Fabrication number", kind: "unsigned" },
  { from: 0x79, to: 0x79, quantity: "Enhanced identification", kind: "unsigned" },
  { from: 0x7a, to: 0x7a, quantity: "Bus address", kind: "unsigned" },
  { from: 0x7c, to: 0x7c, quantity: "Plain text" },
  { from: 0x7e, to: 0x7e, quantity: "Any" },
  { from: 0x7f, to: 0x7f, quantity: "Manufacturer specific" },
];

const fbRows: readonly VifRow[] = [
  { from: 0x00, to: 0x01, quantity: "Energy", unit: "Wh", exponent: 5 },
  { from: 0x02, to: 0x03, quantity: "Reactive energy", unit: "varh", exponent: 3 },
  { from: 0x04, to: 0x05, quantity: "Apparent energy", unit: "VAh", exponent: 3 },
  { from: 0x08, to: 0x09, quantity: "Energy", unit: "J", exponent: 8 },
  { from: 0x0c, to: 0x0f, quantity: "Energy", unit: "cal", exponent: 5 },
  { from: 0x10, to: 0x11, quantity: "Volume", unit: "m3", exponent: 2 },
  { from: 0x14, to: 0x17, quantity: "Reactive power", unit: "var", exponent: 0 },
  { from: 0x18, to: 0x19, quantity: "Mass", unit: "kg", exponent: 5 },
  { from: 0x1a, to: 0x1b, quantity: "Relative humidity", unit: "%", exponent: -1 },
  { from: 0x20, to: 0x20, quantity: "Volume", unit: "ft3", exponent: 0 },
  { from: 0x21, to: 0x21, quantity: "Volume", unit: "ft3", exponent: -1 },
  { from: 0x22, to: 0x22, quantity: "Volume", unit: "gal", exponent: -1 },
  { from: 0x23, to: 0x23, quantity: "Volume", unit: "gal", exponent: 0 },
  { from: 0x24, to: 0x24, quantity: "Volume flow", unit: "gal/min", exponent: -3 },
  { from: 0x25, to: 0x25, quantity: "Volume flow", unit: "gal/min", exponent: 0 },
  { from: 0x26, to: 0x26, quantity: "Volume flow", unit: "gal/h", exponent: 0 },
  { from: 0x28, to: 0x29, quantity: "Power", unit: "W", exponent: 5 },
  { from: 0x2a, to: 0x2a, quantity: "Phase voltage to voltage", unit: "°", exponent: -1 },
  { from: 0x2b, to: 0x2b, quantity: "Phase voltage to current", unit: "°", exponent: -1 },
  { from: 0x2c, to: 0x2f, quantity: "Frequency", unit: "Hz", exponent: -3 },
  { from: 0x30, to: 0x31, quantity: "Power", unit: "J/h", exponent: 8 },
  { from: 0x34, to: 0x37, quantity: "Apparent power", unit: "VA", exponent: 0 },
  { from: 0x58, to: 0x5b, quantity: "Flow temperature", unit: "°F", exponent: -3 },
  { from: 0x5c, to: 0x5f, quantity: "Return temperature", unit: "°F", exponent: -3 },
  { from: 0x60, to: 0x63, quantity: "Temperature difference", unit: "°F", exponent: -3 },
  { from: 0x64, to: 0x67, quantity: "External temperature", unit: "°F", exponent: -3 },
  // A rating factor counts 2^-12, which no power of ten says: the raw count is kept and the unit tells so.
  { from: 0x68, to: 0x68, quantity: "Resulting rating factor K", unit: "1/4096" },
  { from: 0x69, to: 0x69, quantity: "Thermal output rating factor Kq", unit: "W" },
  { from: 0x6a, to: 0x6a, quantity: "Thermal coupling rating factor Kc", unit: "1/4096" },
  { from: 0x6b, to: 0x6b, quantity: "Thermal coupling rating factor Kcr", unit: "1/4096" },
  { from: 0x6c, to: 0x6c, quantity: "Thermal coupling rating factor Kch", unit: "1/4096" },
  { from: 0x6d, to: 0x6d, quantity: "Low temperature rating factor Kt", unit: "1/4096" },
  { from: 0x6e, to: 0x6e, quantity: "Display output scaling factor Kd", unit: "1/4096" },
  { from: 0x70, to: 0x73, quantity: "Temperature limit", unit: "°F", exponent: -3 },
  { from: 0x74, to: 0x77, quantity: "Temperature limit", unit: "°C", exponent: -3 },
  { from: 0x78, to: 0x7f, quantity: "Cumulated maximum power", unit: "W", exponent: -3 },
];

const fdRows: readonly VifRow[] = [
  { from: 0x00, to: 0x03, quantity: "Credit", unit: "currency", exponent: -3 },
  { from: 0x04, to: 0x07, quantity: "Debit", unit: "currency", exponent: -3 },
  { from: 0x08, to: 0x08, quantity: "Access number", kind: "unsigned" },
  { from: 0x09, to: 0x09, quantity: "Device type", kind: "unsigned" },
  { from: 0x0a, to: 0x0a, quantity: "Manufacturer", kind: "unsigned" },
  { from: 0x0b, to: 0x0b, quantity: "Parameter set identification", kind: "unsigned" },
  { from: 0x0c, to: 0x0c, quantity: "Model/version", kind: "unsigned" },
  { from: 0x0d, to: 0x0d, quantity: "Hardware version", kind: "unsigned" },
  { from: 0x0e, to: 0x0e, quantity: "Firmware version", kind: "unsigned" },
  { from: 0x0f, to: 0x0f, quantity: "Software version", kind: "unsigned" },
  { from: 0x10, to: 0x10, quantity: "Customer location", kind: "unsigned" },
  { from: 0x11, to: 0x11, quantity: "Customer", kind: "unsigned" },
  { from: 0x12, to: 0x12, quantity: "Access code user", kind: "unsigned" },
  { from: 0x13, to: 0x13, quantity: "Access code operator", kind: "unsigned" },
  { from: 0x14, to: 0x14, quantity: "Access code system operator", kind: "unsigned" },
  { from: 0x15, to: 0x15, quantity: "Access code developer", kind: "unsigned" },
  { from: 0x16, to: 0x16, quantity: "Password", kind: "unsigned" },
  { from: 0x17, to: 0x17, quantity: "Error flags", kind: "unsigned" },
  { from: 0x18, to: 0x18, quantity: "Error mask", kind: "unsigned" },
  { from: 0x19, to: 0x19, quantity: "Security key", kind: "unsigned" },
  { from: 0x1a, to: 0x1a, quantity: "Digital output", kind: "unsigned" },
  { from: 0x1b, to: 0x1b, quantity: "Digital input", kind: "unsigned" },
  { from: 0x1c, to: 0x1c, quantity: "Baud rate", unit: "Bd", kind: "unsigned" },
  { from: 0x1d, to: 0x1d, quantity: "Response delay time", unit: "bit times", kind: "unsigned" },
  { from: 0x1e, to: 0x1e, quantity: "Retry", kind: "unsigned" },
  { from: 0x1f, to: 0x1f, quantity: "Remote control", kind: "unsigned" },
  { from: 0x20, to: 0x20, quantity: "First storage number", kind: "unsigned" },
  { from: 0x21, to: 0x21, quantity: "Last storage number", kind: "unsigned" },
  { from: 0x22, to: 0x22, quantity: "Size of storage block", kind: "unsigned" },
  { from: 0x23, to: 0x23, quantity: "Descriptor for tariff and subunit", kind: "unsigned" },
  { from: 0x24, to: 0x27, quantity: "Storage interval", units: timeUnits },
  { from: 0x28, to: 0x29, quantity: "Storage interval", units: ["month", "year"] },
  { from: 0x2a, to: 0x2a, quantity: "Operator specific data", kind: "unsigned" },
  { from: 0x2b, to: 0x2b, quantity: "Time point second", kind: "unsigned" },
  { from: 0x2c, to: 0x2f, quantity: "Duration since last readout", units: timeUnits },
  { from: 0x30, to: 0x30, quantity: "Start of tariff", kind: "date" },
  { from: 0x31, to: 0x33, quantity: "Duration of tariff", units: ["min", "h", "d"] },
  { from: 0x34, to: 0x37, quantity: "Period of tariff", units: timeUnits },
  { from: 0x38, to: 0x39, quantity: "Period of tariff", units: ["month", "year"] },
  { from: 0x3a, to: 0x3a, quantity: "Dimensionless" },
  { from: 0x3b, to: 0x3b, quantity: "Data container for wireless M-Bus", kind: "container" },
  { from: 0x3c, to: 0x3f, quantity: "Period of nominal data transmissions", units: timeUnits },
  { from: 0x40, to: 0x4f, quantity: "Voltage", unit: "V", exponent: -9 },
  { from: 0x50, to: 0x5f, quantity: "Current", unit: "A", exponent: -12 },
  { from: 0x60, to: 0x60, quantity: "Reset counter", kind: "unsigned" },
  { from: 0x61, to: 0x61, quantity: "Cumulation counter", kind: "unsigned" },
  { from: 0x62, to: 0x62, quantity: "Control signal", kind: "unsigned" },
  { from: 0x63, to: 0x63, quantity: "Day of week", kind: "unsigned" },
  { from: 0x64, to: 0x64, quantity: "Week number", kind: "unsigned" },
  { from: 0x65, to: 0x65, quantity: "Time point of day change", kind: "unsigned" },
  { from: 0x66, to: 0x66, quantity: "State of parameter activation", kind: "unsigned" },
  { from: 0x67, to: 0x67, quantity: "Special supplier information", kind: "unsigned" },
  { from: 0x68, to: 0x6b, quantity: "Duration since last cumulation", units: longTimeUnits },
  { from: 0x6c, to: 0x6f, quantity: "Operating time battery", units: longTimeUnits },
  { from: 0x70, to: 0x70, quantity: "Date of battery change", kind: "date" },
  { from: 0x71, to: 0x71, quantity: "RF level", unit: "dBm" },
  { from: 0x72, to: 0x72, quantity: "Daylight saving", kind: "unsigned" },
  { from: 0x73, to: 0x73, quantity: "Listening window management", kind: "container" },
  { from: 0x74, to: 0x74, quantity: "Remaining battery life time", unit: "d" },
  { from: 0x75, to: 0x75, quantity: "Number of times the meter was stopped", kind: "unsigned" },
  { from: 0x76, to: 0x76, quantity: "Data container for manufacturer protocol", kind: "container" },
];

const fdfdRows: readonly VifRow[] = [
  { from: 0x00, to: 0x00, quantity: "Selected application", kind: "unsigned" },
  { from: 0x02, to: 0x03, quantity: "Remaining battery life time", units: ["month", "year"] },
  { from: 0x3e, to: 0x3e, quantity: "Moisture level", unit: "%" },
];

/** Lays rows out as 128 meanings; codes without a row are `Reserved`. */
function expand(rows: readonly VifRow[]): readonly VifMeaning[] {
  const table: VifMeaning[] = Array.from({ length: 128 }, (_, code) => ({
    quantity: "Reserved",
    unit: "",
    exponent: 0,
    kind: "signed",
    baseCode: code,
  }));
  for (const row of rows) {
    for (let code = row.from; code <= row.to; code++) {
      const scaled = row.exponent !== undefined;
      table[code] = {
        quantity: row.quantity,
        unit: row.units?.[code - row.from] ?? row.unit ?? "",
        exponent: scaled ? (row.exponent ?? 0) + code - row.from : 0,
        kind: row.kind ?? "signed",
        baseCode: scaled ? firstWithUnit(rows, row) : code,
      };
    }
  }
  return table;
}

/** Rows of one quantity and unit that follow each other are one scale (cubic feet, gallons). */
function firstWithUnit(rows: readonly VifRow[], row: VifRow): number {
  const same = rows.find((other) => other.quantity === row.quantity && other.unit === row.unit);
  return same?.from ?? row.from;
}

export const primaryTable = expand(primaryRows);
export const fbTable = expand(fbRows);
export const fdTable = expand(fdRows);
export const fdfdTable = expand(fdfdRows);
/** VIF EF: the third extension table, still without entries. */
export const efTable = expand([]);

/** Names of device types (EN 13757-7, "medium") and the letters of a manufacturer code (EN 62056-21). */

const deviceTypes: Readonly<Record<number, string>> = {
  0: "Other",
  1: "Oil",
  2: "Electricity",
  3: "Gas",
  4: "Heat (outlet)",
  5: "Steam",
  6: "Warm water",
  7: "Water",
  8: "Heat cost allocator",
  9: "Compressed air",
  10: "Cooling (outlet)",
  11: "Cooling (inlet)",
  12: "Heat (inlet)",
  13: "Heat/cooling",
  14: "Bus/system component",
  15: "Unknown",
  16: "Irrigation water",
  17: "Water data logger",
  18: "Gas data logger",
  19: "Gas converter",
  20: "Calorific value",
  21: "Hot water",
  22: "Cold water",
  23: "Dual register water",
  24: "Pressure",
  25: "A/D converter",
  26: "Smoke detector",
  27: "Room sensor",
  28: "Gas detector",
  32: "Breaker",
  33: "Valve",
  37: "Customer unit",
  40: "Waste water",
  41: "Garbage",
  42: "Carbon dioxide",
  43: "Environmental meter",
  48: "Service tool",
  49: "Communication controller",
  50: "Unidirectional repeater",
  51: "Bidirectional repeater",
  54: "Radio converter (system side)",
  55: "Radio converter (meter side)",
  56: "Bus converter (meter side)",
};

/** Name of a device type; `Reserved (0x1d)` for one without. */
export function mediumName(deviceType: number): string {
  return deviceTypes[deviceType] ?? `Reserved (0x${deviceType.toString(16).padStart(2, "0")})`;
}

/** Three letters of a manufacturer code. Bit 15 (address not unique worldwide) is not part of them. */
export function manufacturerLetters(code: number): string {
  return (letters[(code >> 10) & 0x1f] as string) + letters[(code >> 5) & 0x1f] + letters[code & 0x1f];
}

const letters: readonly string[] = Array.from({ length: 32 }, (_, index) => String.fromCharCode(64 + index));

/**
 * The code of three letters `@`-`_` (capital letters in practice).
 * @throws RangeError for anything else
 */
export function manufacturerCode(text: string): number {
  let code = 0;
  for (let index = 0; index < 3; index++) {
    const letter = text.charCodeAt(index) - 64;
    if (!(letter >= 0 && letter < 32) || text.length !== 3) throw new RangeError(`no manufacturer code: ${text}`);
    code = code * 32 + letter;
  }
  return code;
}

/** Whether a meter can be on the list as it is given, and what becomes of it there. */
import type { NewMeter } from "../../mapping/index.js";
import type { AddressingMode, MeterMbusSettings } from "../../ports/index.js";
import type { MeterDraft } from "./contract.js";
import { addressParts, writtenAddress } from "./written-address.js";

/** An interface as the list needs to know it. */
export interface KnownInterface {
  readonly name: string;
  /** wireless: a group of receivers. */
  readonly kind: "wired" | "wireless";
  /** Of the bus; undefined: wireless. */
  readonly baudRate: number | undefined;
  /** Whether its line can be switched to a meter's own rate. */
  readonly canSwitchRate: boolean;
}

export interface FieldProblem {
  readonly field: keyof MeterDraft | undefined;
  /** What was wrong and what is wanted. */
  readonly message: string;
}

export type CheckedMeter =
  | { readonly ok: true; readonly meter: NewMeter }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

export const knownBaudRates: readonly number[] = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400];
const maxPosition = 128;
const mbusLimits = {
  telegramLimit: [0, 64],
  responseTimeoutMs: [50, 60_000],
  readoutRetries: [0, 20],
  selectionRetries: [0, 20],
  collisionIdleMs: [0, 60_000],
  requestIdleMs: [0, 60_000],
} as const;

/** All that is wrong is told, not only the first. */
export function checkMeter(draft: MeterDraft, interfaces: readonly KnownInterface[]): CheckedMeter {
  const check = new MeterCheck(draft, interfaces);
  const meter = check.run();
  return meter === undefined ? { ok: false, problems: check.problems } : { ok: true, meter };
}

class MeterCheck {
  readonly problems: FieldProblem[] = [];
  private readonly draft: MeterDraft;
  private readonly interfaces: readonly KnownInterface[];

  constructor(draft: MeterDraft, interfaces: readonly KnownInterface[]) {
    this.draft = draft;
    this.interfaces = interfaces;
  }

  run(): NewMeter | undefined {
    const { draft } = this;
    const place = this.place();
    const secondaryAddress = this.secondaryAddress();
    const primaryAddress = this.number("primaryAddress", 0, 250, "251 to 255 have meanings of their own on the bus");
    const isWireless = place?.kind === "wireless";
    const addressingMode = this.addressingMode(secondaryAddress, primaryAddress, place);
    this.fabricationNumber(secondaryAddress, isWireless);
    this.receiver(addressingMode, isWireless);
    const baudRate = this.baudRate(place);
    const position = draft.position?.trim() ?? "";
    if (position.length > maxPosition)
      this.wrong("position", `at most ${maxPosition} characters, these are ${position.length}`);
    if (hasControls(position)) this.wrong("position", "control characters are not allowed; one line of text is wanted");
    if (draft.state !== undefined && draft.state !== "active" && draft.state !== "passive") {
      this.wrong("state", `"${draft.state}": active or passive is wanted`);
    }
    const mbus = this.mbus();
    if (place === undefined || this.problems.length > 0) return undefined;
    return {
      interfaceName: place.name,
      secondaryAddress,
      primaryAddress,
      fabricationNumber: draft.fabricationNumber,
      position,
      baudRate,
      addressingMode,
      receiver: draft.receiver,
      isPassive: draft.state === "passive" ? true : undefined,
      mbus,
    };
  }

  private wrong(field: FieldProblem["field"], message: string): void {
    this.problems.push({ field, message });
  }

  /** Without a name, the only interface there is. */
  private place(): KnownInterface | undefined {
    const { interfaceName } = this.draft;
    const { interfaces } = this;
    if (interfaceName === undefined || interfaceName === "") {
      const [only, ...others] = interfaces;
      if (only !== undefined && others.length === 0) return only;
      this.wrong("interfaceName", `an interface is wanted; ${this.knownNames()}`);
      return undefined;
    }
    const found = interfaces.find(({ name }) => name === interfaceName);
    if (found === undefined)
      this.wrong("interfaceName", `there is no interface "${interfaceName}"; ${this.knownNames()}`);
    return found;
  }

  private knownNames(): string {
    const names = this.interfaces.map(({ name }) => name);
    return names.length === 0 ? "none is given in the settings" : `known: ${names.join(", ")}`;
  }

  private secondaryAddress(): string | undefined {
    const { secondaryAddress, manufacturer, version, type } = this.draft;
    this.number("version", 0, 255);
    this.number("type", 0, 255);
    if (manufacturer !== undefined && !/^[A-Z]{3}$/.test(manufacturer)) {
      this.wrong("manufacturer", `"${manufacturer}": three capital letters are wanted, e.g. KAM`);
    }
    if (secondaryAddress === undefined) {
      if ((manufacturer ?? version ?? type) === undefined) return undefined;
      // Beside a primary address: whose answer it must be, as far as that is known.
      return this.problems.length > 0
        ? undefined
        : writtenAddress({ identification: "FFFFFFFF", manufacturer, version, type });
    }
    // Hex digits too: some meters have them, and F stands for any.
    if (!/^[0-9A-F]{8}([0-9A-F]{8})?$/i.test(secondaryAddress)) {
      const lost = /^\d{1,7}$/.test(secondaryAddress) ? "; were zeros at its beginning lost?" : "";
      this.wrong("secondaryAddress", `"${secondaryAddress}": 8 or 16 hex digits are wanted${lost}`);
      return undefined;
    }
    const given = addressParts(secondaryAddress);
    for (const [field, value] of [
      ["manufacturer", manufacturer],
      ["version", version],
      ["type", type],
    ] as const) {
      if (value !== undefined && given[field] !== undefined && given[field] !== value) {
        this.wrong(field, `${value} is not what the secondary address says (${given[field]})`);
      }
    }
    if (this.problems.length > 0) return undefined;
    return writtenAddress({
      identification: given.identification,
      manufacturer: manufacturer ?? given.manufacturer,
      version: version ?? given.version,
      type: type ?? given.type,
    });
  }

  private number(
    field: "primaryAddress" | "version" | "type",
    min: number,
    max: number,
    why?: string,
  ): number | undefined {
    const value = this.draft[field];
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    this.wrong(
      field,
      `${value}: a whole number from ${min} to ${max} is wanted${why === undefined ? "" : ` (${why})`}`,
    );
    return undefined;
  }

  private addressingMode(
    secondary: string | undefined,
    primary: number | undefined,
    place: KnownInterface | undefined,
  ): AddressingMode | undefined {
    const { addressingMode: mode, secondaryAddress, primaryAddress } = this.draft;
    const isWireless = place?.kind === "wireless";
    if (mode === "wireless" && place !== undefined && !isWireless) {
      this.wrong("addressingMode", `wireless: "${place.name}" is a wired interface`);
    }
    if (isWireless && mode !== undefined && mode !== "wireless") {
      this.wrong("addressingMode", `${mode}: "${place.name}" is a group of receivers, its meters are wireless`);
    }
    if (isWireless && secondaryAddress === undefined) {
      this.wrong("secondaryAddress", "a wireless meter is known by its secondary address");
    }
    if (isWireless || mode === "wireless") return undefined;
    if (mode === undefined) {
      if (primaryAddress === undefined && secondaryAddress === undefined) {
        this.wrong("secondaryAddress", "a secondary or a primary address is wanted");
      }
      return primary !== undefined && secondary !== undefined ? "primary" : undefined;
    }
    if (mode === "primary" && primaryAddress === undefined) {
      this.wrong("primaryAddress", "is wanted with addressing mode primary: 0 to 250");
    }
    if (mode !== "primary" && secondaryAddress === undefined) {
      this.wrong("secondaryAddress", `is wanted with addressing mode ${mode}: 8 digits`);
    }
    return mode;
  }

  private fabricationNumber(secondary: string | undefined, isWireless: boolean): void {
    const { fabricationNumber } = this.draft;
    if (fabricationNumber === undefined) return;
    if (!/^\d{8}$/.test(fabricationNumber)) {
      this.wrong("fabricationNumber", `"${fabricationNumber}": 8 digits are wanted`);
    }
    if (isWireless || secondary === undefined) {
      this.wrong("fabricationNumber", "goes with the secondary address of a wired meter");
    }
  }

  private receiver(mode: AddressingMode | undefined, isWireless: boolean): void {
    const { receiver } = this.draft;
    if (receiver === undefined) return;
    if (isWireless) {
      if (receiver.length > 32) this.wrong("receiver", "the name of a receiver is wanted");
      return;
    }
    if (mode !== "esecondary") this.wrong("receiver", "goes with addressing mode esecondary, or with a wireless meter");
    else if (!/^\d{8}$/.test(receiver)) this.wrong("receiver", `"${receiver}": 8 digits are wanted (enhanced address)`);
  }

  /** What its bus has is not the meter's own. */
  private baudRate(place: KnownInterface | undefined): number | undefined {
    const { baudRate } = this.draft;
    if (baudRate === undefined) return undefined;
    if (!knownBaudRates.includes(baudRate)) {
      this.wrong("baudRate", `${baudRate}: one of ${knownBaudRates.join(", ")} is wanted`);
      return undefined;
    }
    if (place === undefined || place.kind === "wireless" || place.baudRate === baudRate) return undefined;
    if (!place.canSwitchRate) {
      this.wrong(
        "baudRate",
        `${baudRate}: the line "${place.name}" cannot change its rate, which is ${place.baudRate}`,
      );
    }
    return baudRate;
  }

  private mbus(): MeterMbusSettings | undefined {
    const { mbus } = this.draft;
    if (mbus === undefined) return undefined;
    const { multiTelegram } = mbus;
    if (multiTelegram !== undefined && multiTelegram !== "off" && multiTelegram !== "auto") {
      this.wrong("mbus", `multiTelegram "${multiTelegram}": off or auto is wanted`);
    }
    const own: Record<string, string | number> = multiTelegram === undefined ? {} : { multiTelegram };
    for (const [name, [min, max]] of Object.entries(mbusLimits)) {
      const value = mbus[name as keyof typeof mbusLimits];
      if (value === undefined) continue;
      if (!Number.isInteger(value) || value < min || value > max) {
        this.wrong("mbus", `${name} ${value}: a whole number from ${min} to ${max} is wanted`);
      }
      own[name] = value;
    }
    return Object.keys(own).length === 0 ? undefined : (own as MeterMbusSettings);
  }
}

function hasControls(text: string): boolean {
  for (const character of text) if ((character.codePointAt(0) ?? 0) < 0x20) return true;
  return false;
}

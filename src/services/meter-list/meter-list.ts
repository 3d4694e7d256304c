/**
 * The meter list: the one place where meters come, change and go while the gateway runs. It knows nothing of rights (the
 * services do); whoever must follow it (readout, receivers, licences) listens to its changes.
 */
import type { MeterDevice, NewMeter } from "../../mapping/index.js";
import { isAskedByPrimary, type MeterPlace, meterIdentityOf, placeKeyOf } from "../../mapping/index.js";
import { type AesKey, formatSecondaryAddress, type SecondaryAddress } from "../../mbus/index.js";
import type { Logger, MeterRow } from "../../ports/index.js";
import type { MeterIdentityParts } from "../keys/key-match.js";
import type { KeyRing } from "../keys/key-ring.js";
import { checkMeter, type FieldProblem, type KnownInterface } from "./check-meter.js";
import type { MeterDraft, MeterListChange } from "./contract.js";
import { draftOf, effectiveDraft } from "./draft.js";
import { addressRanges, digitsKey, isSameMeter, Places } from "./place-key.js";
import { addressParts } from "./written-address.js";

/** Of mapping, what the list needs. */
export interface MeterInstallation {
  install(meter: NewMeter): Promise<MeterDevice>;
  update(meterId: number, changes: Partial<NewMeter>): Promise<MeterDevice | undefined>;
  remove(meterId: number, options: { readonly keepHistory: boolean }): Promise<boolean>;
  device(meterId: number): MeterDevice | undefined;
  devices(): Iterable<MeterDevice>;
}

export interface MeterListParts {
  readonly mapping: MeterInstallation;
  /** Wired interfaces and groups of receivers, in the order of the settings. */
  readonly interfaces: readonly KnownInterface[];
  readonly keys: KeyRing;
  readonly logger: Logger;
  /** Most meters that may be active; further ones become passive as they are added. Default: no limit. */
  readonly activeLimit?: () => number | undefined;
  /** A computed series that needs the meter's history; with one the meter stays on the list. */
  readonly usedIn?: (device: string) => string | undefined;
}

export type ListOutcome =
  | { readonly ok: true; readonly device: MeterDevice }
  | { readonly ok: false; readonly problems: readonly FieldProblem[]; readonly isConflict: boolean };

export class MeterList {
  readonly interfaces: readonly KnownInterface[];
  private readonly parts: MeterListParts;
  private readonly byBus = new Map<string, Map<number, MeterDevice>>();
  /** By interface and primary address, or the 8 digits of the secondary one. */
  private readonly byDigits = new Map<string, Set<number>>();
  /** As the two above and the counts have them: a meter may change again before its first change is told. */
  private readonly indexed = new Map<number, MeterRow>();
  private readonly listeners = new Set<(change: MeterListChange) => void>();
  /** Places of meters that are being added. */
  private readonly pending = new Places<true>();
  private all = 0;
  private passive = 0;
  /** On their way to be active, not yet on disk. */
  private activating = 0;

  constructor(parts: MeterListParts) {
    this.parts = parts;
    this.interfaces = parts.interfaces;
    for (const device of parts.mapping.devices()) this.index(device);
  }

  /** Told after a change is on disk. */
  onChange(listener: (change: MeterListChange) => void): { close(): void } {
    this.listeners.add(listener);
    return { close: () => void this.listeners.delete(listener) };
  }

  device(meterId: number): MeterDevice | undefined {
    return this.parts.mapping.device(meterId);
  }

  devices(): Iterable<MeterDevice> {
    return this.parts.mapping.devices();
  }

  /** In the order of their SAP. */
  activeOn(busName: string): readonly MeterDevice[] {
    const active = [...(this.byBus.get(busName)?.values() ?? [])].filter(({ row }) => row.isPassive !== true);
    return active.sort((one, other) => one.sap - other.sap);
  }

  /** Active and passive meters. */
  counts(): { readonly active: number; readonly passive: number } {
    return { active: this.all - this.passive, passive: this.passive };
  }

  placeOf(name: string): KnownInterface | undefined {
    return this.interfaces.find((known) => known.name === name);
  }

  /** What is known of who a meter is: as read, else as given. */
  identityOf({ row }: Pick<MeterDevice, "row">): MeterIdentityParts {
    const given = addressParts(row.secondaryAddress);
    const read = row.logicalDeviceName === undefined ? undefined : meterIdentityOf(row.logicalDeviceName);
    const known = (value: number | undefined) => (value === 0xff ? undefined : value);
    const identification = read?.id ?? given.identification;
    return {
      meterId: row.id,
      identification: identification === undefined || identification.includes("F") ? undefined : identification,
      manufacturer: read?.manufacturer ?? given.manufacturer,
      type: known(read?.medium) ?? given.type,
      version: known(read?.version) ?? given.version,
    };
  }

  keyOf(meterId: number): AesKey | undefined {
    const device = this.device(meterId);
    return device && this.parts.keys.keyOf(this.identityOf(device));
  }

  /** By the address in its own telegram, where it is not known before who it is. */
  keyFor(meterId: number, address: SecondaryAddress): AesKey | undefined {
    if (this.device(meterId) === undefined) return undefined;
    return this.parts.keys.keyOf({ meterId, ...addressParts(formatSecondaryAddress(address)) });
  }

  /**
   * The meter that already is where this one is to be: with its primary address on the same bus, or with the same 8
   * digits where nothing known of the one speaks against the other.
   */
  occupantOf(place: MeterPlace): MeterDevice | undefined {
    const alike = [...(this.byDigits.get(digitsKey(place)) ?? [])].flatMap((id) => this.device(id) ?? []);
    if (isAskedByPrimary(place)) return alike[0];
    const exact = alike.find(({ row }) => placeKeyOf(row) === placeKeyOf(place));
    return exact ?? alike.find(({ row }) => isSameMeter(row, place));
  }

  /** Meters of a bus that this whole address may be, however they are asked. */
  alikeOn(busName: string, address: string): readonly MeterDevice[] {
    const wanted = addressParts(address);
    const fits = <Value>(one: Value | undefined, other: Value | undefined) =>
      one === undefined || other === undefined || one === other;
    return [...(this.byBus.get(busName)?.values() ?? [])].filter((device) => {
      const known = this.identityOf(device);
      if (known.identification !== wanted.identification) return false;
      const { manufacturer, version, type } = wanted;
      return fits(known.manufacturer, manufacturer) && fits(known.version, version) && fits(known.type, type);
    });
  }

  /** Adds a meter, or says all that is wrong with it. Rejects where the store cannot keep it. */
  async add(draft: MeterDraft, options: { readonly isDeclared?: boolean } = {}): Promise<ListOutcome> {
    const checked = checkMeter(draft, this.interfaces);
    if (!checked.ok) return { ok: false, problems: checked.problems, isConflict: false };
    return this.install(checked.meter, options);
  }

  /** Adds a meter that was checked. */
  async install(meter: NewMeter, options: { readonly isDeclared?: boolean } = {}): Promise<ListOutcome> {
    const occupant = this.occupantOf(meter);
    if (occupant !== undefined || this.pending.find(meter) !== undefined) return taken(occupant, meter);
    this.pending.add(meter, true);
    try {
      const isDeclared = options.isDeclared === true ? true : undefined;
      const isActive = meter.isPassive !== true && !this.isFull();
      return await this.counted(isActive, async () => {
        const isPassive = isActive ? undefined : true;
        const device = await this.parts.mapping.install({ ...meter, isPassive, isDeclared });
        this.index(device);
        this.tell({ kind: "added", meterId: device.row.id });
        return { ok: true, device };
      });
    } finally {
      this.pending.delete(meter);
    }
  }

  /** Changes what a draft of the whole meter says. */
  async change(device: MeterDevice, draft: MeterDraft): Promise<ListOutcome> {
    const checked = checkMeter(draft, this.interfaces);
    if (!checked.ok) return { ok: false, problems: checked.problems, isConflict: false };
    return this.changeTo(device, checked.meter);
  }

  /** Why a meter cannot have this place: the settings file names another, and would make a second meter of it. */
  heldByFile({ row }: MeterDevice, meter: NewMeter): FieldProblem | undefined {
    if (row.isDeclared !== true || isStillFoundBy(row, meter)) return undefined;
    const message = "the settings file names this meter by its interface and address: change them there, then restart";
    return { field: row.interfaceName === meter.interfaceName ? undefined : "interfaceName", message };
  }

  /** Changes a meter to what was checked. */
  async changeTo(device: MeterDevice, meter: NewMeter): Promise<ListOutcome> {
    const held = this.heldByFile(device, meter);
    if (held !== undefined) return { ok: false, problems: [held], isConflict: true };
    const occupant = this.occupantOf(meter);
    if ((occupant !== undefined && occupant !== device) || this.pending.find(meter) !== undefined) {
      return taken(occupant === device ? undefined : occupant, meter);
    }
    const isActivated = device.row.isPassive === true && meter.isPassive !== true;
    if (isActivated && this.isFull()) {
      const message = "active: the licence allows no more active meters; make another one passive first";
      return { ok: false, problems: [{ field: "state", message }], isConflict: true };
    }
    this.pending.add(meter, true);
    try {
      return await this.counted(isActivated, () =>
        this.update(device, { ...meter, isDeclared: device.row.isDeclared }),
      );
    } finally {
      this.pending.delete(meter);
    }
  }

  /** Writes columns of a meter as they are. */
  async update(device: MeterDevice, changes: Partial<NewMeter>): Promise<ListOutcome> {
    const { id } = device.row;
    const updated = await this.parts.mapping.update(id, changes);
    if (updated === undefined) return gone;
    this.unindex(id);
    this.index(updated);
    this.tell({ kind: "changed", meterId: id });
    return { ok: true, device: updated };
  }

  async remove(device: MeterDevice, keepHistory: boolean): Promise<ListOutcome> {
    const { row } = device;
    const user = this.parts.usedIn?.(device.name);
    if (user !== undefined) {
      const message = `the series "${user}" is made of its history: make it passive (state), or remove the series first`;
      return { ok: false, problems: [{ field: undefined, message }], isConflict: true };
    }
    if (!(await this.parts.mapping.remove(row.id, { keepHistory }))) return gone;
    this.unindex(row.id);
    this.tell({ kind: "removed", meterId: row.id });
    return { ok: true, device };
  }

  /** By logical device name, `sap<n>`, or secondary address where only one meter has it. */
  find(name: string): MeterDevice | undefined {
    const sap = /^sap(\d{1,5})$/i.exec(name)?.[1];
    let byAddress: MeterDevice | undefined;
    let isAmbiguous = false;
    for (const device of this.devices()) {
      if (device.name === name || (sap !== undefined && device.sap === Number(sap))) return device;
      const { secondaryAddress } = device.row;
      if (secondaryAddress === undefined || !secondaryAddress.toUpperCase().startsWith(name.toUpperCase())) continue;
      if (name.length !== 8 && name.length !== 16) continue;
      isAmbiguous ||= byAddress !== undefined;
      byAddress = device;
    }
    return isAmbiguous ? undefined : byAddress;
  }

  /** A checked meter as it would be given. */
  draftOfNew(meter: NewMeter): MeterDraft {
    return draftOf(meter, this.placeOf(meter.interfaceName));
  }

  /** The whole meter as a file has it. */
  writtenOf(draft: MeterDraft): MeterDraft {
    return effectiveDraft(draft, draft.interfaceName === undefined ? undefined : this.placeOf(draft.interfaceName));
  }

  /** The whole meter as it would be given. */
  draftOf(device: MeterDevice): MeterDraft {
    return draftOf(device.row, this.placeOf(device.row.interfaceName));
  }

  private isFull(): boolean {
    const limit = this.parts.activeLimit?.();
    return limit !== undefined && this.counts().active + this.activating >= limit;
  }

  /** A meter on its way to be active has its place within the limit already, so that many at once do not pass it. */
  private async counted(isActivated: boolean, write: () => Promise<ListOutcome>): Promise<ListOutcome> {
    if (!isActivated) return write();
    this.activating += 1;
    try {
      return await write();
    } finally {
      this.activating -= 1;
    }
  }

  private index(device: MeterDevice): void {
    const { row } = device;
    this.indexed.set(row.id, row);
    this.all += 1;
    if (row.isPassive === true) this.passive += 1;
    const bus = this.byBus.get(row.interfaceName) ?? new Map<number, MeterDevice>();
    this.byBus.set(row.interfaceName, bus.set(row.id, device));
    const key = digitsKey(row);
    this.byDigits.set(key, (this.byDigits.get(key) ?? new Set()).add(row.id));
  }

  private unindex(meterId: number): void {
    const row = this.indexed.get(meterId);
    if (row === undefined) return;
    this.indexed.delete(meterId);
    this.all -= 1;
    if (row.isPassive === true) this.passive -= 1;
    this.byBus.get(row.interfaceName)?.delete(row.id);
    const alike = this.byDigits.get(digitsKey(row));
    alike?.delete(row.id);
    if (alike?.size === 0) this.byDigits.delete(digitsKey(row));
  }

  private tell(change: MeterListChange): void {
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.parts.logger.error("a listener to the meter list failed", { change: change.kind, error: String(error) });
      }
    }
  }
}

const gone: ListOutcome = {
  ok: false,
  problems: [{ field: undefined, message: "the meter was removed meanwhile" }],
  isConflict: true,
};

function taken(occupant: MeterDevice | undefined, place: MeterPlace): ListOutcome {
  const who = occupant === undefined ? "a meter that is being added" : `${occupant.name} (SAP ${occupant.sap})`;
  const isPrimary = isAskedByPrimary(place);
  const advice = isPrimary ? "give this one another address" : "change that one, or give both a fabricationNumber";
  const message = `${who} has this interface and address already: ${advice}`;
  return {
    ok: false,
    problems: [{ field: isPrimary ? "primaryAddress" : "secondaryAddress", message }],
    isConflict: true,
  };
}

/** Still found by the place it had: not moved, and its address says no less of it than before. */
function isStillFoundBy(before: MeterPlace, after: MeterPlace): boolean {
  if (digitsKey(before) !== digitsKey(after)) return false;
  if (isAskedByPrimary(before)) return true;
  const [was, is] = [before, after].map(({ secondaryAddress }) =>
    (secondaryAddress ?? "").toUpperCase().padEnd(16, "F"),
  );
  return addressRanges.every(([from, to]) => {
    const part = was?.slice(from, to) ?? "";
    return /^F+$/.test(part) || part === is?.slice(from, to);
  });
}

/** A meter of the list written as one would give it, and changes laid over it. */
import type { MeterRow } from "../../ports/index.js";
import type { KnownInterface } from "./check-meter.js";
import type { MeterChanges, MeterDraft } from "./contract.js";
import { addressParts } from "./written-address.js";

export function draftOf(
  row: Omit<MeterRow, "id" | "sap" | "logicalDeviceName" | "kind">,
  place: KnownInterface | undefined,
): MeterDraft {
  const { identification, manufacturer, version, type } = addressParts(row.secondaryAddress);
  return {
    interfaceName: row.interfaceName,
    position: row.position,
    secondaryAddress: identification === "FFFFFFFF" ? undefined : identification,
    manufacturer,
    version,
    type,
    primaryAddress: row.primaryAddress,
    baudRate: row.baudRate,
    addressingMode: place?.kind === "wireless" ? "wireless" : row.addressingMode,
    fabricationNumber: row.fabricationNumber,
    receiver: row.receiver,
    state: row.isPassive === true ? "passive" : "active",
    mbus: row.mbus,
  };
}

/** With what the meter has of its bus and by its addresses: for files, which name it. */
export function effectiveDraft(draft: MeterDraft, place: KnownInterface | undefined): MeterDraft {
  const { primaryAddress, addressingMode } = draft;
  const mode = addressingMode ?? (primaryAddress === undefined ? "secondary" : "primary");
  const baudRate = place?.kind === "wired" ? (draft.baudRate ?? place.baudRate) : undefined;
  return { ...draft, addressingMode: place?.kind === "wireless" ? "wireless" : mode, baudRate };
}

/** What is not named stays; null takes away. A new secondary address, interface or mode takes with it what hung on the old. */
export function changedDraft(draft: MeterDraft, changes: MeterChanges): MeterDraft {
  const isReaddressed = changes.secondaryAddress !== undefined && changes.secondaryAddress !== draft.secondaryAddress;
  const isMoved = changes.interfaceName !== undefined && changes.interfaceName !== draft.interfaceName;
  const base: MeterDraft = {
    ...draft,
    ...(isReaddressed
      ? { manufacturer: undefined, version: undefined, type: undefined, fabricationNumber: undefined }
      : {}),
    ...(isMoved ? { receiver: undefined, addressingMode: undefined, baudRate: undefined } : {}),
  };
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const merged = { ...base, ...Object.fromEntries(given.map(([field, value]) => [field, value ?? undefined])) };
  if (changes.mbus !== undefined && changes.mbus !== null)
    return { ...merged, mbus: { ...draft.mbus, ...changes.mbus } };
  return merged;
}

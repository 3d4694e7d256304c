/**
 * Another meter in the place of one: the old one keeps name, SAP and history, is passive and leaves its address to the
 * new one, which takes over bus, position and settings.
 */
import type { MeterDevice } from "../../mapping/index.js";
import { isAskedByPrimary } from "../../mapping/index.js";
import type { MeterChanges, MeterDraft } from "./contract.js";
import { changedDraft } from "./draft.js";
import type { ListOutcome, MeterList } from "./meter-list.js";

export async function replaceMeter(list: MeterList, old: MeterDevice, given: MeterChanges): Promise<ListOutcome> {
  const before = list.draftOf(old);
  const isDeclared = old.row.isDeclared === true;
  const { identification, manufacturer, version, type } = list.identityOf(old);
  if (identification === undefined) {
    return problem("it was never read, so that nothing goes on from it: remove it and add the new one");
  }
  if (isDeclared && old.row.secondaryAddress !== undefined) {
    return problem(
      "the settings file names this meter by its secondary address: write the new one there too, restart, then join both " +
        "with series swap",
    );
  }
  const next = successorOf(before, given);
  if (!isAskedByPrimary(old.row) && next.secondaryAddress === undefined) {
    return problem("that of the new meter is wanted", "secondaryAddress");
  }
  // By its secondary address the old one is still known for what it is, should it come back.
  const parted: MeterDraft = {
    ...before,
    secondaryAddress: identification,
    manufacturer,
    version,
    type,
    primaryAddress: undefined,
    addressingMode: before.addressingMode === "primary" ? "secondary" : before.addressingMode,
    state: "passive",
  };
  if (isDeclared) await list.update(old, { isDeclared: undefined });
  const left = await list.change(old, parted);
  if (!left.ok) {
    if (isDeclared) await list.update(old, { isDeclared });
    return left;
  }
  const added = await list.add(next, { isDeclared });
  if (added.ok) return added;
  await list.change(left.device, before);
  if (isDeclared) await list.update(left.device, { isDeclared });
  return added;
}

/** What is of the meter itself does not go over; what is of its place does. */
function successorOf(before: MeterDraft, given: MeterChanges): MeterDraft {
  const place: MeterDraft = {
    ...before,
    secondaryAddress: undefined,
    manufacturer: undefined,
    version: undefined,
    type: undefined,
    fabricationNumber: undefined,
    receiver: before.addressingMode === "wireless" ? undefined : before.receiver,
    state: "active",
  };
  return changedDraft(place, given);
}

function problem(message: string, field?: keyof MeterDraft): ListOutcome {
  return { ok: false, problems: [{ field, message }], isConflict: field === undefined };
}

import { isAskedByPrimary } from "../mapping/index.js";
import type { Readout, ReadoutPlan } from "../readout/index.js";
import type { KeyRing } from "../services/keys/index.js";
import type { MeterList } from "../services/meter-list/index.js";
import type { MeterActions } from "./management/index.js";

/** Free addresses are looked for in the range of EN 13757-2. */
const largestPrimaryAddress = 250;

export function createMeterActions(parts: {
  readonly list: MeterList;
  readonly keys: KeyRing;
  readonly plan: ReadoutPlan;
  readonly readout: Pick<Readout, "command">;
}): MeterActions {
  const { list, keys, plan, readout } = parts;
  return {
    async command(meterId, command) {
      const planned = plan.find(meterId);
      return planned === undefined ? undefined : readout.command(planned.busName, planned.target, command);
    },
    freeAddress(meterId) {
      const busName = list.device(meterId)?.row.interfaceName;
      const taken = new Set<number | undefined>();
      for (const { row } of list.devices()) if (row.interfaceName === busName) taken.add(row.primaryAddress);
      for (let address = 1; address <= largestPrimaryAddress; address++) if (!taken.has(address)) return address;
      return undefined;
    },
    heldAddress(meterId) {
      const row = list.device(meterId)?.row;
      if (row?.isDeclared !== true || !isAskedByPrimary(row)) return undefined;
      return "the settings file names this meter by its primary address: change it there";
    },
    async change(meterId, change) {
      const device = list.device(meterId);
      if (device === undefined) return "the meter is not on the list";
      const draft = list.draftOf(device);
      const { state, primaryAddress } = change;
      // A meter that is asked by its secondary address goes on to be.
      const isByPrimary = draft.addressingMode === "primary" || draft.secondaryAddress === undefined;
      const outcome = await list.change(device, {
        ...draft,
        ...(state === undefined ? {} : { state }),
        ...(primaryAddress === undefined || !isByPrimary ? {} : { primaryAddress }),
      });
      return outcome.ok ? undefined : outcome.problems.map(({ message }) => message).join("; ");
    },
    async setKey(meterId, key) {
      const former = keys.index.linkedTo(meterId).map(({ id }) => id);
      if (key !== undefined) {
        const pattern = { address: undefined, manufacturer: undefined, deviceType: undefined, version: undefined };
        await keys.add([{ ...pattern, meterId, secret: key }]);
      }
      if (former.length > 0) await keys.remove(former);
    },
  };
}

/** Who holds which bus, and who waits: Data 0-128:96.20.0*255 of the management device, read-only. */
import {
  type CosemObject,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  type Data,
  nullData,
} from "../../../cosem/index.js";
import { dataObject } from "./data-objects.js";

export interface HeldBus {
  readonly bus: string;
  readonly isOpen: boolean;
  readonly holder: string | undefined;
  readonly heldSinceMs: number | undefined;
  readonly waiting: readonly { readonly holder: string; readonly priority: number }[];
}

/**
 * An array of structures: name, is it open, holder (empty: nobody), held since (date-time in an octet-string, or
 * null-data), and those who wait in the order in which they are served, each with its priority.
 */
export function createBusHolders(
  buses: () => readonly HeldBus[],
  deviationAt: (instantMs: number) => number,
): CosemObject {
  return dataObject("0-128:96.20.0*255", () => ({
    type: "array",
    value: buses().map(
      ({ bus, isOpen, holder, heldSinceMs, waiting }): Data => ({
        type: "structure",
        value: [
          text(bus),
          { type: "boolean", value: isOpen },
          text(holder ?? ""),
          heldSinceMs === undefined ? nullData : timeOf(heldSinceMs, deviationAt(heldSinceMs)),
          { type: "array", value: waiting.map(waiterOf) },
        ],
      }),
    ),
  }));
}

function waiterOf({ holder, priority }: { readonly holder: string; readonly priority: number }): Data {
  return { type: "structure", value: [text(holder), { type: "integer", value: priority }] };
}

/** Names of interfaces are people's own words: what is not ASCII has no place in a visible-string. */
function text(words: string): Data {
  return { type: "octet-string", value: new TextEncoder().encode(words) };
}

function timeOf(instantMs: number, deviation: number): Data {
  return { type: "octet-string", value: cosemDateTimeToBytes(cosemDateTimeFromInstant(instantMs, deviation, 0)) };
}

/** A meter's newest telegrams as they came, explained; from the store where they are no longer in memory. */
import type { MeterDevice, ReceivedBytes } from "../../mapping/index.js";
import {
  type Explanation,
  explainApplication,
  explainWireless,
  type ManufacturerFields,
  unpackPayload,
  type WirelessOptions,
} from "../../mbus/index.js";
import type { NewestTelegrams, ShownTelegram } from "./contract.js";

/** @param options  what opens the meter's wireless telegrams */
export function newestTelegrams(device: MeterDevice, options: WirelessOptions): NewestTelegrams | undefined {
  const { newest, received, refused, meterKind } = device;
  if (newest === undefined && refused === undefined) return undefined;
  const fields: ManufacturerFields = (_, data) => meterKind?.readManufacturerData(data) ?? [];

  function shown({ kind, frames }: ReceivedBytes, stored: readonly Uint8Array[]): ShownTelegram[] {
    return frames.map((bytes, index) => {
      if (kind === "wireless") {
        return { source: "received", bytes, explanation: explainWireless(bytes, options, fields), opened: undefined };
      }
      const plain = stored[index];
      const opened = plain && opening(explainApplication(plain, { manufacturerFields: fields }));
      return {
        source: "received",
        bytes,
        explanation: explainApplication(bytes, { manufacturerFields: fields }),
        opened,
      };
    });
  }

  function readingShown({ payload, number, readAtMs }: NonNullable<typeof newest>): NewestTelegrams["reading"] {
    const stored = unpackPayload(payload);
    const isInMemory = received?.number === number;
    if (isInMemory && received.bytes !== undefined) {
      return { number, readAtMs, telegrams: shown(received.bytes, stored) };
    }
    const source = isInMemory ? "received" : "stored";
    const telegrams = stored.map((bytes): ShownTelegram => {
      return {
        source,
        bytes,
        explanation: explainApplication(bytes, { manufacturerFields: fields }),
        opened: undefined,
      };
    });
    return { number, readAtMs, telegrams };
  }

  return {
    reading: newest && readingShown(newest),
    notKept: refused && { atMs: refused.atMs, message: refused.message, telegrams: shown(refused.bytes, []) },
  };
}

const opening = (explanation: Explanation): Explanation => ({
  ...explanation,
  title: "opened, as stored: the records in plain behind a header of our own",
});

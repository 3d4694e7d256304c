/**
 * A live readout on GET, as a cme3100 makes it: a value older than a minute is read anew before it is answered. Equal
 * requests share one readout; who waits too long, or for a meter that does not answer, gets the last value, and such a
 * meter is left alone for a minute.
 */
import type { Registry } from "../../../cosem/index.js";
import type { ServedMeter } from "../../mapping/index.js";
import type { Clock, Logger } from "../../ports/index.js";

export interface LiveReadoutParts {
  readonly registry: Pick<Registry, "subscribe">;
  /** Undefined: it cannot be read now. */
  readOne(meterId: number): Promise<{ readonly ok: boolean } | undefined> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a request waits. */
  readonly limitMs: number;
}

/** @returns what to wait for; undefined: the value at hand is to be answered */
export type Freshen = (meter: ServedMeter, newestAtMs: number | undefined) => Promise<void> | undefined;

const freshMs = 60_000;

interface Waiting {
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export function createLiveReadout({ registry, readOne, clock, logger, limitMs }: LiveReadoutParts): Freshen {
  const waiting = new Map<number, Waiting>();
  /** By SAP: when one was begun, on the clock that only grows. */
  const begun = new Map<number, number>();
  registry.subscribe((notice) => {
    if (notice.kind === "readingCommitted") waiting.get(notice.device.sap)?.end();
  });

  function begin(meter: ServedMeter): Promise<void> | undefined {
    const { sap, id } = meter.row;
    const readout = readOne(id);
    if (readout === undefined) return undefined;
    begun.set(sap, clock.monotonic());
    const { promise: ended, resolve } = withResolver();
    const cancel = clock.after(limitMs, () => end());
    const end = () => {
      cancel();
      waiting.delete(sap);
      resolve();
    };
    waiting.set(sap, { ended, end });
    readout.then(
      // A good one ends with its commit.
      (outcome) => (outcome?.ok === true ? undefined : end()),
      (error: unknown) => {
        logger.error("live readout failed", { device: meter.name, error: String(error) });
        end();
      },
    );
    return ended;
  }

  return (meter, newestAtMs) => {
    if (newestAtMs !== undefined && clock.now() - newestAtMs < freshMs) return undefined;
    const { sap } = meter.row;
    const running = waiting.get(sap);
    if (running !== undefined) return running.ended;
    const before = begun.get(sap);
    return before !== undefined && clock.monotonic() - before < freshMs ? undefined : begin(meter);
  };
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

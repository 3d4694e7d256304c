/** How long each meter takes to answer, so that one slow meter does not make the silence of all others long. */
import { ResponseTimes } from "../mbus/index.js";

/** Answers of one meter that are remembered, and those needed before anything is said. */
const remembered = 8;
const needed = 3;

interface Known {
  readonly times: ResponseTimes;
  count: number;
}

export class MeterTimes {
  private readonly known = new Map<number, Known>();

  heard(meterId: number, responseMs: number): void {
    const known = this.known.get(meterId) ?? { times: new ResponseTimes(remembered), count: 0 };
    this.known.set(meterId, known);
    known.times.heard(responseMs);
    known.count += 1;
  }

  /** It kept silent: what was learned does not hold any more. */
  silent(meterId: number): void {
    this.known.delete(meterId);
  }

  /** For a first try; at least what EN 13757-2 gives a slave, at most `mostMs`. Undefined: too little is known. */
  timeoutMs(meterId: number, baudRate: number, line: "direct" | "network", mostMs: number): number | undefined {
    const known = this.known.get(meterId);
    return known === undefined || known.count < needed ? undefined : known.times.timeoutMs(baudRate, line, mostMs);
  }
}

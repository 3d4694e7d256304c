/**
 * Measurement series: one for each record of each meter, made by itself and named by its address; computed ones, by an
 * expression over others; two meters joined at a swap.
 */
import type { Principal } from "../../../cosem/index.js";

/** A computed series as an admin wrote it. */
export interface SeriesDefinition {
  /** Letters, digits, `-`, `_`, `.` and inner blanks; at most 64. */
  readonly name: string;
  readonly expression: string;
  /** Needed where a factor makes another unit of it; otherwise that of the expression. */
  readonly unit?: string | undefined;
  readonly description?: string | undefined;
  /** How far apart values of several meters may be to belong together, in minutes; default 15. */
  readonly toleranceMinutes?: number | undefined;
  /** Its register on the management device: 0-128:199.<number / 256>.<number % 256>*255. Given once, never again. */
  readonly number: number;
}

export type NewDefinition = Omit<SeriesDefinition, "number">;

export interface SeriesSummary {
  /** Address of the record, or name of the computed series. */
  readonly id: string;
  readonly kind: "record" | "computed";
  readonly name: string;
  readonly unit: string;
  /** Of a computed one. */
  readonly expression: string | undefined;
  /** Why a computed one gives nothing now, e.g. a meter that is gone. */
  readonly problem: string | undefined;
}

export interface SeriesValue {
  readonly atMs: number;
  /** Of a period: its end, exclusive. */
  readonly toMs: number | undefined;
  /** Exact decimal text. */
  readonly value: string | undefined;
  /** Why there is none. */
  readonly note: string | undefined;
  /** Of the readings behind it, all bits together; 0: nothing is wrong. */
  readonly quality: number;
}

export interface SeriesPage {
  readonly unit: string;
  readonly values: readonly SeriesValue[];
  /** Ask from here on for more; undefined at the end. */
  readonly nextFromMs: number | undefined;
}

export interface MeterSwap {
  /** Logical device names. */
  readonly before: string;
  readonly after: string;
  /** From when on the new meter counts. */
  readonly atMs: number;
  /** By OBIS code: what the old meter showed last and the new one first; otherwise their readings around the moment. */
  readonly readings?: Readonly<Record<string, { readonly final: string; readonly first: string }>> | undefined;
}

/** A demand that cannot be met: what was wrong, where, and what to do. */
export class SeriesError extends Error {
  readonly kind: "denied" | "unknown" | "invalid" | "conflict";

  constructor(kind: SeriesError["kind"], message: string) {
    super(message);
    this.name = "SeriesError";
    this.kind = kind;
  }
}

/** Each call checks the right; without it, as if there were nothing. @throws SeriesError */
export interface SeriesService {
  list(
    principal: Principal,
    query: { readonly device?: string | undefined; readonly after?: string | undefined; readonly limit: number },
  ): { readonly series: readonly SeriesSummary[]; readonly nextAfter: string | undefined };
  get(principal: Principal, id: string): SeriesSummary | undefined;
  definition(principal: Principal, name: string): SeriesDefinition | undefined;
  /** Oldest first; inclusive. */
  values(
    principal: Principal,
    id: string,
    query: { readonly fromMs?: number | undefined; readonly toMs?: number | undefined; readonly limit: number },
  ): Promise<SeriesPage>;
  /** What an expression would be, without keeping it. */
  check(principal: Principal, definition: NewDefinition): { readonly unit: string; readonly series: readonly string[] };
  define(principal: Principal, definition: NewDefinition): Promise<SeriesDefinition>;
  remove(principal: Principal, name: string): Promise<void>;
  /** One series for each counter that both meters have, named `<old device>+<OBIS>`, going on without a step. */
  swap(principal: Principal, swap: MeterSwap): Promise<readonly SeriesDefinition[]>;
}

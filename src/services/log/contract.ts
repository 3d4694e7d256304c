/** The system log for those who look at it. Each call checks the right `log.read`. */
import type { Principal } from "../../../cosem/index.js";
import type { LogSeverity } from "../../ports/index.js";
import type { Refusable } from "../refusal.js";

export type { LogSeverity } from "../../ports/index.js";

export interface LogEntry {
  readonly id: number;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  /** Minutes, UTC = local + deviation, of the gateway's zone at that time. */
  readonly deviationMinutes: number;
  /** COSEM clock status. */
  readonly clockStatus: number;
  readonly severity: LogSeverity;
  readonly origin: string;
  /** Of the table of texts. */
  readonly textId: number;
  /** The text with its parameters. */
  readonly text: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface LogQuery {
  /** Inclusive, milliseconds since 1970 UTC. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** This and above. */
  readonly minimumSeverity?: LogSeverity | undefined;
  /** A section, `meter`, or the whole, `meter/GWF19458309073C`. */
  readonly origin?: string | undefined;
  readonly textId?: number | undefined;
  /** Older than this entry. */
  readonly beforeId?: number | undefined;
  /** Newer than this entry, the oldest first. */
  readonly afterId?: number | undefined;
  /** At most 1000. */
  readonly limit: number;
}

export interface LogPage {
  /** Newest first; with `afterId` oldest first. */
  readonly entries: readonly LogEntry[];
  /** Whether there may be more behind the last one. */
  readonly hasMore: boolean;
}

export interface LogTextRow {
  readonly id: number;
  readonly text: string;
  readonly section: string;
  readonly cosemLog: "none" | "event" | "fraud";
}

export interface LogService {
  page(principal: Principal, query: LogQuery): Promise<Refusable<LogPage>>;
  /** All that fit, in pieces of CSV (RFC 4180), oldest first; memory does not grow with the log. */
  csv(principal: Principal, query: Omit<LogQuery, "limit" | "beforeId" | "afterId">): Refusable<AsyncIterable<string>>;
  texts(): readonly LogTextRow[];
}

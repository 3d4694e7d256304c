/** What a push report run takes and gives. */
import type { Principal } from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import type { DeliveryFailure, DeliveryService } from "../../services/delivery/contract.js";
import type { MeterService } from "../../services/meters/contract.js";
import type { ReportSettings } from "../../settings/types.js";
import type { ReportLayout } from "./report-layout.js";

/** Durable state, one text a key (ReadingStore has it). */
export interface ReportState {
  getState(key: string): Promise<string | undefined>;
  setState(key: string, value: string): Promise<void>;
}

/** How text is written; PRODUCT rows 94, 95 and part E1. */
export interface ReportConventions {
  readonly decimalSeparator: "." | ",";
  readonly separator: ";" | "," | "\t";
  readonly encoding: "windows-1252" | "iso-8859-1" | "utf-8";
  /** IANA name, e.g. `Europe/Paris`. */
  readonly timeZone: string;
  /** True: `created` carries its offset, e.g. `2026-10-01 20:00:00+02:00`. */
  readonly showOffset: boolean;
}

export const defaultConventions: ReportConventions = {
  decimalSeparator: ".",
  separator: ";",
  encoding: "windows-1252",
  timeZone: "UTC",
  showOffset: false,
};

export interface PushOptions {
  readonly meters: MeterService;
  /** Association `push`. */
  readonly principal: Principal;
  readonly delivery: DeliveryService;
  readonly state: ReportState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reports: readonly ReportSettings[];
  /** By template name: `x115`. */
  readonly layouts: ReadonlyMap<string, ReportLayout>;
  readonly conventions?: Partial<ReportConventions>;
  /** Serial number of the gateway, the first column and part of each file name. */
  readonly serial: string;
  /** Another plan than the report's own `retries` and `retryDelaySeconds`, e.g. adaptiveRetryPlan() of its period. */
  readonly retryPlan?: (report: ReportSettings) => { readonly tries: number; readonly delaySeconds: number };
  /** Where report files are made before they are sent; exists, and is writable. */
  readonly folder: string;
}

export type ReceiverOutcome =
  | { readonly receiver: string; readonly status: "delivered"; readonly fileName: string; readonly rows: number }
  | { readonly receiver: string; readonly status: "nothingNew" }
  | {
      readonly receiver: string;
      readonly status: "failed";
      readonly fileName: string;
      readonly rows: number;
      readonly reason: DeliveryFailure;
      readonly message: string;
    };

export interface ReportOutcome {
  readonly report: string;
  /** True when every receiver has all that there is. */
  readonly ok: boolean;
  /** In the order of the settings. */
  readonly receivers: readonly ReceiverOutcome[];
}

export interface PushView {
  /**
   * Makes and delivers one report, all receivers at once. A run asked for while one of the same report is under way
   * joins that one.
   * @throws RangeError when no report has this name
   */
  run(reportName: string): Promise<ReportOutcome>;
}

/** What the radio receivers hear: every meter in the air, installed or not, and how the receivers are doing. */
import type { Principal } from "../../../cosem/index.js";
import type { ReceiverStatus, Reception, ReceptionPage } from "../../ports/index.js";

export type { ReceiverStatus, Reception, ReceptionLink } from "../../ports/index.js";

/** A reception with what the gateway knows beside it. */
export interface ReceptionSummary extends Reception {
  readonly mediumName: string;
  /** Logical device name or `sap<n>` of the installed meter; undefined: not installed. */
  readonly device: string | undefined;
}

/** Each call checks the right `receptions.read` of the principal: without it there is nothing. */
export interface ReceptionService {
  /** In the order of first being heard. */
  list(principal: Principal, query: { afterNumber?: number; limit: number }): ReceptionPage<ReceptionSummary>;
  /** In the order of the settings. */
  receivers(principal: Principal): readonly ReceiverStatus[];
}

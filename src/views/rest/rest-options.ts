import type { Principal, Registry } from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import type { AccountService } from "../../services/accounts/contract.js";
import type { CommissionService } from "../../services/commission/contract.js";
import type { FileService } from "../../services/files/contract.js";
import type { HistoryService } from "../../services/history/contract.js";
import type { JobService } from "../../services/jobs/contract.js";
import type { KeyService } from "../../services/keys/contract.js";
import type { LicenceService } from "../../services/licences/contract.js";
import type { LogService } from "../../services/log/contract.js";
import type { MeterListService } from "../../services/meter-list/contract.js";
import type { MeterService } from "../../services/meters/contract.js";
import type { ReadoutService } from "../../services/readouts/contract.js";
import type { ReceptionService } from "../../services/reception/contract.js";
import type { SearchService } from "../../services/search/contract.js";
import type { SeriesService } from "../../services/series/contract.js";
import type { SettingsService } from "../../services/settings/contract.js";

/** What only the host knows of the running gateway; asked anew for each answer. */
export interface GatewayFacts {
  readonly productName: string;
  readonly version: string;
  /** Milliseconds since 1970 UTC. */
  readonly startedAtMs: number;
  /** Doors that are open. */
  doors(): readonly { readonly name: string; readonly port: number }[];
  /** What an admin should know, one sentence each. */
  notices(): readonly string[];
  /** What the DLMS doors turned away since the start; without it none is told. */
  refusals?(): readonly { readonly what: string; readonly reason: string; readonly count: number }[];
  /** Minutes, UTC = local + deviation, of the gateway's own zone at a moment; without it times are in UTC. */
  deviationMinutes?(instantMs: number): number;
}

/** Which meters there are, their keys, search and commission report. */
export interface InstallationServices {
  readonly list: MeterListService;
  readonly keys: KeyService;
  readonly search: SearchService;
  readonly commission: CommissionService;
}

/** Settings and files. */
export interface UpkeepServices {
  readonly settings: SettingsService;
  readonly files: FileService;
}

export interface RestOptions {
  /** Undefined: settings cannot be changed nor files be made (the demo). */
  readonly upkeep?: UpkeepServices | undefined;
  readonly registry: Registry;
  readonly meters: MeterService;
  /** Undefined: nothing is told of the storage. */
  readonly history?: HistoryService | undefined;
  /** Undefined: there are no measurement series. */
  readonly series?: SeriesService | undefined;
  /** Undefined: nothing is told of licences. */
  readonly licences?: LicenceService | undefined;
  /** Undefined: nothing is told of the log. */
  readonly log?: LogService | undefined;
  /** The meter list and what belongs to it; undefined: those calls are not there. */
  readonly installation?: InstallationServices | undefined;
  /** Undefined: nothing is told of jobs. */
  readonly jobs?: JobService | undefined;
  /** Undefined: nothing is told of readouts, and none started. */
  readonly readouts?: ReadoutService | undefined;
  /** Undefined: there are no radio receivers. */
  readonly receptions?: ReceptionService | undefined;
  /** Undefined (tests): every request has the rights of `principal`. */
  readonly accounts?: AccountService | undefined;
  /** The demo alone: who is not logged in has the rights of `principal`. */
  readonly isOpen?: boolean | undefined;
  /** Of event streams, and of callers without a login where there may be such; `peer` is filled in per request. */
  readonly principal: Principal;
  readonly gateway: GatewayFacts;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Address to listen on, e.g. `127.0.0.1`. */
  readonly host: string;
  /** 0: any free port (tests). */
  readonly port: number;
  /** Folder of the built web pages (`dist/web`); undefined: no pages. */
  readonly webRoot: string | undefined;
  /** Names that a Host header may carry beside localhost, 127.0.0.1 and [::1]. */
  readonly allowedHosts?: readonly string[];
  /** Addresses and ranges of proxies whose X-Forwarded-… headers are believed; default: nobody's are. */
  readonly trustedProxies?: readonly string[];
  /** Most clients of /events at once; default 64. */
  readonly maxEventClients?: number;
}

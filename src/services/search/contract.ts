/** Search for meters (PRODUCT.md, rows 37, 66 and 74): what is found is installed and read. One search at a time. */
import type { Principal } from "../../../cosem/index.js";
import type { Refusable } from "../refusal.js";

/** `esecondary`: wireless meters behind receivers on a wired bus, which answer to secondary selection. */
export type SearchModeName = "primary" | "secondary" | "esecondary" | "wireless";

export interface MeterSearchRequest {
  /** In this order on each bus; default: secondary. */
  readonly modes?: readonly SearchModeName[] | undefined;
  /** Buses and groups of receivers; default: all that a mode is for. Buses are searched side by side. */
  readonly interfaces?: readonly string[] | undefined;
  /** In this order; default: the rate of each bus, then that of the settings. A line that cannot be switched keeps its own. */
  readonly baudRates?: readonly number[] | undefined;
  /** Ends as soon as so many meters are found, known ones included; default: searches all. */
  readonly meterCount?: number | undefined;
  /** Takes the meters of these interfaces off the list first, those of the settings file excepted. Their history stays. */
  readonly clearList?: boolean | undefined;
  /** Primary addresses, both included; default 0 to 250. */
  readonly firstPrimary?: number | undefined;
  readonly lastPrimary?: number | undefined;
  /** Secondary: hex digits and both control fields everywhere; about three times as long. */
  readonly isThorough?: boolean | undefined;
  /** How often a try without an answer is repeated. */
  readonly retries?: number | undefined;
  /** Idle before each try, milliseconds. */
  readonly requestIdleMs?: number | undefined;
  /** Wireless: listens so long for meters not heard before; 0: takes those heard already. */
  readonly listenSeconds?: number | undefined;
}

export interface FoundMeter {
  readonly interfaceName: string;
  readonly mode: SearchModeName;
  /** Digits, or `primary 5`. */
  readonly address: string;
  /** Name on the list; undefined: it could not be installed. */
  readonly device: string | undefined;
  /** `new`, `known`: was on the list before, `refused`. */
  readonly result: "new" | "known" | "refused";
  /** How its first readout went, or why it was refused; undefined: not read yet. */
  readonly message: string | undefined;
}

export interface InterfaceSearch {
  readonly interfaceName: string;
  readonly state: "waiting" | "searching" | "reading" | "done";
  readonly mode: SearchModeName | undefined;
  readonly baudRate: number | undefined;
  /** Addresses tried. */
  readonly tried: number;
  readonly found: number;
  /** Of all modes and rates, 0 to 1. */
  readonly share: number;
  /** How it ended. */
  readonly message: string | undefined;
}

export interface SearchStatus {
  readonly isRunning: boolean;
  /** Milliseconds since 1970 UTC; undefined: no search was started yet. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** How it ended, in words. */
  readonly message: string | undefined;
  readonly tried: number;
  /** 0 to 1. */
  readonly share: number;
  /** An estimate; undefined before there is anything to go by. */
  readonly secondsLeft: number | undefined;
  /** Taken off the list first. */
  readonly cleared: number;
  readonly interfaces: readonly InterfaceSearch[];
  /** The first 1,000. */
  readonly found: readonly FoundMeter[];
  readonly foundCount: number;
  /** Secondary masks behind which meters could not be told apart, and primary addresses that several meters have. */
  readonly unresolved: readonly string[];
}

/** Each call checks `search.start` or `meters.read`. */
export interface SearchService {
  start(principal: Principal, request: MeterSearchRequest): Promise<Refusable<SearchStatus>>;
  status(principal: Principal): Refusable<SearchStatus>;
  /** What was found stays. */
  cancel(principal: Principal): Promise<Refusable<SearchStatus>>;
}

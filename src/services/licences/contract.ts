/** Licences: what is installed, what it allows. `licences.read` to see, `licences.write` to install. */
import type { Principal } from "../../../cosem/index.js";
import type { Refusable } from "../refusal.js";
import type { CheckedLicence } from "./licence-file.js";

export type { CheckedLicence, Feature, Licence, LicenceFault } from "./licence-file.js";

export interface LicenceReport {
  readonly serial: string;
  /** Off (the open build): nothing is limited. */
  readonly isEnforced: boolean;
  /** Undefined: no limit. */
  readonly activeMeters: number | undefined;
  /** Undefined: all. */
  readonly features: readonly string[] | undefined;
  readonly installed: readonly CheckedLicence[];
}

export interface LicenceService {
  report(principal: Principal): Refusable<LicenceReport>;
  /** Keeps a file whose signature, serial number and dates are good. */
  install(principal: Principal, text: string): Promise<Refusable<LicenceReport>>;
}

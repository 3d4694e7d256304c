export type { LicenceReport, LicenceService } from "./contract.js";
export {
  type CheckedLicence,
  checkLicence,
  type Feature,
  features,
  type Licence,
  type LicenceFault,
  parseIssuerKey,
  performances,
  writeLicence,
} from "./licence-file.js";
export {
  createLicences,
  faultWords,
  type LicenceParts,
  type Licences,
  metersWithoutLicence,
} from "./licence-service.js";

import type { KeyObject } from "node:crypto";
import { type ChangeRecorder, demand, refusedRight } from "../recorder.js";
import { accepted, refusal } from "../refusal.js";
import type { LicenceReport, LicenceService } from "./contract.js";
import { type CheckedLicence, checkLicence, type Feature, type LicenceFault } from "./licence-file.js";

export interface LicenceParts {
  readonly serial: string;
  readonly isEnforced: boolean;
  /** Undefined: no issuer is known. */
  readonly issuer: KeyObject | undefined;
  /** Texts of the files installed so far. */
  readonly installed: readonly string[];
  /** Keeps a file. */
  keep(id: string, text: string): Promise<void>;
  now(): number;
  /** What is allowed has changed. */
  changed(): void;
  readonly recorder: ChangeRecorder;
}

export interface Licences extends LicenceService {
  /** Most active meters; undefined: no limit. */
  activeLimit(): number | undefined;
  allows(feature: Feature): boolean;
  installed(): readonly CheckedLicence[];
}

/** Row 14: without a licence. */
export const metersWithoutLicence = 8;

export const faultWords: Readonly<Record<LicenceFault, string>> = {
  notALicence: "the file is no licence; ask its issuer for it again",
  noIssuerKey: "no issuer is known; set licence.issuerPublicKey",
  tampered: "the signature is not the issuer's over this text; ask for the file again",
  otherSerial: "the licence is for another serial number",
  expired: "the licence is no longer valid; ask its issuer for a new one",
};

export function createLicences(parts: LicenceParts): Licences {
  const texts = [...parts.installed];
  const check = (text: string): CheckedLicence =>
    checkLicence(text, parts.issuer, { serial: parts.serial, nowMs: parts.now() });
  const valid = () =>
    texts.flatMap((text) => {
      const { licence, fault } = check(text);
      return licence !== undefined && fault === undefined ? [licence] : [];
    });

  const activeLimit = (): number | undefined => {
    if (!parts.isEnforced) return undefined;
    return Math.max(metersWithoutLicence, ...valid().map(({ performance }) => performance ?? 0));
  };
  const report = (): LicenceReport => ({
    serial: parts.serial,
    isEnforced: parts.isEnforced,
    activeMeters: activeLimit(),
    features: parts.isEnforced ? [...new Set(valid().flatMap((licence) => licence.features))] : undefined,
    installed: texts.map(check),
  });

  return {
    activeLimit,
    installed: () => texts.map(check),
    allows: (feature) => !parts.isEnforced || valid().some((licence) => licence.features.includes(feature)),
    report: (principal) => demand(principal, "licences.read") ?? accepted(report()),
    async install(principal, text) {
      const { licence, fault } = check(text);
      const target = licence?.id ?? "";
      const told = { recorder: parts.recorder, action: "licences.install", target };
      const refused = refusedRight(principal, "licences.write", told);
      if (refused !== undefined) return refused;
      if (licence === undefined || fault !== undefined) {
        return refusal("invalid", faultWords[fault ?? "notALicence"]);
      }
      await parts.keep(licence.id, text);
      if (!texts.includes(text)) texts.push(text);
      parts.recorder.record({ principal, action: told.action, target, detail: licence.name, isRefused: false });
      parts.changed();
      return accepted(report());
    },
  };
}

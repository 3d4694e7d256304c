/** The one list of interface classes. A new version is a new definition beside the old one. */
import type { InterfaceClass } from "../model/interface-class.js";
import { AssociationLn } from "./association-ln.js";
import { Clock } from "./clock.js";
import { DataClass } from "./data.js";
import { ExtendedRegister } from "./extended-register.js";
import { ProfileGeneric } from "./profile-generic/definition.js";
import { Register } from "./register.js";
import { SapAssignment } from "./sap-assignment.js";

export * from "./association-ln.js";
export * from "./clock.js";
export * from "./data.js";
export * from "./daylight-saving.js";
export * from "./extended-register.js";
export * from "./profile-generic/definition.js";
export * from "./profile-generic/select.js";
export * from "./register.js";
export * from "./sap-assignment.js";

/** Every class that this library knows, by class id and version. */
export const interfaceClasses: readonly InterfaceClass[] = Object.freeze([
  DataClass,
  Register,
  ExtendedRegister,
  ProfileGeneric,
  Clock,
  AssociationLn,
  SapAssignment,
]);

/** The definition with this id and version; without a version the newest. Undefined: not known here. */
export function classById(classId: number, version?: number): InterfaceClass | undefined {
  const versions = interfaceClasses.filter((candidate) => candidate.classId === classId);
  if (version !== undefined) return versions.find((candidate) => candidate.version === version);
  return versions.reduce<InterfaceClass | undefined>(
    (newest, candidate) => (newest === undefined || candidate.version > newest.version ? candidate : newest),
    undefined,
  );
}

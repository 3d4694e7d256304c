/** Under which associations, and at which logical devices, a case runs. */
import { authenticationMechanism } from "../cosem/index.js";
import type { CaseNeeds, ConformanceCase } from "./case.js";
import type { Declaration, DeclaredAssociation } from "./declaration/declaration.js";
import { isCiphered, usesShortNames } from "./session/open.js";

export interface Subject {
  readonly association: DeclaredAssociation;
  readonly serverSap: number;
  readonly label: string;
}

/** The subjects of a case, or in words why there are none. */
export function subjectsOf(one: ConformanceCase, declaration: Declaration): readonly Subject[] | string {
  const { needs = {}, scope = "association" } = one;
  if (needs.profile !== undefined && needs.profile !== declaration.profile) {
    return `the declared profile is ${declaration.profile}`;
  }
  const lacks = declaration.associations.map((association) => lackOf(needs, association));
  const fitting = declaration.associations.filter((_, index) => lacks[index] === undefined);
  const [first] = fitting;
  if (first === undefined) return lacks.find((lack) => lack !== undefined) ?? "no association is declared";
  if (scope === "server") return [subjectAt(first, first.logicalDevices[0] ?? 1)];
  if (scope === "association") return fitting.map((association) => subjectAt(association, firstDevice(association)));
  return fitting.flatMap((association) => association.logicalDevices.map((sap) => subjectAt(association, sap)));
}

const firstDevice = (association: DeclaredAssociation): number => association.logicalDevices[0] ?? 1;

function subjectAt(association: DeclaredAssociation, serverSap: number): Subject {
  return { association, serverSap, label: `${association.name} → SAP ${serverSap}` };
}

function lackOf(needs: CaseNeeds, association: DeclaredAssociation): string | undefined {
  const { mechanism } = association;
  if (needs.referencing === "ln" && usesShortNames(association)) return "no association with logical names is declared";
  if (needs.referencing === "sn" && !usesShortNames(association)) return "no association with short names is declared";
  if (needs.authentication === "low" && mechanism !== authenticationMechanism.low) return "no password is declared";
  if (needs.authentication === "any" && mechanism === authenticationMechanism.none) {
    return "no password or other secret is declared";
  }
  if (needs.authentication === "high" && mechanism <= authenticationMechanism.low) {
    return "no high level authentication is declared";
  }
  const ciphers = isCiphered(association) && association.security?.encryptionKey !== undefined;
  if (needs.isCiphered === true && !ciphers) return "no ciphered association with its keys is declared";
  if (needs.suite !== undefined && association.security?.suite !== needs.suite) {
    return `no association of suite ${needs.suite} is declared`;
  }
  return undefined;
}

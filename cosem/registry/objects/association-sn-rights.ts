/** Elements of Association SN's access_rights_list, as each version writes them. */
import type { Data } from "../../codec/data.js";
import type { AccessContext, CosemObject } from "../contract.js";
import { type AssociationVersion, objectListForm } from "./association-rights.js";

export type AssociationSnVersion = 0 | 1 | 2 | 3 | 4;

/** Versions of Association LN with the same access_right. */
const sameRights: readonly AssociationVersion[] = [0, 0, 1, 1, 3];

/** access_right holds the same two lists; here the base name stands before them in place of class, version and name. */
export function accessRightsListForm(version: AssociationSnVersion) {
  const form = objectListForm(sameRights[version] ?? 1);
  return (baseName: number, object: CosemObject, { principal, device }: AccessContext): Data => {
    const element = form.elementOf(object, principal.association, device);
    const rights = element.type === "structure" ? element.value.at(-1) : undefined;
    const lists = rights?.type === "structure" ? rights.value : [];
    return { type: "structure", value: [{ type: "long", value: baseName }, ...lists] };
  };
}

/**
 * add_object and remove_object of Association LN. Nobody gives a right that he has not got himself, nor with less
 * protection than is asked of him; rights on associations come from the settings alone, and what every client must find
 * (its association, the logical device name, the SAP list) stays.
 */
import { isAdjustable, type ObjectRights } from "../adjustable-association.js";
import type { RightsByIndex } from "../association.js";
import type { AccessContext, Answer, Association, CosemObject, Refused } from "../contract.js";
import { accessRequestProtection, accessResponseProtection } from "../contract.js";
import { isRefused, refused } from "../refused.js";
import type { NamedObject } from "./association-rights.js";

const associationClassId = 15;
const mandatory: ReadonlySet<string> = new Set(["1:0-0:42.0.0*255", "17:0-0:41.0.0*255"]);
const protection = accessRequestProtection | accessResponseProtection;

export function addObject(
  named: NamedObject,
  association: Association,
  context: AccessContext,
): Answer<undefined | Refused> {
  const object = find(named, context);
  if (isRefused(object)) return object;
  if (!isAdjustable(association) || named.classId === associationClassId) return refused.readWriteDenied;
  const { principal, device } = context;
  const attributes = within(named.rights.attributes, (index) =>
    principal.association.attributeAccess(device, object, index),
  );
  const methods = within(named.rights.methods, (index) => principal.association.methodAccess(device, object, index));
  if (attributes === undefined || methods === undefined) return refused.readWriteDenied;
  const rights: ObjectRights = { attributes, methods };
  return association.change(object, rights, context);
}

export function removeObject(
  named: NamedObject,
  association: Association,
  context: AccessContext,
): Answer<undefined | Refused> {
  const object = find(named, context);
  if (isRefused(object)) return object;
  if (!association.isVisible(context.device, object)) return refused.objectUnavailable;
  const isKept = named.classId === associationClassId || mandatory.has(`${named.classId}:${named.logicalName}`);
  if (!isAdjustable(association) || isKept) return refused.readWriteDenied;
  return association.change(object, undefined, context);
}

function find({ classId, version, logicalName }: NamedObject, { device }: AccessContext): CosemObject | Refused {
  const object = device.find(logicalName, classId);
  if (object === undefined) return refused.objectUndefined;
  return object.interfaceClass.version === version ? object : refused.objectClassInconsistent;
}

/** Undefined: one of the rights is wider than the giver's own. */
function within(rights: RightsByIndex, ownBits: (index: number) => number): RightsByIndex | undefined {
  const given: Record<number, number> = {};
  for (const [name, bits] of Object.entries(rights)) {
    const own = ownBits(Number(name));
    const access = bits & ~protection;
    if ((access & ~own) !== 0) return undefined;
    given[Number(name)] = bits | (own & protection);
  }
  return given;
}

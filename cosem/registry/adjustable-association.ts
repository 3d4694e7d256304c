/**
 * An association whose object list is changed while it is in use: add_object and remove_object of Association LN.
 * Changes stand above the rules beneath and, like them, give no more than class and instance have.
 */
import { narrowAttribute, narrowMethod, type RightsByIndex } from "./association.js";
import type { AccessContext, Answer, Association, CosemObject, LogicalDevice, Refused } from "./contract.js";
import { refused } from "./refused.js";
import { whenAccepted } from "./when-accepted.js";

/** Rights of one object; what is not named has none. */
export interface ObjectRights {
  readonly attributes: RightsByIndex;
  readonly methods: RightsByIndex;
}

/** One change of an object list, as it is kept. */
export interface ObjectListChange {
  /** Of the logical device: its name may still change, its SAP does not. */
  readonly sap: number;
  readonly classId: number;
  readonly logicalName: string;
  /** Undefined: removed from the list. */
  readonly rights: ObjectRights | undefined;
}

export interface AdjustableAssociation extends Association {
  /** Puts an object in with these rights, or takes it out (undefined). Open associations see it at once. */
  change(object: CosemObject, rights: ObjectRights | undefined, context: AccessContext): Answer<undefined | Refused>;
  readonly changes: readonly ObjectListChange[];
}

export interface AdjustableAssociationParts {
  /** The rules beneath. */
  readonly association: Association;
  /** Changes kept from earlier. */
  readonly changes?: readonly ObjectListChange[];
  /** Told of all changes before they hold. */
  readonly changed: (changes: readonly ObjectListChange[], context: AccessContext) => Answer<undefined | Refused>;
}

const mostChanges = 1000;

export function createAdjustableAssociation(parts: AdjustableAssociationParts): AdjustableAssociation {
  const { association } = parts;
  let isKeeping = false;
  let changes = new Map((parts.changes ?? []).map((change) => [keyOf(change.sap, change), change]));
  const changeOf = (device: LogicalDevice, object: CosemObject) =>
    changes.size === 0 ? undefined : changes.get(keyOf(device.sap, idOf(object)));

  return {
    name: association.name,
    clientSap: association.clientSap,
    isVisible(device, object) {
      const change = changeOf(device, object);
      return change === undefined ? association.isVisible(device, object) : change.rights !== undefined;
    },
    attributeAccess(device, object, index) {
      const change = changeOf(device, object);
      if (change === undefined) return association.attributeAccess(device, object, index);
      return narrowAttribute(object, index, change.rights?.attributes[index] ?? 0);
    },
    methodAccess(device, object, index) {
      const change = changeOf(device, object);
      if (change === undefined) return association.methodAccess(device, object, index);
      return narrowMethod(object, index, change.rights?.methods[index] ?? 0);
    },
    change(object, rights, context) {
      const { sap } = context.device;
      const next = new Map(changes);
      next.set(keyOf(sap, idOf(object)), { sap, ...idOf(object), rights });
      // Two changes at once could each undo the other.
      if (isKeeping || next.size > mostChanges) return refused.temporaryFailure;
      const answer = whenAccepted(parts.changed([...next.values()], context), () => {
        changes = next;
      });
      if (!(answer instanceof Promise)) return answer;
      isKeeping = true;
      return answer.finally(() => {
        isKeeping = false;
      });
    },
    get changes() {
      return [...changes.values()];
    },
  };
}

/** True where the object list of an association can be changed. */
export function isAdjustable(association: Association): association is AdjustableAssociation {
  return typeof (association as Partial<AdjustableAssociation>).change === "function";
}

function idOf(object: CosemObject) {
  return { classId: object.interfaceClass.classId, logicalName: object.logicalName };
}

function keyOf(sap: number, { classId, logicalName }: Pick<ObjectListChange, "classId" | "logicalName">): string {
  return `${sap}/${classId}:${logicalName}`;
}

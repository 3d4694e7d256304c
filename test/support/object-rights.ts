/** Rights of an association as its object list tells them, in letters: what a manual's table has. */
import { AssociationLn } from "../../cosem/index.js";
import type { DlmsSession } from "./dlms-session.js";

export interface ListedRights {
  /** `class:OBIS`. */
  readonly object: string;
  /** Attributes that can be read, without the logical name; then those that can be written; then methods. */
  readonly read: readonly number[];
  readonly write: readonly number[];
  readonly invoke: readonly number[];
  /** Selectors of attribute 2. */
  readonly selectors: readonly number[];
}

/** Of an Association LN of version 1. */
export async function listRights(session: DlmsSession): Promise<readonly ListedRights[]> {
  const list = await session.get(15, "0-0:40.0.0*255", 2);
  if (typeof list === "number") throw new Error(`object list refused: ${list}`);
  return AssociationLn.attributes.objectList.type.fromData(list).map((element) => {
    const { attributeAccess, methodAccess } = element.accessRights;
    const having = (modes: readonly number[]) =>
      attributeAccess.filter(({ accessMode }) => modes.includes(accessMode)).map(({ attributeId }) => attributeId);
    const buffer = attributeAccess.find(({ attributeId }) => attributeId === 2)?.accessSelectors;
    return {
      object: `${element.classId}:${element.logicalName}`,
      read: having([1, 3]).filter((id) => id !== 1),
      write: having([2, 3]),
      invoke: methodAccess.filter(({ accessMode }) => accessMode !== 0).map(({ methodId }) => methodId),
      selectors: buffer?.choice === "selectors" ? buffer.value : [],
    };
  });
}

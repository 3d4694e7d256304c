/** Reads the object_list of a server, whatever the version of its Association LN, into the bits of version 3. */
import type { Data } from "../codec/data.js";
import type { LogicalName } from "../model/logical-name.js";
import { array, type ValueOf } from "../model/types.js";
import { AssociationLn, objectListElementV0, objectListElementV3 } from "./association-ln.js";

export interface ListedObject {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: LogicalName;
  /** Access bits by index: 0 read, 1 write, 2 to 4 protection of requests, 5 to 7 of responses. */
  readonly attributes: ReadonlyMap<number, number>;
  /** Bit 0 access, then as above. */
  readonly methods: ReadonlyMap<number, number>;
  /** Selectors of attributes that have some. */
  readonly selectors: ReadonlyMap<number, readonly number[]>;
}

type Element = ValueOf<typeof objectListElementV0> | ValueOf<typeof objectListElementV3>;

const authenticatedRequest = 0x04;

/**
 * The version is that of the list's own current association, which is in it; where it is not, its elements tell by
 * their types: 0 has booleans, and 1 is taken for the others.
 * @throws TypeUnmatched where it is no such list
 */
export function readObjectList(data: Data): readonly ListedObject[] {
  const elements = elementsOf(data);
  const associations = elements.filter(({ classId }) => classId === AssociationLn.classId);
  const current = associations.find(({ logicalName }) => logicalName === "0-0:40.0.0*255") ?? associations[0];
  const hasBits = (current?.version ?? AssociationLn.version) >= 3;
  return elements.map(({ classId, version, logicalName, accessRights }) => ({
    classId,
    version,
    logicalName,
    attributes: new Map(
      accessRights.attributeAccess.map(({ attributeId, accessMode }) => [
        attributeId,
        hasBits || accessMode <= 3 ? accessMode : (accessMode - 3) | authenticatedRequest,
      ]),
    ),
    methods: new Map(
      accessRights.methodAccess.map(({ methodId, accessMode }) => [methodId, methodBits(accessMode, hasBits)]),
    ),
    selectors: new Map(
      accessRights.attributeAccess.flatMap(({ attributeId, accessSelectors }) =>
        accessSelectors.choice === "none" ? [] : [[attributeId, accessSelectors.value] as const],
      ),
    ),
  }));
}

function elementsOf(data: Data): readonly Element[] {
  const isVersion0 = data.type === "array" && data.value.some(hasBooleanModes);
  return array<Element>(isVersion0 ? objectListElementV0 : objectListElementV3).fromData(data);
}

/** structure { class, version, name, structure { attributes, array of structure { id, boolean } } } */
function hasBooleanModes(element: Data): boolean {
  const rights = element.type === "structure" ? element.value[3] : undefined;
  const methods = rights?.type === "structure" ? rights.value[1] : undefined;
  const first = methods?.type === "array" ? methods.value[0] : undefined;
  return first?.type === "structure" && first.value[1]?.type === "boolean";
}

function methodBits(mode: number | boolean, hasBits: boolean): number {
  if (typeof mode === "boolean") return mode ? 1 : 0;
  return hasBits || mode <= 1 ? mode : 1 | authenticatedRequest;
}

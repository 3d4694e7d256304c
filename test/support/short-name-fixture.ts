/** Short names as the server of test/transcripts/sn.json had them. */
import {
  type Association,
  createAssociation,
  createShortNames,
  logicalName,
  type ShortNames,
} from "../../cosem/index.js";

/** Class, logical name and base name, in the order of its object list; the others of the fixture it did not have. */
export const recordedObjects = [
  [1, "0-0:96.1.0*255", 0x0100],
  [3, "8-0:1.0.0*255", 0x0200],
  [7, "1-0:99.1.0*255", 0x0300],
  [8, "0-0:1.0.0*255", 0x0400],
  [12, "0-0:40.0.0*255", 0xfa00],
  [1, "0-0:42.0.0*255", 0xfd00],
] as const;

export function recordedShortNames(): ShortNames {
  const fixed = recordedObjects
    .filter(([, , baseName]) => baseName < 0xfa00)
    .map(([classId, name, baseName]) => ({ classId, logicalName: logicalName(name), baseName }));
  return createShortNames({ version: 0, fixed });
}

/** Sees those objects alone. */
export function recordedShortNameClient(clientSap: number): Association {
  const rules = recordedObjects.map(([classId, name]) => ({ classId, logicalName: name, access: "declared" }) as const);
  return createAssociation({ name: `client ${clientSap}`, clientSap, rules });
}

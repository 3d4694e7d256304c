/** Keys of meters. */
export type * from "./contract.js";
export { KeyRing, type KeyRingParts, type NewKey, type Sealer } from "./key-ring.js";
export { createKeyService, type KeyServiceParts } from "./key-service.js";

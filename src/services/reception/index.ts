/** What the radio receivers hear. */
export type * from "./contract.js";
export { createReceptionService, type ReceptionServiceParts, type ReceptionSource } from "./reception-service.js";

/** Face of the registry: the contract, its one implementation, and what objects, devices and associations are made of. */
export * from "./address.js";
export * from "./array-stream.js";
export * from "./association.js";
export * from "./clients.js";
export * from "./contract.js";
export * from "./logical-device.js";
export * from "./object.js";
export * from "./objects/association-ln.js";
export * from "./objects/clock.js";
export * from "./objects/memory-profile.js";
export * from "./objects/sap-assignment.js";
export * from "./refused.js";
export * from "./registry.js";

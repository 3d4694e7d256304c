/** Face of the registry: the contract, its one implementation, and what objects, devices and associations are made of. */
export * from "./address.js";
export * from "./association.js";
export * from "./contract.js";
export * from "./logical-device.js";
export * from "./object.js";
export * from "./refused.js";
export * from "./registry.js";

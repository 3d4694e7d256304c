export * from "./gateway.js";
export * from "./parts.js";

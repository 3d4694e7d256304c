/** All APDUs, decode and encode side by side, one file a service. */
export * from "./aare.js";
export * from "./aarq.js";
export * from "./action.js";
export * from "./ciphering.js";
export * from "./confirmed-service-error.js";
export * from "./conformance.js";
export * from "./descriptor.js";
export * from "./exception-response.js";
export * from "./general-ciphering.js";
export * from "./general-signing.js";
export * from "./get.js";
export * from "./initiate.js";
export * from "./object-identifiers.js";
export * from "./release.js";
export * from "./results.js";
export * from "./set.js";
export * from "./tags.js";

export * from "./contract.js";
export { createFileService } from "./file-service.js";

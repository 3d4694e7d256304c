export type * from "./contract.js";
export { createSettingsService } from "./settings-service.js";

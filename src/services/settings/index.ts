export type * from "./contract.js";
export { createSettingsService, createSettingWriter } from "./settings-service.js";

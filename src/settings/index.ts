export { type CheckedYaml, readCheckedYaml, YamlError, type YamlProblem } from "./checked-yaml.js";
export type { SettingsChecks } from "./checks.js";
export { type SettingDocumentation, settingsDocumentation } from "./documentation.js";
export {
  ChangeRefused,
  changedSettings,
  keysOfPath,
  redactedSecret,
  sealSecrets,
  settingsDifferences,
  unbuiltSettings,
  type WrittenSetting,
  withoutSettings,
  withSecretsOf,
  writtenSettings,
} from "./edit.js";
export type { SettingNode } from "./kinds.js";
export { formatProblems, type LoadedSettings, loadSettings, type SettingsProblem } from "./load.js";
export { sealedPrefix, sealNameOf } from "./reader.js";
export { redactSettings } from "./redact.js";
export {
  type AutoConfigurationSettings,
  baudRates,
  type DlmsClientSettings,
  type DlmsSecuritySetupSettings,
  type DoorSettings,
  type InterfaceSettings,
  type JobSettings,
  type MeterSettings,
  type ObjectProfile,
  placeholderManufacturerId,
  type RadioReceiverSettings,
  type ReadoutSettings,
  type ReceiverSettings,
  type ReportSettings,
  type Settings,
  SettingsSchema,
  type TimeSyncSettings,
  type WirelessSettings,
} from "./schema.js";
export { Secret } from "./secret.js";
export { receiverTypeNames } from "./wireless.js";

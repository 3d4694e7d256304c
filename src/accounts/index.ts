export {
  counterPrefix,
  type InvocationCountersParts,
  openInvocationCounters,
  type PersistentCounters,
  restoredCounters,
} from "./invocation-counters.js";
export { MasterKeyError, openMasterKey } from "./master-key.js";
export { createPasswords, type Passwords, PasswordsBusy } from "./passwords.js";
export type { StateStore } from "./state-store.js";
export { createVault, SealBroken, type Vault } from "./vault.js";

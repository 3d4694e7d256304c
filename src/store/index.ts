export type { CompactionLimits } from "./compaction-limits.js";
export {
  changeStates,
  copyDatabase,
  databaseProblem,
  dropPasswords,
  dropSealed,
  keepPasswords,
  startAnew,
  stateOf,
} from "./copy-database.js";
export { openStore, type Store, type StoreOptions } from "./open-store.js";
export { type Salvaged, type SetAside, setAsideWords } from "./set-aside.js";
export { StoreError, type StoreErrorReason } from "./store-error.js";

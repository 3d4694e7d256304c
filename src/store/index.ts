export { openStore, type StoreOptions } from "./open-store.js";
export { StoreError, type StoreErrorReason } from "./store-error.js";

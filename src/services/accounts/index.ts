export { openAccountDirectory } from "./account-directory.js";
export { type Accounts, createAccountService } from "./account-service.js";
export type { AccountService } from "./contract.js";
export type { PasswordPort } from "./logins.js";
export { noAssociation } from "./no-association.js";

/** Users, their logins and the audit, over the store. */
import { createPasswords, PasswordsBusy } from "../accounts/index.js";
import type { AccountStore, Clock, Logger } from "../ports/index.js";
import { type Accounts, createAccountService, openAccountDirectory } from "../services/accounts/index.js";
import { createAudit, type KeptAudit } from "../services/audit/index.js";
import { type WebDoor, writeLocalAccess } from "./local-access.js";
import type { Shutdown } from "./shutdown.js";

export interface OpenedAccounts {
  readonly accounts: Accounts;
  readonly audit: KeptAudit;
  /** For the command line of this machine, once the web door is open. */
  opened(door: WebDoor | undefined): void;
}

/** @throws (rejects with) StoreError */
export async function openAccounts(parts: {
  readonly store: AccountStore;
  readonly dataPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
  /** What stands on the device: no password. */
  readonly ownWords: readonly string[];
  /** COSEM clock status of a time taken now. */
  clockStatus(): number;
}): Promise<OpenedAccounts> {
  const { store, dataPath, clock, logger, shutdown, ownWords } = parts;
  const audit = createAudit({ store, clock, logger, clockStatus: () => parts.clockStatus() });
  shutdown.add("audit", () => audit.stop());
  const directory = await openAccountDirectory(store, clock);
  const passwords = { ...createPasswords(), isBusy: (error: unknown) => error instanceof PasswordsBusy };
  // Who asks sees what was just done.
  const settledStore: Pick<AccountStore, "audit"> = {
    async audit(query) {
      await audit.settled();
      return store.audit(query);
    },
  };
  const accounts = createAccountService({
    ...{ store: settledStore, directory, passwords, audit, clock, logger, ownWords },
  });
  return {
    accounts,
    audit,
    opened(door) {
      if (door === undefined) return;
      const remove = writeLocalAccess(dataPath, door, accounts.localToken);
      shutdown.add("local access", async () => remove());
      accounts.announce();
    },
  };
}

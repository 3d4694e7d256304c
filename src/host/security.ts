/** Keys, counters and security setups of this gateway: opened before the doors, closed behind them. */
import { join } from "node:path";
import {
  createVault,
  MasterKeyError,
  openInvocationCounters,
  openMasterKey,
  type PersistentCounters,
  SealBroken,
  type Vault,
} from "../accounts/index.js";
import type { Clock, Logger, ReadingStore } from "../ports/index.js";
import type { Settings } from "../settings/index.js";
import { CommandFailed } from "./command.js";
import { openSecuritySetups, SecuritySetupFault, type SecuritySetups } from "./security-setups.js";
import { systemTitleOf } from "./system-title.js";

export interface GatewaySecurity {
  /** 8 octets. */
  readonly systemTitle: Uint8Array;
  readonly counters: PersistentCounters;
  readonly setups: SecuritySetups;
  /** Seals secrets at rest under the master key. */
  readonly vault: Vault;
  /** Writes what is pending. */
  stop(): Promise<void>;
}

export interface GatewaySecurityParts {
  readonly settings: Settings;
  readonly serial: string;
  /** Of the data directory; the master key is made there at the first start. */
  readonly dataPath: string;
  readonly store: ReadingStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @throws (rejects with) CommandFailed where the master key cannot be used, or is not the one of what was kept */
export async function openSecurity(parts: GatewaySecurityParts): Promise<GatewaySecurity> {
  const { settings, serial, dataPath, store, clock, logger } = parts;
  const systemTitle = systemTitleOf(settings.identity.manufacturerId, serial);
  try {
    const vault = createVault(openMasterKey(join(dataPath, "master.key")));
    const counters = await openInvocationCounters({ store, clock, logger }, systemTitle);
    const { securitySetups } = settings.doors.dlms;
    const setups = await openSecuritySetups({ settings: securitySetups, vault, store, counters, systemTitle });
    return { systemTitle, counters, setups, vault, stop: () => counters.stop() };
  } catch (error) {
    const isKnown =
      error instanceof MasterKeyError || error instanceof SealBroken || error instanceof SecuritySetupFault;
    if (isKnown) throw new CommandFailed(error.message);
    throw error;
  }
}

import type { Clock, Logger } from "../../ports/index.js";
import type { RadioReceiver, ReadoutBus } from "../../readout/index.js";
import type { Settings } from "../../settings/index.js";
import type { DataDirectory } from "../data-directory.js";
import type { OpenSettings } from "../settings-keeper.js";

/** What a gateway is made of; `run` and `demo` bring it. */
export interface GatewayParts {
  readonly settings: Settings;
  /** The file they came from; without it they cannot be changed, nor files be made (the demo). */
  readonly settingsFile?: OpenSettings | undefined;
  readonly data: DataDirectory;
  readonly buses: readonly ReadoutBus[];
  readonly receivers: readonly RadioReceiver[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** The demo alone: the public DLMS client reads meters too. */
  readonly publicClientReadsMeters: boolean;
  /** The demo alone: who is not logged in may see what a viewer sees. Default: false. */
  readonly isWebOpen?: boolean;
  /** Stops the gateway and starts it again, in this process or another; without it, it waits for whoever does. */
  readonly restart?: ((why: string) => void) | undefined;
  /** What was put in place before this start (a restore, a factory reset), in words. */
  readonly putInPlace?: readonly string[] | undefined;
  /** What people should know, shown by REST and the page. */
  readonly notices: readonly string[];
}

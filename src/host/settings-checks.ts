import { parseSecondaryAddress } from "../mbus/index.js";
import { parsePattern } from "../scheduler/index.js";
import type { SettingsChecks } from "../settings/index.js";

/** What the settings must check but do not know: schedules and M-Bus addresses. */
export const settingsChecks: SettingsChecks = {
  schedule(text) {
    const parsed = parsePattern(text);
    return parsed.ok ? undefined : parsed.message;
  },
  secondaryAddress(text) {
    try {
      parseSecondaryAddress(text);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
};

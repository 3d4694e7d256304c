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
      // Eight wildcards select every meter of the bus, whoever was meant.
      return /^f{8}/i.test(text)
        ? "an identification of wildcards alone names every meter: write its digits"
        : undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
};

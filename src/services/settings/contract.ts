/** The settings of the running gateway: shown without their secrets, changed as a whole or not at all. */
import type { Principal } from "../../../cosem/index.js";
import type { Refusable } from "../refusal.js";

export type { Refusable, ServiceRefusal } from "../refusal.js";

export interface SettingsView {
  /** In force after the next start, defaults filled in; each secret shows as `[secret]`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Paths of settings that were changed and wait for a restart. */
  readonly restartNeeded: readonly string[];
  /** One sentence each: settings of doors that do not exist yet. */
  readonly warnings: readonly string[];
}

export interface SettingsChange extends SettingsView {
  /** Paths; values are never told. */
  readonly changed: readonly string[];
}

/** One row of the table of settings. */
export interface SettingRow {
  readonly path: string;
  readonly wanted: string;
  readonly default: unknown;
  readonly required: boolean;
  readonly restart: boolean;
  readonly secret: boolean;
  readonly deviceBound: boolean;
  readonly built: boolean;
  readonly help: string;
  readonly logicalName: string | undefined;
}

export interface ChangeOptions {
  /** What is not named goes back to its default. */
  readonly isWhole: boolean;
  /** Checks all, and changes nothing. */
  readonly isDryRun: boolean;
}

/** Each call checks a right (`settings.read`, `settings.write`); every change and refusal is an audit entry. */
export interface SettingsService {
  read(principal: Principal): Refusable<SettingsView>;
  /** Every setting there is, with type, limits, default and help; and the JSON Schema of all. */
  table(principal: Principal): Refusable<{ readonly rows: readonly SettingRow[]; readonly schema: unknown }>;
  /**
   * Groups are merged, null is the default again, lists and values are replaced; `[secret]` keeps a secret. Checked as
   * a whole first; then written, the file before kept beside it.
   */
  change(
    principal: Principal,
    changes: Readonly<Record<string, unknown>>,
    options: ChangeOptions,
  ): Promise<Refusable<SettingsChange>>;
}

/** What the host keeps: the file and what is in force. */
export interface SettingsKeeper {
  view(): SettingsView;
  rows(): readonly SettingRow[];
  schema(): unknown;
  /** @returns what is wrong, in words, or what changed */
  change(
    changes: Readonly<Record<string, unknown>>,
    options: ChangeOptions,
  ): Promise<
    { readonly ok: true; readonly changed: readonly string[] } | { readonly ok: false; readonly message: string }
  >;
}

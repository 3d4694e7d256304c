import type { Principal } from "../../../cosem/index.js";
import { type ChangeRecorder, demand, refusedRight } from "../recorder.js";
import { accepted, refusal } from "../refusal.js";
import type { SettingsKeeper, SettingsService } from "./contract.js";

export function createSettingsService(parts: {
  readonly keeper: SettingsKeeper;
  readonly recorder: ChangeRecorder;
}): SettingsService {
  const { keeper, recorder } = parts;
  return {
    read: (principal) => demand(principal, "settings.read") ?? accepted(keeper.view()),
    table: (principal) =>
      demand(principal, "settings.read") ?? accepted({ rows: keeper.rows(), schema: keeper.schema() }),
    async change(principal, changes, options) {
      const about = { action: "settings.change", target: Object.keys(changes).join(", ").slice(0, 200) };
      const denied = refusedRight(principal, "settings.write", { recorder, ...about });
      if (denied !== undefined) return denied;
      const answer = await keeper.change(changes, options);
      if (!answer.ok) return refusal("invalid", answer.message);
      if (!options.isDryRun && answer.changed.length > 0) {
        recorder.record({ principal, ...about, detail: answer.changed.join(", ").slice(0, 1000), isRefused: false });
      }
      return accepted({ ...keeper.view(), changed: answer.changed });
    },
  };
}

/** One setting as an object of the registry, which has checked that the principal may write it. @returns whether it was taken */
export function createSettingWriter({ keeper, recorder }: Parameters<typeof createSettingsService>[0]) {
  return async (principal: Principal, path: string, value: unknown): Promise<boolean> => {
    const changes = path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    const about = { principal, action: "settings.change", target: path };
    const answer = await keeper.change(changes as Record<string, unknown>, { isWhole: false, isDryRun: false });
    if (!answer.ok) recorder.record({ ...about, detail: answer.message.slice(0, 1000), isRefused: true });
    else if (answer.changed.length > 0) recorder.record({ ...about, isRefused: false });
    return answer.ok;
  };
}

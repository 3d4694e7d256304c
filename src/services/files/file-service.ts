import type { Principal } from "../../../cosem/index.js";
import { type ChangeRecorder, demand, refusedRight } from "../recorder.js";
import { accepted, type Refusable, refusal } from "../refusal.js";
import type { Right } from "../rights.js";
import { FileRefused, type FileRepository, type FileService } from "./contract.js";

/** Passphrases never reach the recorder. */
export function createFileService(parts: {
  readonly repository: FileRepository;
  readonly recorder: ChangeRecorder;
}): FileService {
  const { repository, recorder } = parts;

  const refusedFor = (error: unknown) => {
    if (error instanceof FileRefused) return refusal(error.reason, error.message);
    throw error;
  };

  const changing = async <T>(
    principal: Principal,
    right: Right,
    about: { readonly action: string; readonly target: string },
    work: () => Promise<T>,
  ): Promise<Refusable<T>> => {
    const denied = refusedRight(principal, right, { recorder, ...about });
    if (denied !== undefined) return denied;
    try {
      const value = await work();
      recorder.record({ principal, ...about, isRefused: false });
      return accepted(value);
    } catch (error) {
      return refusedFor(error);
    }
  };

  const changingNow = <T>(
    principal: Principal,
    right: Right,
    about: { readonly action: string; readonly target: string },
    work: () => T,
  ): Refusable<T> => {
    const denied = refusedRight(principal, right, { recorder, ...about });
    if (denied !== undefined) return denied;
    try {
      const value = work();
      recorder.record({ principal, ...about, isRefused: false });
      return accepted(value);
    } catch (error) {
      return refusedFor(error);
    }
  };

  return {
    list: (principal) => demand(principal, "files.read") ?? accepted(repository.list()),
    make: (principal, kind, passphrase) =>
      changing(principal, "files.backup", { action: "files.make", target: kind }, () =>
        repository.make(kind, passphrase),
      ),
    // Files hold all readings: who takes one is on record.
    open: (principal, name) =>
      changingNow(principal, "files.backup", { action: "files.download", target: name }, () => repository.open(name)),
    upload: (principal, name, bytes) =>
      changing(principal, "files.write", { action: "files.upload", target: name }, () =>
        repository.upload(name, bytes),
      ),
    remove: (principal, name) =>
      changingNow(principal, "files.write", { action: "files.remove", target: name }, () => {
        repository.remove(name);
        return undefined;
      }),
    restore: (principal, name, { passphrase, isDryRun }) =>
      changing(principal, "files.restore", { action: isDryRun ? "files.check" : "files.restore", target: name }, () =>
        repository.restore(name, passphrase, isDryRun),
      ),
    reset: (principal) =>
      changingNow(principal, "files.reset", { action: "files.reset", target: "gateway" }, () => {
        repository.reset();
        return undefined;
      }),
  };
}

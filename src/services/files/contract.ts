/** The file repository: configuration files, backups, diagnostics; made, listed, restored, removed. */
import type { Readable } from "node:stream";
import type { Principal } from "../../../cosem/index.js";
import type { Refusable } from "../refusal.js";

export type { Refusable, ServiceRefusal } from "../refusal.js";

export type FileKind = "config-backup" | "full-backup" | "diagnostics";

export interface FileListing {
  readonly name: string;
  readonly kind: FileKind;
  readonly version: string;
  /** Milliseconds since 1970 UTC. */
  readonly madeAtMs: number;
  readonly bytes: number;
}

export interface MadeFile extends FileListing {
  /** What it does not carry: settings of the device, secrets without a passphrase. */
  readonly leftOut: readonly string[];
}

/** What a restore does, or would do. */
export interface RestoreReport {
  readonly kind: FileKind;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly serial: string | undefined;
  readonly replaces: readonly string[];
  readonly leftOut: readonly string[];
}

/** Each call checks a right (`files.read`, `files.write`, `files.backup`, `files.restore`, `files.reset`). */
export interface FileService {
  /** Newest first. */
  list(principal: Principal): Refusable<readonly FileListing[]>;
  /** @param passphrase  8 characters or more: carries the secrets too, encrypted */
  make(principal: Principal, kind: FileKind, passphrase: string | undefined): Promise<Refusable<MadeFile>>;
  /** The bytes; the caller reads them to the end or destroys the stream. */
  open(principal: Principal, name: string): Refusable<{ readonly file: FileListing; readonly bytes: Readable }>;
  /** Takes a file in once it is whole and good. */
  upload(principal: Principal, name: string, bytes: Readable): Promise<Refusable<FileListing>>;
  remove(principal: Principal, name: string): Refusable<undefined>;
  /** Checks all first; then the gateway starts again and puts it in place. */
  restore(
    principal: Principal,
    name: string,
    options: { readonly passphrase: string | undefined; readonly isDryRun: boolean },
  ): Promise<Refusable<RestoreReport>>;
  /** The gateway starts again with all settings default, users, keys, readings and logs gone; the files stay. */
  reset(principal: Principal): Refusable<undefined>;
}

/** A file, name or passphrase is not good; the message is for the caller. */
export class FileRefused extends Error {
  readonly reason: "unknown" | "invalid" | "busy";

  constructor(reason: "unknown" | "invalid" | "busy", message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What the host does with files; each rejects with FileRefused for what the caller did. */
export interface FileRepository {
  list(): readonly FileListing[];
  make(kind: FileKind, passphrase: string | undefined): Promise<MadeFile>;
  open(name: string): { readonly file: FileListing; readonly bytes: Readable };
  upload(name: string, bytes: Readable): Promise<FileListing>;
  remove(name: string): void;
  restore(name: string, passphrase: string | undefined, isDryRun: boolean): Promise<RestoreReport>;
  reset(): void;
}

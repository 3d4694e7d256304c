/** Passphrases come from a file or the environment: never from the command line, which others may see. */
import { readFileSync } from "node:fs";
import { CommandFailed } from "./command.js";

export const passphraseOptions = { "passphrase-file": { type: "string" } } as const;

export const passphraseUsage = `  --passphrase-file FILE   its first line is the passphrase of the file's secrets (or COSEM_GATEWAY_PASSPHRASE);
                           without one secrets are left out`;

/** Undefined where none is given. @throws CommandFailed */
export function passphraseOf(path: string | undefined): string | undefined {
  if (path === undefined) return process.env["COSEM_GATEWAY_PASSPHRASE"];
  try {
    const [line = ""] = readFileSync(path, "utf8").split(/\r?\n/);
    if (line === "") throw new CommandFailed(`${path} is empty; its first line is the passphrase`);
    return line;
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`cannot read the passphrase: ${(error as Error).message}`);
  }
}

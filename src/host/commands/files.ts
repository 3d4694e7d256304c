import { createWriteStream, existsSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import type { NewFile, RestoreReport, StoredFile, StoredFileList } from "../../views/rest/contract.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { fileNameOf, fileProduct, parseFileName } from "../files/file-names.js";
import { passphraseOf, passphraseOptions, passphraseUsage } from "../passphrase-option.js";
import { createRestClient, type RestClient, restClientOptions, restClientUsage } from "../rest-client.js";
import { packageVersion } from "../version.js";

const filesUsage = `usage: cosem-gateway files list
       cosem-gateway files download NAME [--to FILE]
       cosem-gateway files upload FILE
       cosem-gateway files restore NAME [--dry-run] [--passphrase-file FILE]
       cosem-gateway files remove NAME

Configuration files, backups and diagnostics kept on a running gateway.
${passphraseUsage}
${restClientUsage}`;

const options = {
  ...restClientOptions,
  ...passphraseOptions,
  to: { type: "string" },
  "dry-run": { type: "boolean", default: false },
} as const;

function parsed(words: readonly string[]) {
  return parseArgs({ args: [...words], options, allowPositionals: true });
}

type Values = ReturnType<typeof parsed>["values"];

const pathOf = (name: string) => `/files/${encodeURIComponent(name)}`;
const print = (line: string) => void process.stdout.write(`${line}\n`);

export const command: Command = {
  usage: filesUsage,
  async run(words) {
    const { values, positionals } = parsed(words);
    const [action, name, ...others] = positionals;
    if (others.length > 0) throw new WrongUse(`unknown word "${others[0]}"`);
    const client = () => createRestClient(values);
    if (action === "list" && name === undefined) {
      const { files } = await client().get<StoredFileList>("/files");
      for (const file of files) print(lineOf(file));
      return 0;
    }
    if (name === undefined) throw new WrongUse("files wants list, or download, upload, restore or remove with a name");
    if (action === "download") return download(client(), name, values.to ?? basename(name));
    if (action === "upload") return upload(client(), name);
    if (action === "restore") return restore(client(), name, values);
    if (action === "remove") {
      await client().call({ path: pathOf(name), method: "DELETE" });
      return 0;
    }
    throw new WrongUse(`unknown action "${action}"`);
  },
};

function lineOf({ made, kind, version, bytes, name }: StoredFile): string {
  return `${made}  ${kind.padEnd(13)}  ${version.padEnd(8)}  ${String(bytes).padStart(12)}  ${name}`;
}

/** @param to  must not exist */
async function download(client: RestClient, name: string, to: string): Promise<number> {
  if (existsSync(to)) throw new CommandFailed(`${to} is there already; give another name with --to`);
  const { body } = await client.fetch({ path: pathOf(name) });
  if (body === null) throw new CommandFailed("the gateway sent no file");
  try {
    await pipeline(Readable.fromWeb(body as never), createWriteStream(to, { flags: "wx", mode: 0o600 }));
  } catch (error) {
    rmSync(to, { force: true });
    throw new CommandFailed(`the download ended early: ${(error as Error).message}`);
  }
  print(to);
  return 0;
}

async function upload(client: RestClient, path: string, name = basename(path)): Promise<number> {
  let raw: Uint8Array;
  try {
    raw = readFileSync(path);
  } catch (error) {
    throw new CommandFailed(`cannot read ${path}: ${(error as Error).message}`);
  }
  const contentType = "application/gzip";
  const file = await client.call<StoredFile>({ path: pathOf(name), method: "PUT", raw, contentType });
  print(lineOf(file));
  return 0;
}

async function restore(client: RestClient, name: string, values: Values): Promise<number> {
  const passphrase = passphraseOf(values["passphrase-file"]);
  const body = { dryRun: values["dry-run"], ...(passphrase === undefined ? {} : { passphrase }) };
  const report = await client.post<RestoreReport>(`${pathOf(name)}/restore`, body);
  print(`${report.kind} of ${report.made}, version ${report.version}`);
  print(`${report.dryRun ? "would replace" : "replaces"}: ${report.replaces.join(", ")}`);
  printLeftOut(report.leftOut);
  print(report.next);
  return 0;
}

function printLeftOut(paths: readonly string[]): void {
  for (const path of paths) print(`not in the file: ${path}`);
}

/** `backup`, `diagnostics` and `config save` make a file, and fetch it with --to. */
function making(kind: StoredFile["kind"], usage: string, isConfig = false): Command {
  return {
    usage,
    async run(words) {
      const { values, positionals } = parsed(words);
      const [action, file, ...others] = positionals;
      if (isConfig && action === "load" && file !== undefined && others.length === 0) {
        const client = createRestClient(values);
        // A name of its own: the file may have any, or be on the gateway already.
        const kind = parseFileName(basename(file))?.kind ?? "config-backup";
        const about = { product: fileProduct, version: packageVersion(), kind };
        const name = fileNameOf({ ...about, madeAtMs: Date.now() });
        await upload(client, file, name);
        if (!values["dry-run"]) return restore(client, name, values);
        try {
          return await restore(client, name, values);
        } finally {
          await client.call({ path: pathOf(name), method: "DELETE" });
        }
      }
      if (isConfig ? action !== "save" || file !== undefined : action !== undefined) throw new WrongUse(usage);
      const client = createRestClient(values);
      const passphrase = kind === "diagnostics" ? undefined : passphraseOf(values["passphrase-file"]);
      const made = await client.post<NewFile>("/files", { kind, ...(passphrase === undefined ? {} : { passphrase }) });
      print(made.name);
      printLeftOut(made.leftOut);
      return values.to === undefined ? 0 : download(client, made.name, values.to);
    },
  };
}

export const backup = making(
  "full-backup",
  `usage: cosem-gateway backup [--to FILE] [--passphrase-file FILE]

Makes a backup of a running gateway: all settings, values, users and keys. It stays in its file repository; --to fetches
it too. "cosem-gateway restore" puts it on this or an empty machine.
${passphraseUsage}
${restClientUsage}`,
);

export const diagnostics = making(
  "diagnostics",
  `usage: cosem-gateway diagnostics [--to FILE]

Makes a bundle for who is to help: settings, versions, memory, storage; no secrets.
${restClientUsage}`,
);

export const config = making(
  "config-backup",
  `usage: cosem-gateway config save [--to FILE] [--passphrase-file FILE]
       cosem-gateway config load FILE [--dry-run] [--passphrase-file FILE]

Saves the settings of a running gateway that are not bound to the device, or takes over those of a file.
${passphraseUsage}
${restClientUsage}`,
  true,
);

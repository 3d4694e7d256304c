/**
 * The job that fetches a configuration file (PRODUCT.md row 86) and has it applied. The same file is applied once: what
 * was applied last is remembered, over restarts too.
 */
import { createHash } from "node:crypto";
import type { ReadingStore } from "../../ports/index.js";
import type { JobList, JobResult } from "../../services/jobs/index.js";
import type { AutoConfigurationSettings } from "../../settings/index.js";
import type { ApplyFile } from "./configuration-file.js";

export interface AutoConfigurationParts {
  readonly settings: AutoConfigurationSettings;
  readonly list: Pick<JobList, "register">;
  readonly store: Pick<ReadingStore, "getState" | "setState">;
  readonly userAgent: string;
  /** Undefined: there is no settings file to be changed (the demo). */
  readonly apply: ApplyFile | undefined;
}

const mostBytes = 1_000_000;
const limitSeconds = 120;
const stateKey = "autoConfiguration.applied";

/** The file that was applied last, and the server's name for it. */
interface Applied {
  readonly url: string;
  readonly sha256: string;
  readonly etag: string | undefined;
}

export function registerAutoConfiguration(parts: AutoConfigurationParts): void {
  const { settings, list, store, userAgent, apply } = parts;
  const { enabled, url, user, password } = settings;
  list.register({
    name: "autoconfiguration",
    kind: "autoConfiguration",
    right: "settings.write",
    help: "Fetches a configuration file and applies it.",
    schedule: settings.schedule,
    enabled: enabled && url !== undefined,
    limitSeconds,
    async run({ signal, progress }): Promise<JobResult> {
      if (url === undefined) return { outcome: "failed", words: "autoConfiguration.url is not set" };
      if (apply === undefined) return { outcome: "failed", words: "there is no settings file to be changed" };
      const { host } = new URL(url);
      progress(0, 2, `fetching from ${host}`);
      const kept = await store.getState(stateKey);
      const before = kept === undefined ? undefined : (JSON.parse(kept) as Applied);
      const headers = new Headers({ "user-agent": userAgent });
      if (user !== undefined) headers.set("authorization", basic(user, password?.reveal() ?? ""));
      if (before?.url === url && before.etag !== undefined) headers.set("if-none-match", before.etag);
      const answer = await fetched(url, { headers, signal, redirect: "error" });
      if (answer.status === 304) return unchanged;
      if (!answer.ok) return { outcome: "failed", words: `${host} answers ${answer.status}` };
      const text = await textOf(answer);
      const sha256 = createHash("sha256").update(text).digest("hex");
      if (before?.url === url && before.sha256 === sha256) return unchanged;
      progress(1, 2, "applying");
      const words = await apply(text, host);
      const etag = answer.headers.get("etag") ?? undefined;
      await store.setState(stateKey, JSON.stringify({ url, sha256, etag } satisfies Applied));
      return { outcome: "good", words };
    },
  });
}

const unchanged: JobResult = { outcome: "good", words: "the file is the one that was applied last" };

/** Says why the server cannot be reached, which `fetch` keeps in its cause. */
async function fetched(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${new URL(url).host} cannot be asked: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

async function textOf(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.length;
    if (size > mostBytes) throw new Error(`the file is longer than ${mostBytes / 1_000_000} MB`);
    pieces.push(piece);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw new Error("the file is no text: it wants settings as YAML; archives are restored by POST /api/v1/files");
  }
}

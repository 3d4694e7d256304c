/**
 * The job that fetches a settings command file (PRODUCT.md row 86). What is fetched is handed to whoever runs such
 * files; until there is one, the job says so and changes nothing.
 */
import type { JobList, JobResult } from "../../services/jobs/index.js";
import type { AutoConfigurationSettings } from "../../settings/index.js";

export interface AutoConfigurationParts {
  readonly settings: AutoConfigurationSettings;
  readonly list: Pick<JobList, "register">;
  readonly userAgent: string;
  /** Runs a fetched file. @returns what it did in words; rejects with what was wrong, and nothing is changed */
  readonly apply?: ((text: string, signal: AbortSignal) => Promise<string>) | undefined;
}

const mostBytes = 1_000_000;
const limitSeconds = 120;

export function registerAutoConfiguration({ settings, list, userAgent, apply }: AutoConfigurationParts): void {
  const { enabled, url, user, password } = settings;
  let etag: string | undefined;
  list.register({
    name: "autoconfiguration",
    kind: "autoConfiguration",
    right: "settings.write",
    help: "Fetches a settings command file and runs it.",
    schedule: settings.schedule,
    enabled: enabled && url !== undefined,
    limitSeconds,
    async run({ signal, progress }): Promise<JobResult> {
      if (url === undefined) return { outcome: "failed", words: "autoConfiguration.url is not set" };
      progress(0, 2, "fetching");
      const headers = new Headers({ "user-agent": userAgent });
      if (user !== undefined) headers.set("authorization", basic(user, password?.reveal() ?? ""));
      if (etag !== undefined) headers.set("if-none-match", etag);
      const answer = await fetch(url, { headers, signal, redirect: "error" });
      if (answer.status === 304) return { outcome: "good", words: "the file has not changed" };
      if (!answer.ok) return { outcome: "failed", words: `${new URL(url).host} answers ${answer.status}` };
      const text = await textOf(answer);
      progress(1, 2, "running");
      if (apply === undefined) {
        return {
          outcome: "failed",
          words: `fetched ${text.length} characters; this gateway runs no command files yet`,
        };
      }
      const words = await apply(text, signal);
      etag = answer.headers.get("etag") ?? undefined;
      return { outcome: "good", words };
    },
  });
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
  return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
}

/**
 * The command line as a client of a running gateway: by `<data>/local.json`, which the gateway keeps for its owner while
 * it runs, or by `--url` and `--token`.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommandFailed, WrongUse } from "./command.js";

/** How the gateway of a data directory is reached: in `<data>/local.json`, 0600. The token lives as long as its run. */
export interface LocalAccess {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  readonly token: string;
}

/** Options of every command that acts on a running gateway, for parseArgs(). */
export const restClientOptions = {
  data: { type: "string", default: "data" },
  url: { type: "string" },
  token: { type: "string" },
} as const;

/** The same in words, for the usage text. */
export const restClientUsage = `  --data DIR      data directory of the gateway that runs on this machine (default ./data)
  --url URL       or a gateway elsewhere, e.g. http://10.0.0.7:8080, with
  --token TOKEN   an API token of it (or the environment variable COSEM_GATEWAY_TOKEN)`;

export interface RestClientChoice {
  readonly data?: string | undefined;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

export interface RestRequest {
  /** Below /api/v1, with its query: `/meters?limit=10`. */
  readonly path: string;
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, e.g. a file or FormData; `contentType` beside it (not with FormData). */
  readonly raw?: Uint8Array | FormData | undefined;
  readonly contentType?: string | undefined;
}

/** Every refusal and fault is a CommandFailed of one line, with cause and next step. */
export interface RestClient {
  readonly url: string;
  /** The answer's JSON; undefined where it has no body. @throws CommandFailed */
  call<T>(request: RestRequest): Promise<T>;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** The answer itself, for files and streams; it is a good one. @throws CommandFailed */
  fetch(request: RestRequest): Promise<Response>;
}

/** Where a running gateway writes its local access. */
export function localAccessPath(dataDirectory: string): string {
  return join(resolve(dataDirectory), "local.json");
}

/** @throws WrongUse, or CommandFailed where no gateway is to be found */
export function createRestClient(choice: RestClientChoice): RestClient {
  const { url, token } = accessOf(choice);
  const root = `${url.replace(/\/+$/, "")}/api/v1`;

  async function send({ path, method = "GET", body, raw, contentType }: RestRequest): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    else if (contentType !== undefined) headers["content-type"] = contentType;
    const content = body === undefined ? (raw as RequestInit["body"]) : JSON.stringify(body);
    const response = await fetch(`${root}${path}`, {
      method,
      headers,
      ...(content === undefined ? {} : { body: content }),
    }).catch((error: unknown) => {
      throw new CommandFailed(`no gateway answers at ${url} (${causeOf(error)}); is it running?`);
    });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => undefined)) as { detail?: string } | undefined;
    throw new CommandFailed(problem?.detail ?? `the gateway answered ${response.status} ${response.statusText}`);
  }

  async function call<T>(request: RestRequest): Promise<T> {
    const text = await (await send(request)).text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  return {
    url,
    call,
    get: (path) => call({ path }),
    post: (path, body) => call({ path, method: "POST", body: body ?? {} }),
    fetch: send,
  };
}

function accessOf({ data = "data", url, token = process.env["COSEM_GATEWAY_TOKEN"] }: RestClientChoice): LocalAccess {
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:/.test(url)) throw new WrongUse(`--url wants http://HOST:PORT, not "${url}"`);
    if (token === undefined) throw new WrongUse("--url goes with --token TOKEN (or COSEM_GATEWAY_TOKEN)");
    return { url, token };
  }
  const path = localAccessPath(data);
  try {
    const read: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isLocalAccess(read)) return read;
  } catch (error) {
    throw new CommandFailed(
      `no gateway runs on ${resolve(data)} (${path}: ${(error as NodeJS.ErrnoException).code ?? "not JSON"}); start it ` +
        "with its web door on, or give --data DIR, or --url URL --token TOKEN",
    );
  }
  throw new CommandFailed(`${path} is not what a gateway writes; restart the gateway`);
}

function isLocalAccess(read: unknown): read is LocalAccess {
  if (typeof read !== "object" || read === null) return false;
  const { url, token } = read as Record<string, unknown>;
  return typeof url === "string" && typeof token === "string";
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? message;
}

/** Calls of a gateway's REST door as the owner of its data directory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface RestAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export type RestCall = (method: string, path: string, body?: unknown) => Promise<RestAnswer>;

/** With the token that the gateway left in its data directory; the path is below /api/v1. */
export function ownerOf(folder: string): RestCall {
  const { url, token } = JSON.parse(readFileSync(join(folder, "local.json"), "utf8")) as { url: string; token: string };
  return callerAt(url, { authorization: `Bearer ${token}` });
}

export function callerAt(origin: string, headers: Readonly<Record<string, string>>): RestCall {
  return async (method, path, body) => {
    const response = await fetch(`${origin.replace(/\/$/, "")}/api/v1${path}`, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text } };
  };
}

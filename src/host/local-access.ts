/** `<data>/local.json`: how the owner of the data directory reaches the running gateway, with all rights. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { type LocalAccess, localAccessPath } from "./rest-client.js";

export interface WebDoor {
  readonly host: string;
  readonly port: number;
}

/** Written whole or not at all, and never readable by others. @returns removes it */
export function writeLocalAccess(dataDirectory: string, door: WebDoor, token: string): () => void {
  const path = localAccessPath(dataDirectory);
  const access: LocalAccess = { url: `http://${reachable(door.host)}:${door.port}`, token };
  const partial = `${path}.new`;
  rmSync(partial, { force: true });
  writeFileSync(partial, `${JSON.stringify(access)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(partial, path);
  return () => rmSync(path, { force: true });
}

function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

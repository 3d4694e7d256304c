import type { RestOptions } from "./rest-options.js";

const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * A page elsewhere can point its own host name at 127.0.0.1 and then read what this door answers without a login (DNS
 * rebinding); the Host header still carries that name, so it is checked. Behind a login that page has no cookie of ours.
 * @returns why the request is refused; undefined: go on
 */
export function refusesHost(
  hostHeader: string | undefined,
  options: Pick<RestOptions, "host" | "allowedHosts" | "accounts" | "isOpen">,
) {
  if (options.accounts !== undefined && options.isOpen !== true) return undefined;
  const name = (hostHeader ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
  if (loopbackNames.has(name) || name === options.host || options.allowedHosts?.includes(name)) return undefined;
  return `this door does not answer for the host "${name.slice(0, 80)}"; open it as localhost or 127.0.0.1`;
}

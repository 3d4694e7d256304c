/** Why a channel could not be opened or used; match on this, never on the text. */
export type TransportErrorReason =
  | "refused"
  | "unreachable"
  | "timeout"
  | "notFound"
  | "permission"
  | "inUse"
  | "lost"
  | "closed";

/** A failed channel: cause and next step in words. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly reason: TransportErrorReason;

  constructor(reason: TransportErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

const networkCauses: Record<string, readonly [TransportErrorReason, string]> = {
  ECONNREFUSED: ["refused", "connection refused; check that the device is on and the port is right"],
  EHOSTUNREACH: ["unreachable", "no way to the host; check address, cable and gateway"],
  ENETUNREACH: ["unreachable", "no way to the network; check address, cable and gateway"],
  ENOTFOUND: ["notFound", "the name is not known; check its spelling and the DNS settings"],
  EAI_AGAIN: ["notFound", "the name cannot be looked up now; check the DNS settings"],
  ETIMEDOUT: ["timeout", "no answer; check address, cable and firewall"],
  ECONNRESET: ["lost", "the other side broke the connection off"],
  EPIPE: ["lost", "the other side broke the connection off"],
  EACCES: ["permission", "permission denied; use a port from 1024 upwards or give the process the right to low ports"],
  EADDRINUSE: ["inUse", "the port is taken; stop the program that has it or set another port"],
  EADDRNOTAVAIL: ["notFound", "this machine has no such address; listen on one of its own"],
};

/** What the network said, in words. `where` is e.g. `cannot connect to 10.0.0.7:10001`. */
export function networkError(error: unknown, where: string): TransportError {
  const code = String((error as { code?: unknown } | undefined)?.code ?? "");
  const [reason, words] = networkCauses[code] ?? ["lost", code === "" ? "the connection failed" : code];
  return new TransportError(reason, `${where}: ${words}`);
}

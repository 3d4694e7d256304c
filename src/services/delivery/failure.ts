import type { DeliveryFailure } from "./contract.js";

/** One try failed; `message` is for people and carries no secret. */
export class DeliveryError extends Error {
  readonly reason: DeliveryFailure;

  constructor(reason: DeliveryFailure, message: string) {
    super(message);
    this.name = "DeliveryError";
    this.reason = reason;
  }
}

const unreachable: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/** What a socket, TLS or the file system threw, as one of the closed reasons. */
export function toDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const code = (error as { code?: unknown }).code;
  const text = typeof code === "string" ? code : "";
  if (unreachable.has(text)) return new DeliveryError("notReachable", `the receiver cannot be reached (${text})`);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(text)) {
    return new DeliveryError("certificateNotTrusted", `the receiver's certificate is not trusted (${text})`);
  }
  return new DeliveryError("otherFailure", error instanceof Error ? error.message : String(error));
}

/**
 * Delivering a report file to a receiver: one file, one receiver, a number of tries. A delivery counts only when the
 * receiver has said so; a file may arrive twice, under the same name, but never not at all unnoticed.
 */
import type { ReceiverSettings } from "../../settings/types.js";

/** A finished file on the local disk; its bytes are as they shall arrive. */
export interface DeliveryFile {
  /** Name at the receiver: letters, digits, `.`, `-`, `_`. */
  readonly name: string;
  readonly path: string;
  readonly byteCount: number;
  /** e.g. `text/plain; charset=windows-1252`. */
  readonly contentType: string;
}

/** How often, and with what waits. */
export interface RetryPlan {
  /** Tries in all, at least 1. */
  readonly tries: number;
  readonly delaySeconds: number;
  /** One try may last so long; -1: as long as the receiver likes. */
  readonly timeoutSeconds: number;
}

/** Closed list of why a try failed. */
export type DeliveryFailure =
  | "notReachable"
  | "timedOut"
  | "loginRefused"
  | "refused"
  | "certificateNotTrusted"
  | "redirected"
  | "stopped"
  | "otherFailure";

export type DeliveryResult =
  | { readonly ok: true; readonly tries: number }
  | {
      readonly ok: false;
      readonly tries: number;
      readonly reason: DeliveryFailure;
      /** One sentence for people, without secrets: what the receiver said. */
      readonly message: string;
    };

export interface DeliveryService {
  /** Never rejects for what a receiver does. */
  deliver(file: DeliveryFile, receiver: ReceiverSettings, plan: RetryPlan): Promise<DeliveryResult>;
  /** Ends waits and running tries (`stopped`); resolves when all are over. */
  stop(): Promise<void>;
}

/** A receiver as logs and outcomes name it: without login, and without a URL's query, which may hold a token. */
export function receiverName(receiver: ReceiverSettings): string {
  if (receiver.kind === "ftp") return `ftp://${receiver.host}:${receiver.port}/${receiver.folder}`;
  const { origin, pathname } = new URL(receiver.url);
  return origin + pathname;
}

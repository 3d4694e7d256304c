import type { Clock, Logger } from "../../ports/index.js";
import type { ReceiverSettings } from "../../settings/types.js";
import {
  type DeliveryFile,
  type DeliveryResult,
  type DeliveryService,
  type RetryPlan,
  receiverName,
} from "./contract.js";
import { DeliveryError, toDeliveryError } from "./failure.js";
import { uploadFile } from "./ftp-upload.js";
import { postFile } from "./http-post.js";

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** e.g. `Model/OpenMeteringGateway Serial/00000001 Application/0.1.0`. */
  readonly userAgent: string;
  /** Further certificates to trust, PEM. */
  readonly trustedCertificates?: readonly string[];
}

/** Delivers by HTTP and FTP, try after try. */
export function createDeliveryService(options: DeliveryOptions): DeliveryService {
  const { clock, logger, userAgent, trustedCertificates } = options;
  const stopping = new AbortController();
  const running = new Set<Promise<DeliveryResult>>();

  async function tryOnce(file: DeliveryFile, receiver: ReceiverSettings, timeoutSeconds: number): Promise<void> {
    const ending = new AbortController();
    const stop = () => ending.abort();
    stopping.signal.addEventListener("abort", stop, { once: true });
    let isTimedOut = false;
    const cancelTimeout =
      timeoutSeconds < 0
        ? () => {}
        : clock.after(timeoutSeconds * 1000, () => {
            isTimedOut = true;
            ending.abort();
          });
    const transfer = { signal: ending.signal, userAgent, trustedCertificates };
    try {
      if (stopping.signal.aborted) ending.abort();
      if (receiver.kind === "http") await postFile(file, receiver, transfer);
      else await uploadFile(file, receiver, transfer);
    } catch (error) {
      if (stopping.signal.aborted) throw new DeliveryError("stopped", "the gateway is stopping");
      if (isTimedOut) throw new DeliveryError("timedOut", `no success within ${timeoutSeconds} s`);
      throw toDeliveryError(error);
    } finally {
      cancelTimeout();
      stopping.signal.removeEventListener("abort", stop);
    }
  }

  /** Resolves after the wait, or at once when the service stops. */
  function wait(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        cancel();
        stopping.signal.removeEventListener("abort", finish);
        resolve();
      };
      const cancel = clock.after(seconds * 1000, finish);
      stopping.signal.addEventListener("abort", finish, { once: true });
      if (stopping.signal.aborted) finish();
    });
  }

  async function tryAll(file: DeliveryFile, receiver: ReceiverSettings, plan: RetryPlan): Promise<DeliveryResult> {
    const tries = Math.max(1, plan.tries);
    const facts = { file: file.name, receiver: receiverName(receiver), tries };
    for (let number = 1; ; number++) {
      try {
        await tryOnce(file, receiver, plan.timeoutSeconds);
        logger.info("report delivered", { ...facts, try: number, bytes: file.byteCount });
        return { ok: true, tries: number };
      } catch (error) {
        const { reason, message } = toDeliveryError(error);
        logger.warn("report not delivered", { ...facts, try: number, reason, message });
        if (number >= tries || reason === "stopped") return { ok: false, tries: number, reason, message };
      }
      await wait(plan.delaySeconds);
    }
  }

  return {
    deliver(file, receiver, plan) {
      const delivery = tryAll(file, receiver, plan);
      running.add(delivery);
      return delivery.finally(() => running.delete(delivery));
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(running);
    },
  };
}

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { ByteChannel } from "../ports/index.js";
import { systemClock } from "./system-clock.js";
import { TransportError } from "./transport-error.js";

const lookEveryMs = 20;
const longestMs = 3000;

/**
 * Makes a pseudo terminal and gives its near end as a channel; `link` names the far end, which others open like a
 * serial device. Node cannot make one itself: socat does.
 * @throws TransportError `notFound` when socat is missing, `lost` when it cannot make the link
 */
export async function openPty(link: string): Promise<ByteChannel> {
  if (existsSync(link)) throw new TransportError("inUse", `${link} is there already; remove it or take another name`);
  const socat = spawn("socat", ["-", `pty,raw,echo=0,link=${link}`], { stdio: ["pipe", "pipe", "ignore"] });
  let ended: string | undefined;
  let tellClosed: ((cause: string | undefined) => void) | undefined;
  let isAskedToClose = false;
  const end = (cause: string): void => {
    if (ended !== undefined) return;
    ended = cause;
    tellClosed?.(isAskedToClose ? undefined : cause);
  };
  socat.once("error", () => end("socat does not start; install it with apt-get install socat"));
  socat.once("exit", () => end(`${link}: socat has ended`));
  socat.stdin.on("error", () => undefined);
  for (let waited = 0; !existsSync(link); waited += lookEveryMs) {
    await new Promise<void>((resolve) => void systemClock.after(lookEveryMs, resolve));
    if (ended !== undefined) throw new TransportError("notFound", ended);
    if (waited < longestMs) continue;
    socat.kill();
    throw new TransportError("lost", `${link}: socat made no link; check that the folder can be written to`);
  }
  return {
    listen(listener) {
      tellClosed = (cause) => listener.closed(cause);
      socat.stdout.on("data", (bytes: Uint8Array) => listener.received(bytes));
    },
    write(bytes) {
      if (ended !== undefined || isAskedToClose) return Promise.reject(new TransportError("closed", `${link}: closed`));
      return new Promise((resolve, reject) => {
        socat.stdin.write(bytes, (error) =>
          error ? reject(new TransportError("lost", `${link}: ${error.message}`)) : resolve(),
        );
      });
    },
    async close() {
      isAskedToClose = true;
      if (ended !== undefined) return;
      const gone = new Promise<void>((resolve) => socat.once("exit", () => resolve()));
      socat.kill();
      await gone;
    },
  };
}

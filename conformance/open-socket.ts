import { connect, type Socket } from "node:net";

const defaultTimeoutMs = 5000;

/** @throws (rejects with) the error of the operating system, or that there was no connection in time */
export async function openSocket(target: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs?: number;
}): Promise<Socket> {
  const { host, port, timeoutMs = defaultTimeoutMs } = target;
  const socket = connect({ host, port, noDelay: true });
  const limit = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return socket;
  } finally {
    clearTimeout(limit);
  }
}

import { createSocket } from "node:dgram";
import type { ByteChannel } from "../ports/index.js";
import { networkError, TransportError } from "./transport-error.js";

export interface UdpListenerOptions {
  /** Local address to listen on. */
  readonly host: string;
  /** 0 lets the system choose; the answer names it. */
  readonly port: number;
}

/**
 * Hears datagrams of anyone on a UDP port; each is handed on whole. Nothing can be sent: nobody is the other side.
 * @throws TransportError `inUse`, `permission` or `notFound`
 */
export function listenUdp({ host, port }: UdpListenerOptions): Promise<ByteChannel & { readonly port: number }> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    let isOpen = false;
    let tellClosed: ((cause: string | undefined) => void) | undefined;
    const fail = (error: unknown) => {
      socket.close();
      reject(networkError(error, `cannot listen on ${host}:${port}`));
    };
    socket.once("error", fail);
    socket.bind(port, host, () => {
      isOpen = true;
      socket.off("error", fail);
      socket.on("error", () => undefined);
      resolve({
        port: socket.address().port,
        listen(listener) {
          socket.on("message", (bytes) => listener.received(bytes));
          tellClosed = (cause) => listener.closed(cause);
        },
        write: () => Promise.reject(new TransportError("closed", `${host}:${port}: only listens`)),
        close() {
          if (!isOpen) return Promise.resolve();
          isOpen = false;
          return new Promise((done) => {
            socket.once("close", () => {
              tellClosed?.(undefined);
              done();
            });
            socket.close();
          });
        },
      });
    });
  });
}

import type { ByteChannel, ByteListener } from "../ports/index.js";
import { comPort, escapeTelnet, openingBytes, setBaudRateCommand, TelnetDecoder } from "./rfc2217-codec.js";
import { systemClock } from "./system-clock.js";
import { connectTcp, type TcpClientOptions } from "./tcp-client.js";
import { TransportError } from "./transport-error.js";

export interface Rfc2217Options extends TcpClientOptions {
  readonly baudRate: number;
  /** How long the server may take to agree; default 3000. */
  readonly answerTimeoutMs?: number;
}

/**
 * Opens a serial line behind a server that speaks RFC 2217, 8E1; its rate can be changed.
 * @throws TransportError: as connectTcp, or `timeout` and `refused` when the server does not do COM port control
 */
export async function connectRfc2217(options: Rfc2217Options): Promise<ByteChannel> {
  const { baudRate, answerTimeoutMs = 3000, ...tcp } = options;
  const peer = `${options.host}:${options.port}`;
  const line = new ComPortLine(await connectTcp(tcp), peer, answerTimeoutMs);
  try {
    await line.open(baudRate);
  } catch (error) {
    await line.close();
    throw error;
  }
  return line;
}

interface Waiting {
  readonly settle: (error?: TransportError) => void;
}

class ComPortLine implements ByteChannel {
  private readonly channel: ByteChannel;
  private readonly peer: string;
  private readonly answerTimeoutMs: number;
  private readonly decoder = new TelnetDecoder();
  private listener: ByteListener | undefined;
  private early: Uint8Array[] = [];
  private closedBefore: { readonly cause: string | undefined } | undefined;
  /** Waits for the server's word on the rate. */
  private waiting: Waiting | undefined;

  constructor(channel: ByteChannel, peer: string, answerTimeoutMs: number) {
    this.channel = channel;
    this.peer = peer;
    this.answerTimeoutMs = answerTimeoutMs;
    channel.listen({ received: (bytes) => this.received(bytes), closed: (cause) => this.closed(cause) });
  }

  open(baudRate: number): Promise<void> {
    return this.ask(openingBytes(baudRate));
  }

  setBaudRate(baudRate: number): Promise<void> {
    return this.ask(setBaudRateCommand(baudRate));
  }

  listen(listener: ByteListener): void {
    this.listener = listener;
    for (const bytes of this.early.splice(0)) listener.received(bytes);
    const closed = this.closedBefore;
    if (closed !== undefined) queueMicrotask(() => listener.closed(closed.cause));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.channel.write(escapeTelnet(bytes));
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  /** Sends commands and waits until the server has told the rate it set. */
  private ask(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = systemClock.after(this.answerTimeoutMs, () =>
        settle(
          this.failure("timeout", "the server does not answer as RFC 2217 wants; check that COM port control is on"),
        ),
      );
      const settle = (error?: TransportError) => {
        cancel();
        this.waiting = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.waiting = { settle };
      this.channel.write(bytes).catch((error: TransportError) => settle(error));
    });
  }

  private failure(reason: "timeout" | "refused" | "lost", words: string): TransportError {
    return new TransportError(reason, `${this.peer}: ${words}`);
  }

  private received(bytes: Uint8Array): void {
    const { data, reply, answers, isRefused } = this.decoder.push(bytes);
    if (reply.length > 0) this.channel.write(reply).catch(() => undefined);
    if (isRefused) this.waiting?.settle(this.failure("refused", "the server does no COM port control; use kind tcp"));
    if (answers.some(({ command }) => command === comPort.setBaudRate)) this.waiting?.settle();
    if (data.length === 0) return;
    if (this.listener === undefined) this.early.push(data);
    else this.listener.received(data);
  }

  private closed(cause: string | undefined): void {
    this.waiting?.settle(this.failure("lost", cause ?? "the connection was closed"));
    this.closedBefore = { cause };
    this.listener?.closed(cause);
  }
}

/** A DLMS client on a TCP connection: the one socket of client associations, for the command line, tests and checks. */
import type { Socket } from "node:net";
import {
  type ClientAssociationOptions,
  type ClientDriver,
  classById,
  createClientDriver,
  createWrapperDecoder,
  encodeWrapperFrame,
  type WrapperFrame,
} from "../cosem/index.js";
import { openSocket } from "./open-socket.js";

export interface DlmsTarget {
  readonly host: string;
  readonly port: number;
  readonly clientSap: number;
  readonly serverSap: number;
  /** How long the connection, and each answer, may take; default 5,000. */
  readonly timeoutMs?: number;
}

/** One frame as it went over the wire. */
export interface TracedFrame {
  readonly direction: ">" | "<";
  readonly bytes: Uint8Array;
}

/** No answer came: the server is silent, or has closed the connection. */
export class NoAnswer extends Error {}

export interface DlmsConnection {
  /** Its calls reject with NoAnswer too. */
  readonly client: ClientDriver;
  /** The newest frames, 1,000 at most. */
  readonly trace: readonly TracedFrame[];
  readonly isClosed: boolean;
  /** The trace so far, which begins anew. */
  takeTrace(): readonly TracedFrame[];
  /** Sends an APDU past the client's machine and waits for one. @throws (rejects with) NoAnswer */
  exchange(apdu: Uint8Array): Promise<Uint8Array>;
  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void;
  /** The next frame that comes. @throws (rejects with) NoAnswer */
  nextFrame(): Promise<WrapperFrame>;
  close(): Promise<void>;
}

/** @throws (rejects with) the error of the operating system when there is no connection */
export async function connectDlms(target: DlmsTarget, options: ClientAssociationOptions = {}): Promise<DlmsConnection> {
  const socket = await openSocket(target);
  return new Connection(socket, target, options);
}

const maxTracedFrames = 1000;

interface Waiting {
  resolve(frame: WrapperFrame): void;
  reject(error: Error): void;
}

class Connection implements DlmsConnection {
  readonly client: ClientDriver;
  trace: TracedFrame[] = [];
  isClosed = false;
  private readonly socket: Socket;
  private readonly target: DlmsTarget;
  private readonly decoder = createWrapperDecoder(0xffff);
  private readonly arrived: WrapperFrame[] = [];
  private waiting: Waiting | undefined;
  private isListening = false;
  private answerTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, target: DlmsTarget, options: ClientAssociationOptions) {
    this.socket = socket;
    this.target = target;
    this.client = createClientDriver({ classOf: classById, ...options }, (apdu) => this.sendForClient(apdu));
    socket.on("data", (chunk) => this.received(chunk));
    socket.on("error", (error) => this.lost(error.message));
    socket.on("close", () => this.lost("the server closed the connection"));
  }

  private sendForClient(apdu: Uint8Array): void {
    this.sendBytes(this.frame(apdu));
    if (!this.isListening) void this.listenForClient();
  }

  /** An answer may take several frames, and notifications may come between. */
  private async listenForClient(): Promise<void> {
    this.isListening = true;
    try {
      while (this.client.isWaiting) this.client.receive((await this.nextFrame()).apdu);
    } catch (error) {
      this.client.fail(error instanceof Error ? error : new Error("no answer"));
    } finally {
      this.isListening = false;
    }
  }

  private armTimer(): void {
    clearTimeout(this.answerTimer);
    const limit = this.target.timeoutMs ?? 5000;
    this.answerTimer = setTimeout(() => this.giveUp(`no answer within ${limit} ms`), limit);
  }

  private frame(apdu: Uint8Array): Uint8Array {
    const { clientSap, serverSap } = this.target;
    return encodeWrapperFrame({ sourceWPort: clientSap, destinationWPort: serverSap, apdu });
  }

  private received(chunk: Uint8Array): void {
    try {
      for (const frame of this.decoder.push(chunk)) this.take(frame);
    } catch (error) {
      this.giveUp(error instanceof Error ? error.message : "bytes that are no frame");
      this.socket.destroy();
    }
  }

  private take(frame: WrapperFrame): void {
    this.keepTrace({ direction: "<", bytes: encodeWrapperFrame(frame) });
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting === undefined) this.arrived.push(frame);
    else waiting.resolve(frame);
  }

  private keepTrace(frame: TracedFrame): void {
    if (this.trace.length >= maxTracedFrames) this.trace.shift();
    this.trace.push(frame);
  }

  takeTrace(): readonly TracedFrame[] {
    const { trace } = this;
    this.trace = [];
    return trace;
  }

  async exchange(apdu: Uint8Array): Promise<Uint8Array> {
    this.sendBytes(this.frame(apdu));
    return (await this.nextFrame()).apdu;
  }

  sendBytes(bytes: Uint8Array): void {
    this.keepTrace({ direction: ">", bytes: new Uint8Array(bytes) });
    if (!this.isClosed) this.socket.write(bytes);
  }

  async nextFrame(): Promise<WrapperFrame> {
    const frame = this.arrived.shift();
    if (frame !== undefined) return frame;
    if (this.isClosed) throw new NoAnswer("the server closed the connection");
    this.armTimer();
    try {
      return await new Promise<WrapperFrame>((resolve, reject) => {
        this.waiting = { resolve, reject };
      });
    } finally {
      clearTimeout(this.answerTimer);
    }
  }

  private giveUp(reason: string): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(new NoAnswer(reason));
  }

  private lost(reason: string): void {
    this.isClosed = true;
    this.giveUp(reason);
  }

  async close(): Promise<void> {
    clearTimeout(this.answerTimer);
    if (this.isClosed) return;
    const closed = new Promise<void>((resolve) => this.socket.once("close", () => resolve()));
    this.socket.destroySoon();
    await closed;
  }
}

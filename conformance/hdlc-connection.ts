/** A DLMS client over HDLC, on a TCP connection or any line: the same calls as over the wrapper, and single frames. */
import {
  type ClientAssociationOptions,
  type ClientDriver,
  classById,
  createClientDriver,
  createHdlcClient,
  encodeHdlcFrame,
  type HdlcAddress,
  type HdlcClient,
  type HdlcClientEvent,
  type HdlcFrame,
  type HdlcParameters,
  hdlcAddress,
  type WrapperFrame,
} from "../cosem/index.js";
import { openSocket } from "./open-socket.js";
import { type DlmsConnection, type DlmsTarget, NoAnswer, type TracedFrame } from "./tcp-connection.js";

export interface HdlcTarget extends DlmsTarget {
  /** Lower HDLC address of the server. Without it the server address has one octet. */
  readonly physicalDevice?: number;
  /** Octets of the server address; default: as few as do. */
  readonly addressLength?: 1 | 2 | 4;
  /** Proposed when the link is set up. Default: 128 octets, window 1. */
  readonly parameters?: HdlcParameters;
  /** Whether the link is set up at once; default true. */
  readonly opensLink?: boolean;
  /** How often a frame without an answer is repeated; default 2. */
  readonly retries?: number;
  /** How long one answer of the link layer may take; default a third of `timeoutMs`. */
  readonly responseTimeoutMs?: number;
  /** Default 500. */
  readonly interOctetTimeoutMs?: number;
}

/** A line that carries the bytes; every ByteChannel of the gateway is one. */
export interface HdlcLine {
  listen(listener: { received(bytes: Uint8Array): void; closed(cause: string | undefined): void }): void;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface HdlcConnection extends DlmsConnection {
  /** What was agreed; undefined without a link. */
  readonly parameters: HdlcParameters | undefined;
  /** Sets the link up, anew where there is one. @throws (rejects with) NoAnswer, also when it is refused */
  openLink(): Promise<HdlcParameters>;
  /** DISC and its answer. @throws (rejects with) NoAnswer */
  closeLink(): Promise<void>;
  /** The next HDLC frame of any kind that came; for frames sent by sendBytes(). @throws (rejects with) NoAnswer */
  nextHdlcFrame(timeoutMs?: number): Promise<HdlcFrame>;
  /** Forgets frames that nextHdlcFrame() was not asked for. */
  forgetHdlcFrames(): void;
}

/** @throws (rejects with) the error of the operating system when there is no connection, NoAnswer without a link */
export async function connectHdlc(target: HdlcTarget, options: ClientAssociationOptions = {}): Promise<HdlcConnection> {
  const socket = await openSocket(target);
  const line: HdlcLine = {
    listen(listener) {
      let cause = "the server closed the connection";
      socket.on("data", (bytes) => listener.received(bytes));
      socket.on("error", (error) => {
        cause = error.message;
      });
      socket.on("close", () => listener.closed(cause));
    },
    async write(bytes) {
      socket.write(bytes);
    },
    async close() {
      if (socket.closed) return;
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.destroySoon();
      await closed;
    },
  };
  return openHdlc(line, target, options);
}

/** The same on a line that is open already; closing the connection closes it. @throws as connectHdlc() */
export async function openHdlc(
  line: HdlcLine,
  target: Omit<HdlcTarget, "host" | "port">,
  options: ClientAssociationOptions = {},
): Promise<HdlcConnection> {
  const connection = new Connection(line, target, options);
  if (target.opensLink === false) return connection;
  try {
    await connection.openLink();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

const maxTracedFrames = 1000;
const defaultTimeoutMs = 5000;

/** What came, and who waits for it. */
class Inbox<T> {
  private readonly arrived: T[] = [];
  private waiting: { resolve(one: T): void; reject(error: Error): void } | undefined;

  get isEmpty(): boolean {
    return this.arrived.length === 0;
  }

  put(one: T): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) waiting.resolve(one);
    else if (this.arrived.push(one) > maxTracedFrames) this.arrived.shift();
  }

  async take(timeoutMs: number, closedFor: string | undefined): Promise<T> {
    const one = this.arrived.shift();
    if (one !== undefined) return one;
    if (closedFor !== undefined) throw new NoAnswer(closedFor);
    const timer = setTimeout(() => this.fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    try {
      return await new Promise<T>((resolve, reject) => {
        this.waiting = { resolve, reject };
      });
    } finally {
      clearTimeout(timer);
    }
  }

  fail(reason: string): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(new NoAnswer(reason));
  }

  forget(): void {
    this.arrived.length = 0;
  }
}

class Connection implements HdlcConnection {
  readonly client: ClientDriver;
  trace: TracedFrame[] = [];
  parameters: HdlcParameters | undefined;
  isClosed = false;
  private readonly line: HdlcLine;
  private readonly target: Omit<HdlcTarget, "host" | "port">;
  private readonly link: HdlcClient;
  private readonly apdus = new Inbox<Uint8Array>();
  private readonly frames = new Inbox<HdlcFrame>();
  private readonly linkChanges = new Inbox<HdlcParameters | string>();
  private closedFor: string | undefined;
  private isListening = false;
  private isAnswerDue = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(line: HdlcLine, target: Omit<HdlcTarget, "host" | "port">, options: ClientAssociationOptions) {
    this.line = line;
    this.target = target;
    const { clientSap, parameters, retries = 2, interOctetTimeoutMs = 500 } = target;
    this.link = createHdlcClient({
      clientSap,
      server: serverAddress(target),
      retries,
      interOctetTimeoutMs,
      responseTimeoutMs: target.responseTimeoutMs ?? Math.ceil(this.timeoutMs / (retries + 1)),
      ...(parameters === undefined ? {} : { parameters }),
    });
    this.client = createClientDriver({ classOf: classById, ...options }, (apdu) => this.sendForClient(apdu));
    line.listen({
      received: (bytes) => this.act(this.link.receive(bytes, performance.now())),
      closed: (cause) => this.lost(cause ?? "the line was closed"),
    });
  }

  private get timeoutMs(): number {
    return this.target.timeoutMs ?? defaultTimeoutMs;
  }

  private act(events: readonly HdlcClientEvent[]): void {
    for (const event of events) this.actOn(event);
    clearTimeout(this.timer);
    const due = this.link.nextDeadline();
    if (due === undefined || this.isClosed) return;
    const wait = Math.max(0, Math.ceil(due - performance.now()));
    this.timer = setTimeout(() => this.act(this.link.expire(performance.now())), wait);
  }

  private actOn(event: HdlcClientEvent): void {
    switch (event.kind) {
      case "send":
        this.sendBytes(event.bytes);
        break;
      case "frame":
        this.keepTrace({ direction: "<", bytes: encodeHdlcFrame(event.frame) });
        this.frames.put({ ...event.frame, information: new Uint8Array(event.frame.information) });
        break;
      case "connected":
        this.parameters = event.parameters;
        this.linkChanges.put(event.parameters);
        break;
      case "disconnected":
        this.parameters = undefined;
        this.linkChanges.put(event.reason);
        this.apdus.fail(`the link has ended: ${event.reason}`);
        break;
      case "apdu":
      case "unconfirmed":
        this.apdus.put(event.apdu);
        break;
      case "discarded":
        break;
    }
  }

  async openLink(): Promise<HdlcParameters> {
    this.linkChanges.forget();
    this.parameters = undefined;
    this.act(this.link.connect(performance.now()));
    const change = await this.linkChanges.take(this.timeoutMs, this.closedFor);
    if (typeof change === "string") throw new NoAnswer(`the HDLC link was not set up: ${change}`);
    return change;
  }

  async closeLink(): Promise<void> {
    if (!this.link.isConnected) return;
    this.linkChanges.forget();
    this.act(this.link.disconnect(performance.now()));
    const change = await this.linkChanges.take(this.timeoutMs, this.closedFor);
    if (change !== "disconnected") throw new NoAnswer("the HDLC link did not end in order");
  }

  private sendForClient(apdu: Uint8Array): void {
    if (this.link.isConnected) this.act(this.link.send(apdu, performance.now()));
    this.isAnswerDue = true;
    if (!this.isListening) void this.listenForClient();
  }

  /** An answer may take several APDUs, and notifications may come between. */
  private async listenForClient(): Promise<void> {
    this.isListening = true;
    try {
      while (this.client.isWaiting) {
        if (!this.link.isConnected) throw new NoAnswer(this.closedFor ?? "there is no HDLC link");
        const isAnswer = this.isAnswerDue;
        this.isAnswerDue = false;
        // What we sent polls the server by itself.
        const apdu = isAnswer ? await this.apdus.take(this.timeoutMs, this.closedFor) : (await this.nextFrame()).apdu;
        this.client.receive(apdu);
      }
    } catch (error) {
      this.client.fail(error instanceof Error ? error : new Error("no answer"));
    } finally {
      this.isListening = false;
    }
  }

  async exchange(apdu: Uint8Array): Promise<Uint8Array> {
    if (!this.link.isConnected) throw new NoAnswer(this.closedFor ?? "there is no HDLC link");
    this.act(this.link.send(apdu, performance.now()));
    return this.apdus.take(this.timeoutMs, this.closedFor);
  }

  sendBytes(bytes: Uint8Array): void {
    this.keepTrace({ direction: ">", bytes: new Uint8Array(bytes) });
    if (!this.isClosed) this.line.write(bytes).catch((error: Error) => this.lost(error.message));
  }

  async nextFrame(): Promise<WrapperFrame> {
    const { clientSap, serverSap } = this.target;
    // An HDLC server speaks when it is asked, also where it has several APDUs for one request.
    if (this.apdus.isEmpty) this.act(this.link.poll(performance.now()));
    const apdu = await this.apdus.take(this.timeoutMs, this.closedFor);
    return { sourceWPort: serverSap, destinationWPort: clientSap, apdu };
  }

  nextHdlcFrame(timeoutMs = this.timeoutMs): Promise<HdlcFrame> {
    return this.frames.take(timeoutMs, this.closedFor);
  }

  forgetHdlcFrames(): void {
    this.frames.forget();
  }

  takeTrace(): readonly TracedFrame[] {
    const { trace } = this;
    this.trace = [];
    return trace;
  }

  private keepTrace(frame: TracedFrame): void {
    if (this.trace.length >= maxTracedFrames) this.trace.shift();
    this.trace.push(frame);
  }

  private lost(reason: string): void {
    this.isClosed = true;
    this.closedFor ??= reason;
    this.parameters = undefined;
    clearTimeout(this.timer);
    for (const inbox of [this.apdus, this.frames, this.linkChanges]) inbox.fail(reason);
  }

  /** Ends the link in order where there is one, then the line. */
  async close(): Promise<void> {
    if (!this.isClosed) await this.closeLink().catch(() => undefined);
    this.lost("closed");
    await this.line.close();
  }
}

function serverAddress({ serverSap, physicalDevice, addressLength }: Omit<HdlcTarget, "host" | "port">): HdlcAddress {
  const lower = physicalDevice ?? (serverSap > 0x7f || (addressLength ?? 1) > 1 ? defaultPhysicalDevice : undefined);
  return hdlcAddress(serverSap, lower, addressLength);
}

/** The first lower address that is free for use. */
const defaultPhysicalDevice = 16;

/**
 * One TCP connection: bytes to frames to associations, answers collected to one write a turn. Frames are answered in
 * order. While an answer is waited for, or the peer does not read, nothing more is read from it.
 */
import type { Socket } from "node:net";
import {
  type ByteWriter,
  createWrapperDecoder,
  DecodeError,
  type ShortNames,
  type WrapperFrame,
} from "../../../cosem/index.js";
import type { DlmsClient, DlmsLimits, DlmsViewParts } from "./options.js";
import type { Output } from "./output.js";
import { PeerAssociations } from "./peer-associations.js";

export interface ConnectionParts
  extends Pick<DlmsViewParts, "registry" | "logger" | "clock" | "systemTitle" | "failures" | "counters"> {
  readonly socket: Socket;
  readonly clients: ReadonlyMap<number, DlmsClient>;
  readonly limits: DlmsLimits;
  readonly output: Output;
  readonly shortNames: ShortNames;
  readonly scratch: ByteWriter;
}

/** An AARQ comes before any size is agreed on. */
const minFrameLimit = 1024;

export class DlmsConnection {
  readonly peer: string;
  private readonly parts: ConnectionParts;
  private readonly decoder;
  private readonly associations: PeerAssociations;
  /** Frames received and not yet answered: those of one chunk, or two. */
  private frames: readonly WrapperFrame[] = [];
  private nextFrame = 0;
  private isWaiting = false;
  private isBlocked = false;
  private isClosed = false;
  private hasBrokenStream = false;
  private lastFrameAt: number;
  private midFrameSince: number | undefined;

  constructor(parts: ConnectionParts) {
    const { socket, limits, clock, output } = parts;
    this.parts = parts;
    this.peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.associations = new PeerAssociations({
      ...parts,
      peer: this.peer,
      // Ports of the request, swapped in the answer.
      send: (clientSap, serverSap, apdu) => output.addFrame(socket, serverSap, clientSap, apdu),
    });
    this.decoder = createWrapperDecoder(Math.max(limits.maxReceivePduSize, minFrameLimit));
    this.lastFrameAt = clock.monotonic();
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.received(chunk));
    socket.on("drain", () => this.drained());
    socket.on("error", (error) =>
      this.parts.logger.debug("connection error", { peer: this.peer, cause: error.message }),
    );
    socket.on("close", () => this.closed());
  }

  private received(chunk: Uint8Array): void {
    const now = this.parts.clock.monotonic();
    let arrived: readonly WrapperFrame[];
    try {
      arrived = this.decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      arrived = this.decoder.framesBeforeError;
      this.hasBrokenStream = true;
      this.parts.socket.pause();
      this.parts.counters?.count("connection", error.reason);
      this.parts.logger.warn("connection refused", { peer: this.peer, reason: error.reason, layer: error.layer });
    }
    if (arrived.length > 0) this.lastFrameAt = now;
    this.noteMidFrame(arrived.length > 0, now);
    const isIdle = this.nextFrame === this.frames.length;
    this.frames = isIdle ? arrived : [...this.frames.slice(this.nextFrame), ...arrived];
    this.nextFrame = 0;
    this.work(now);
  }

  private noteMidFrame(isNew: boolean, now: number): void {
    if (!this.decoder.isMidFrame) this.midFrameSince = undefined;
    else if (isNew || this.midFrameSince === undefined) this.midFrameSince = now;
  }

  /** Answers what can be answered now, then writes once. */
  private work(now: number): void {
    const { socket, output, limits } = this.parts;
    while (!this.isWaiting && !this.isBlocked && !this.isClosed && this.nextFrame < this.frames.length) {
      const frame = this.frames[this.nextFrame++] as WrapperFrame;
      const waiting = this.answer(frame, now);
      if (waiting !== undefined) this.waitFor(waiting);
      if (output.length >= limits.maxOutputBytes) this.flush();
    }
    this.flush();
    if (this.nextFrame === this.frames.length && !this.isWaiting) {
      this.frames = [];
      this.nextFrame = 0;
      if (this.hasBrokenStream) socket.destroySoon();
    }
    this.readOn();
  }

  private flush(): void {
    if (!this.parts.output.flush(this.parts.socket)) this.isBlocked = true;
  }

  private readOn(): void {
    const { socket } = this.parts;
    const mayRead = !this.isWaiting && !this.isBlocked && !this.hasBrokenStream;
    if (mayRead === !socket.isPaused()) return;
    if (mayRead) socket.resume();
    else socket.pause();
  }

  private drained(): void {
    this.isBlocked = false;
    this.work(this.parts.clock.monotonic());
  }

  private waitFor(waiting: Promise<void>): void {
    this.isWaiting = true;
    waiting
      .catch((error: unknown) => {
        this.parts.logger.error("connection failed", { peer: this.peer, error });
        this.parts.socket.destroy();
      })
      .then(() => {
        this.isWaiting = false;
        this.work(this.parts.clock.monotonic());
      });
  }

  private answer({ sourceWPort, destinationWPort, apdu }: WrapperFrame, now: number): Promise<void> | undefined {
    return this.associations.receive(sourceWPort, destinationWPort, apdu, now);
  }

  /** Called now and then: gives up what has taken too long. */
  expire(now: number): void {
    const { limits, logger, socket, counters } = this.parts;
    // The rest of a frame may be held up by us: its time begins anew.
    if (this.midFrameSince !== undefined && (this.isWaiting || this.isBlocked)) this.midFrameSince = now;
    const isStuck = this.midFrameSince !== undefined && now - this.midFrameSince >= limits.halfFrameTimeoutMs;
    const isSilent = !this.isWaiting && now - this.lastFrameAt >= limits.inactivityTimeoutMs;
    if (isStuck || isSilent) {
      if (isStuck) counters?.count("connection", "half a frame");
      logger.info("connection closed", { peer: this.peer, reason: isStuck ? "half a frame" : "inactivity" });
      socket.destroy();
      return;
    }
    this.associations.expire(now);
  }

  /** Closes in order: what was answered still goes out. */
  close(): void {
    this.parts.socket.destroySoon();
  }

  private closed(): void {
    this.isClosed = true;
    this.frames = [];
    this.nextFrame = 0;
    this.associations.close("connectionLost");
  }
}

/**
 * One TCP connection: bytes to frames to associations, answers collected to one write a turn. Frames are answered in
 * order. While an answer is waited for, or the peer does not read, nothing more is read from it.
 */
import type { Socket } from "node:net";
import {
  apduTag,
  type ByteWriter,
  createServerAssociation,
  createWrapperDecoder,
  DecodeError,
  encodeExceptionResponse,
  offeredConformance,
  refuseAssociation,
  serviceError,
  stateError,
  type WrapperFrame,
} from "../../../cosem/index.js";
import { AssociationLink } from "./association-link.js";
import type { DlmsClient, DlmsLimits, DlmsViewParts } from "./options.js";
import type { Output } from "./output.js";

export interface ConnectionParts extends Pick<DlmsViewParts, "registry" | "logger" | "clock" | "systemTitle"> {
  readonly socket: Socket;
  readonly clients: ReadonlyMap<number, DlmsClient>;
  readonly limits: DlmsLimits;
  readonly output: Output;
  readonly scratch: ByteWriter;
}

/** An AARQ comes before any size is agreed on. */
const minFrameLimit = 1024;

const notAssociated = encodeExceptionResponse({
  stateError: stateError.serviceNotAllowed,
  serviceError: serviceError.operationNotPossible,
  invocationCounter: undefined,
});

export class DlmsConnection {
  readonly peer: string;
  private readonly parts: ConnectionParts;
  private readonly decoder;
  /** One association a client SAP. */
  private readonly links = new Map<number, AssociationLink>();
  private lastLink: AssociationLink | undefined;
  /** Frames received and not yet answered: those of one chunk, or two. */
  private frames: readonly WrapperFrame[] = [];
  private nextFrame = 0;
  private isWaiting = false;
  private isBlocked = false;
  private isClosed = false;
  private hasBrokenStream = false;
  private hasLoggedRejection = false;
  private lastFrameAt: number;
  private midFrameSince: number | undefined;

  constructor(parts: ConnectionParts) {
    const { socket, limits, clock } = parts;
    this.parts = parts;
    this.peer = `${socket.remoteAddress}:${socket.remotePort}`;
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

  private answer(frame: WrapperFrame, now: number): Promise<void> | undefined {
    const last = this.lastLink;
    if (last !== undefined && last.clientSap === frame.sourceWPort && last.serverSap === frame.destinationWPort) {
      return last.receive(frame.apdu, now);
    }
    const link = this.links.get(frame.sourceWPort);
    if (link !== undefined && link.serverSap === frame.destinationWPort) {
      this.lastLink = link;
      return link.receive(frame.apdu, now);
    }
    if (frame.apdu[0] === apduTag.aarq) return this.open(frame, now);
    this.send(frame, notAssociated);
    this.rejected("no association is open");
    return undefined;
  }

  /** The client's other association, to another logical device, ends only when this one is open. */
  private open(frame: WrapperFrame, now: number): Promise<void> | undefined {
    const link = this.makeLink(frame);
    if (link === undefined) return undefined;
    const waiting = link.receive(frame.apdu, now);
    if (!link.isOpen) return waiting;
    this.links.get(frame.sourceWPort)?.close("replaced");
    this.links.set(frame.sourceWPort, link);
    this.lastLink = link;
    return waiting;
  }

  private makeLink(frame: WrapperFrame): AssociationLink | undefined {
    const { clients, registry, limits, logger, clock, scratch, systemTitle } = this.parts;
    const client = clients.get(frame.sourceWPort);
    const device = registry.deviceBySap(frame.destinationWPort);
    if (client === undefined || device === undefined) {
      const refusal = refuseAssociation(client === undefined ? "unknownClient" : "unknownServer");
      if (!refusal.accepted && refusal.aare !== undefined) this.send(frame, refusal.aare);
      this.refused(frame, client === undefined ? "unknownClient" : "unknownServer");
      return undefined;
    }
    const machine = createServerAssociation({
      policy: {
        clientSap: frame.sourceWPort,
        serverSap: frame.destinationWPort,
        applicationContext: client.applicationContext ?? 1,
        mechanism: client.mechanism,
        secret: client.secret,
        conformance: client.conformance ?? offeredConformance,
        maxReceivePduSize: limits.maxReceivePduSize,
        maxSendPduSize: limits.maxSendPduSize,
        systemTitle,
      },
      inactivityTimeoutMs: limits.inactivityTimeoutMs,
      maxAssembledBytes: limits.maxAssembledBytes,
      scratch,
    });
    const { sourceWPort, destinationWPort } = frame;
    const ports = { sourceWPort, destinationWPort };
    return new AssociationLink({
      client,
      device,
      machine,
      peer: this.peer,
      registry,
      logger,
      clock,
      send: (apdu) => this.send(ports, apdu),
      onRefused: (reason) => this.refused(ports, reason),
      onRejected: (detail) => this.rejected(detail),
    });
  }

  /** Ports of the request, swapped in the answer. */
  private send(ports: Pick<WrapperFrame, "sourceWPort" | "destinationWPort">, apdu: Uint8Array): void {
    const { output, socket } = this.parts;
    output.addFrame(socket, ports.destinationWPort, ports.sourceWPort, apdu);
  }

  private refused(ports: Pick<WrapperFrame, "sourceWPort" | "destinationWPort">, reason: string): void {
    const { sourceWPort: client, destinationWPort: server } = ports;
    this.parts.logger.warn("association refused", { peer: this.peer, client, server, reason });
  }

  /** The first of a connection is worth a warning; a hostile peer fills no log. */
  private rejected(reason: string): void {
    const { logger } = this.parts;
    if (this.hasLoggedRejection) logger.debug("request rejected", { peer: this.peer, reason });
    else logger.warn("request rejected", { peer: this.peer, reason });
    this.hasLoggedRejection = true;
  }

  /** Called now and then: gives up what has taken too long. */
  expire(now: number): void {
    const { limits, logger, socket } = this.parts;
    // The rest of a frame may be held up by us: its time begins anew.
    if (this.midFrameSince !== undefined && (this.isWaiting || this.isBlocked)) this.midFrameSince = now;
    const isStuck = this.midFrameSince !== undefined && now - this.midFrameSince >= limits.halfFrameTimeoutMs;
    const isSilent = !this.isWaiting && now - this.lastFrameAt >= limits.inactivityTimeoutMs;
    if (isStuck || isSilent) {
      logger.info("connection closed", { peer: this.peer, reason: isStuck ? "half a frame" : "inactivity" });
      socket.destroy();
      return;
    }
    for (const link of this.links.values()) {
      link.expire(now);
      if (link.isOpen) continue;
      this.links.delete(link.clientSap);
      if (this.lastLink === link) this.lastLink = undefined;
    }
  }

  /** Closes in order: what was answered still goes out. */
  close(): void {
    this.parts.socket.destroySoon();
  }

  private closed(): void {
    this.isClosed = true;
    this.frames = [];
    this.nextFrame = 0;
    for (const link of this.links.values()) link.close("connectionLost");
    this.links.clear();
    this.lastLink = undefined;
  }
}

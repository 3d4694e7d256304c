/**
 * One HDLC peer: a TCP connection, or a line with all that hangs on it. Bytes go into the station, its requests to the
 * associations, one at a time and in order; the link layer goes on meanwhile.
 */
import {
  apduTag,
  type ByteWriter,
  createHdlcServer,
  type HdlcServer,
  type HdlcServerEvent,
  type HdlcServerOptions,
  type ShortNames,
} from "../../../cosem/index.js";
import type { ByteChannel } from "../../ports/index.js";
import type { DlmsClient, DlmsLimits, DlmsViewParts } from "./options.js";
import { PeerAssociations } from "./peer-associations.js";

export interface HdlcConnectionParts
  extends Pick<DlmsViewParts, "registry" | "logger" | "clock" | "systemTitle" | "failures" | "counters"> {
  readonly channel: ByteChannel;
  readonly peer: string;
  readonly clients: ReadonlyMap<number, DlmsClient>;
  readonly limits: DlmsLimits;
  readonly station: HdlcServerOptions;
  readonly scratch: ByteWriter;
  readonly shortNames: ShortNames;
  onClosed(): void;
  /** Told how many links are open whenever that changes. */
  onLinksChanged?(count: number): void;
}

type QueuedEvent = Extract<HdlcServerEvent, { kind: "request" | "unconfirmed" | "disconnected" }>;

/** While an answer is waited for; what seven requests on each of some links need, and more. */
const maxQueuedEvents = 1000;

export class HdlcConnection {
  private readonly parts: HdlcConnectionParts;
  private readonly station: HdlcServer;
  private readonly associations: PeerAssociations;
  /** In the order they came: at most a few requests a link wait, the station sees to it. */
  private queue: QueuedEvent[] = [];
  /** Where an answer goes; undefined while none may be given. */
  private answeredLink: number | undefined;
  private openLinks = 0;
  private isWaiting = false;
  private isClosing = false;
  private hasLoggedTooLong = false;
  private isClosed = false;
  /** Handed to the channel and not yet taken by it. */
  private unsentBytes = 0;
  private output: Uint8Array[] = [];
  private cancelTimer: (() => void) | undefined;
  private timerAt: number | undefined;

  constructor(parts: HdlcConnectionParts) {
    this.parts = parts;
    this.station = createHdlcServer(parts.station);
    this.associations = new PeerAssociations({
      ...parts,
      send: (_clientSap, _serverSap, apdu) => {
        if (this.answeredLink !== undefined) this.station.respond(this.answeredLink, apdu);
      },
    });
    parts.channel.listen({
      received: (bytes) => {
        if (!this.isClosing) this.act(this.station.receive(bytes, this.now()));
      },
      closed: (cause) => this.closed(cause),
    });
  }

  /** Acts on what the station says, answers what can be answered, writes once. */
  private act(events: readonly HdlcServerEvent[]): void {
    this.note(events);
    this.work();
    this.flush();
    this.armTimer();
  }

  private note(events: readonly HdlcServerEvent[]): void {
    const { logger, peer } = this.parts;
    for (const event of events) {
      switch (event.kind) {
        case "send":
          this.output.push(event.bytes);
          break;
        case "connected":
          this.countLinks(1);
          logger.debug("HDLC link opened", { peer, client: event.clientSap, server: event.serverSap });
          break;
        case "discarded":
          if (event.reason === "overLimit") this.tooLong();
          else logger.debug("HDLC frame discarded", { peer, reason: event.reason });
          break;
        default:
          if (event.kind === "disconnected") this.countLinks(-1);
          this.enqueue(event);
      }
    }
  }

  /** A message longer than any that is taken: worth a warning once, while noise on a line is not. */
  private tooLong(): void {
    const { logger, peer, counters } = this.parts;
    counters?.count("request", "overLimit");
    if (!this.hasLoggedTooLong) logger.warn("request rejected", { peer, reason: "overLimit", layer: "hdlc" });
    this.hasLoggedTooLong = true;
  }

  private enqueue(event: QueuedEvent): void {
    if (this.queue.push(event) <= maxQueuedEvents || this.isClosing) return;
    this.isClosing = true;
    const { logger, peer, counters } = this.parts;
    const reason = "more than can be worked on";
    counters?.count("connection", reason);
    logger.warn("connection refused", { peer, reason, layer: "hdlc" });
    void this.close();
  }

  private countLinks(change: 1 | -1): void {
    this.openLinks += change;
    this.parts.onLinksChanged?.(this.openLinks);
  }

  private work(): void {
    while (!this.isWaiting && !this.isClosed) {
      const event = this.queue.shift();
      if (event === undefined) return;
      const waiting = this.actOn(event);
      if (waiting === undefined) this.done(event);
      else this.waitFor(waiting, event);
    }
  }

  private actOn(event: QueuedEvent): Promise<void> | undefined {
    const { clientSap } = event;
    if (event.kind === "disconnected") {
      const { serverSap: server, reason } = event;
      this.parts.logger.debug("HDLC link ended", { peer: this.parts.peer, client: clientSap, server, reason });
      this.associations.drop(clientSap, server, "connectionLost");
      return undefined;
    }
    if (event.kind === "request") {
      this.answeredLink = event.link;
      return this.associations.receive(clientSap, event.serverSap, event.apdu, this.now());
    }
    // Unconfirmed ones are for an open association, and open none.
    const open = this.associations.openServerOf(clientSap);
    const isForOpen = open !== undefined && (event.serverSap ?? open) === open;
    if (!isForOpen || event.apdu[0] === apduTag.aarq) return undefined;
    return this.associations.receive(clientSap, open, event.apdu, this.now());
  }

  private done(event: QueuedEvent): void {
    this.answeredLink = undefined;
    if (event.kind === "request") this.note(this.station.processed(event.link));
  }

  private waitFor(waiting: Promise<void>, event: QueuedEvent): void {
    this.isWaiting = true;
    waiting
      .then(() => {
        this.isWaiting = false;
        this.done(event);
        this.act([]);
      })
      .catch((error: unknown) => {
        this.parts.logger.error("connection failed", { peer: this.parts.peer, error });
        void this.close();
      });
  }

  private flush(): void {
    const { output } = this;
    const [only] = output;
    if (only === undefined || this.isClosed) return;
    this.output = [];
    const bytes = output.length === 1 ? only : joined(output);
    // A peer that does not read: frames get lost, and are sent again when polled.
    if (this.unsentBytes + bytes.length > this.parts.limits.maxOutputBytes) return;
    this.unsentBytes += bytes.length;
    void this.write(bytes);
  }

  private async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.parts.channel.write(bytes);
    } catch (error) {
      const cause = error instanceof Error ? error.message : "unknown";
      this.parts.logger.debug("connection error", { peer: this.parts.peer, cause });
    }
    this.unsentBytes -= bytes.length;
  }

  private armTimer(): void {
    const due = this.isClosed ? undefined : this.station.nextDeadline();
    if (due === this.timerAt) return;
    // A deadline that only moved away is looked at when the old one has come.
    if (due !== undefined && this.timerAt !== undefined && due > this.timerAt) return;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.timerAt = due;
    if (due === undefined) return;
    this.cancelTimer = this.parts.clock.after(Math.max(0, due - this.now()), () => {
      this.timerAt = undefined;
      this.act(this.station.expire(this.now()));
    });
  }

  private now(): number {
    return this.parts.clock.monotonic();
  }

  /** Called now and then: ends associations that were silent for too long. */
  expire(now: number): void {
    if (!this.isWaiting) this.associations.expire(now);
  }

  /** What was written still goes out. */
  close(): Promise<void> {
    this.isClosing = true;
    return this.parts.channel.close();
  }

  private closed(cause: string | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.queue = [];
    this.output = [];
    this.cancelTimer?.();
    this.associations.close("connectionLost");
    if (cause !== undefined) this.parts.logger.debug("connection closed", { peer: this.parts.peer, cause });
    this.parts.onClosed();
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

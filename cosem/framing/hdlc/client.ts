/**
 * An HDLC client with one link to one server (IEC 62056-46, normal response mode). Sans I/O: bytes and the moment go in,
 * events come out.
 *
 *     idle --connect: SNRM--> connecting --UA--> connected --disconnect: DISC--> disconnecting --UA, DM--> idle
 *
 * It has the turn, or has given it away with a poll and waits for a frame with the final bit. With the turn back it sends
 * its next window, or RR while an answer is incomplete or still to come. Without an answer in time it repeats itself.
 */
import { DecodeError } from "../../codec/bytes.js";
import { clientAddress, type HdlcAddress, isAllStations } from "./address.js";
import type { HdlcControl } from "./control.js";
import { createHdlcDecoder, type HdlcReceived } from "./decoder.js";
import { encodeHdlcFrame, type HdlcFault, type HdlcFrame } from "./frame.js";
import { llcLength, withLlc, withoutLlc } from "./llc.js";
import {
  agreeOnParameters,
  checkHdlcParameters,
  decodeHdlcParameters,
  defaultHdlcParameters,
  encodeHdlcProposal,
  type HdlcParameters,
} from "./parameters.js";
import { SegmentReceiver, SegmentSender } from "./sequence.js";

export interface HdlcClientOptions {
  readonly clientSap: number;
  readonly server: HdlcAddress;
  /** Proposed in the SNRM. Default: 128 and 1, which need no words. */
  readonly parameters?: HdlcParameters;
  /** How long an answer may take before the frame is repeated. Default 3,000 ms. */
  readonly responseTimeoutMs?: number;
  /** How often it is repeated before the link is given up. Default 2. */
  readonly retries?: number;
  /** Default 200 ms. */
  readonly interOctetTimeoutMs?: number;
  /** Pause before a server without its answer yet is polled again. Default 100 ms. */
  readonly pollIntervalMs?: number;
  /** How often it is polled for an answer that does not come. Default 100. */
  readonly maxPolls?: number;
  readonly maxApduBytes?: number;
}

/** `refused`: by DM; `rejected`: by FRMR; `protocol`: answers that make no sense. */
export type HdlcClientEnd = "disconnected" | "refused" | "rejected" | "noAnswer" | "protocol";

export type HdlcClientEvent =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "connected"; readonly parameters: HdlcParameters }
  /** In memory of its own. */
  | { readonly kind: "apdu"; readonly apdu: Uint8Array }
  /** Out of a UI frame: a notification. */
  | { readonly kind: "unconfirmed"; readonly apdu: Uint8Array }
  | { readonly kind: "disconnected"; readonly reason: HdlcClientEnd }
  /** Each good frame, whoever it is for, before what follows from it. Its information holds for this call. */
  | { readonly kind: "frame"; readonly frame: HdlcFrame }
  | { readonly kind: "discarded"; readonly reason: HdlcFault | "otherStation" | "unexpected" | "llc" | "overLimit" };

export interface HdlcClient {
  readonly isConnected: boolean;
  connect(now: number): readonly HdlcClientEvent[];
  /** Sends an APDU now or in its turn; copied. @throws Error without a link */
  send(apdu: Uint8Array, now: number): readonly HdlcClientEvent[];
  /** Asks for a further APDU that nothing was sent for: of a server that answers in several. Nothing without a link. */
  poll(now: number): readonly HdlcClientEvent[];
  /** Sends an APDU in a UI frame; works without a link. @throws RangeError where it does not fit a frame */
  sendUnconfirmed(apdu: Uint8Array): readonly HdlcClientEvent[];
  disconnect(now: number): readonly HdlcClientEvent[];
  receive(bytes: Uint8Array, now: number): readonly HdlcClientEvent[];
  nextDeadline(): number | undefined;
  expire(now: number): readonly HdlcClientEvent[];
}

/** @throws RangeError for a client SAP beyond 7 bits, or parameters that the format cannot carry */
export function createHdlcClient(options: HdlcClientOptions): HdlcClient {
  checkHdlcParameters(options.parameters ?? defaultHdlcParameters);
  return new ClientLink(options);
}

const defaultMaxPolls = 100;

type State = "idle" | "connecting" | "connected" | "disconnecting";

class ClientLink implements HdlcClient {
  private readonly options: HdlcClientOptions;
  private readonly own: HdlcAddress;
  private readonly decoder = createHdlcDecoder();
  private readonly sender = new SegmentSender();
  private readonly receiver: SegmentReceiver;
  private readonly proposal: HdlcParameters;
  private parameters = defaultHdlcParameters;
  private state: State = "idle";
  /** A frame with the poll bit is out. */
  private isWaiting = false;
  /** When the answer is due, or the next poll. */
  private dueAt: number | undefined;
  private triesLeft = 0;
  private pollsLeft = 0;
  /** An answer to what was sent is still to come. */
  private isAnswerDue = false;
  /** A segment was missed: ask for it at once. */
  private hasGap = false;
  private isServerReady = true;
  private lastByteAt = 0;
  private events: HdlcClientEvent[] = [];

  constructor(options: HdlcClientOptions) {
    this.options = options;
    this.own = clientAddress(options.clientSap);
    this.proposal = options.parameters ?? defaultHdlcParameters;
    this.receiver = new SegmentReceiver((options.maxApduBytes ?? 0xffff) + llcLength);
  }

  get isConnected(): boolean {
    return this.state === "connected";
  }

  private finish(): readonly HdlcClientEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  connect(now: number): readonly HdlcClientEvent[] {
    this.state = "connecting";
    this.reset();
    this.sendSnrm(now);
    return this.finish();
  }

  private reset(): void {
    this.sender.reset();
    this.receiver.reset();
    this.isWaiting = false;
    this.isAnswerDue = false;
    this.hasGap = false;
    this.isServerReady = true;
    this.dueAt = undefined;
    this.triesLeft = this.options.retries ?? 2;
  }

  send(apdu: Uint8Array, now: number): readonly HdlcClientEvent[] {
    if (this.state !== "connected") throw new Error("no HDLC link");
    this.sender.add(withLlc("command", apdu), this.parameters.maxInfoTransmit);
    this.isAnswerDue = true;
    this.pollsLeft = this.options.maxPolls ?? defaultMaxPolls;
    if (!this.isWaiting) this.takeTurn(now);
    return this.finish();
  }

  poll(now: number): readonly HdlcClientEvent[] {
    if (this.state === "connected") {
      this.isAnswerDue = true;
      this.pollsLeft = this.options.maxPolls ?? defaultMaxPolls;
      if (!this.isWaiting) this.sendReady(now);
    }
    return this.finish();
  }

  sendUnconfirmed(apdu: Uint8Array): readonly HdlcClientEvent[] {
    this.put({ kind: "UI", isPoll: false }, withLlc("command", apdu));
    return this.finish();
  }

  disconnect(now: number): readonly HdlcClientEvent[] {
    if (this.state === "connecting" || this.state === "connected") {
      this.reset();
      this.state = "disconnecting";
      this.sendPoll({ kind: "DISC", isPoll: true }, now);
    }
    return this.finish();
  }

  receive(bytes: Uint8Array, now: number): readonly HdlcClientEvent[] {
    this.expireFrame(now);
    this.lastByteAt = now;
    this.takeAll(this.decoder.push(bytes), now);
    return this.finish();
  }

  private takeAll(received: readonly HdlcReceived[], now: number): void {
    for (const one of received) {
      if (one.kind === "frame") this.take(one.frame, now);
      else this.events.push({ kind: "discarded", reason: one.fault });
    }
  }

  private discard(reason: Extract<HdlcClientEvent, { kind: "discarded" }>["reason"]): void {
    this.events.push({ kind: "discarded", reason });
  }

  private take(frame: HdlcFrame, now: number): void {
    const { source, destination, control } = frame;
    this.events.push({ kind: "frame", frame });
    const isForUs = destination.length === 1 && destination.upper === this.own.upper;
    if (control.kind === "UI" && destination.length === 1 && (isForUs || isAllStations(destination))) {
      this.takeUnconfirmed(frame);
      return;
    }
    if (!isForUs || source.upper !== this.options.server.upper) {
      this.discard("otherStation");
      return;
    }
    if (this.state === "connected") this.takeConnected(frame, now);
    else if (this.state === "connecting" && control.kind === "UA") this.connected(frame, now);
    else if (this.state === "connecting" && control.kind === "DM") this.end("refused");
    else if (this.state === "disconnecting" && (control.kind === "UA" || control.kind === "DM"))
      this.end("disconnected");
    else this.discard("unexpected");
  }

  private takeUnconfirmed({ information }: HdlcFrame): void {
    const apdu = withoutLlc("response", information);
    if (apdu === undefined) this.discard("llc");
    else this.events.push({ kind: "unconfirmed", apdu: new Uint8Array(apdu) });
  }

  private connected(frame: HdlcFrame, now: number): void {
    let answer: HdlcParameters;
    try {
      answer = decodeHdlcParameters(frame.information);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.end("protocol");
      return;
    }
    this.parameters = agreeOnParameters(this.proposal, answer);
    this.state = "connected";
    this.reset();
    this.events.push({ kind: "connected", parameters: this.parameters });
    if (!this.sender.isEmpty) this.takeTurn(now);
  }

  private end(reason: HdlcClientEnd): void {
    this.state = "idle";
    this.reset();
    this.events.push({ kind: "disconnected", reason });
  }

  private takeConnected(frame: HdlcFrame, now: number): void {
    const { control } = frame;
    switch (control.kind) {
      case "I":
      case "RR":
      case "RNR":
        if (!this.isWaiting) {
          this.discard("unexpected");
          return;
        }
        if (!this.sender.acknowledge(control.receiveNumber)) {
          this.end("protocol");
          return;
        }
        this.triesLeft = this.options.retries ?? 2;
        this.isServerReady = control.kind !== "RNR";
        if (control.kind === "I") this.takeSegment(frame, control.sendNumber);
        if (!control.isPoll) this.dueAt = now + this.responseTimeoutMs;
        else this.turnIsBack(now);
        return;
      case "DM":
        this.end("refused");
        return;
      case "FRMR":
        this.end("rejected");
        return;
      default:
        this.discard("unexpected");
        return;
    }
  }

  private takeSegment({ information, isSegmented }: HdlcFrame, sendNumber: number): void {
    if (sendNumber !== this.receiver.nextNumber) {
      this.hasGap = true;
      return;
    }
    const message = this.receiver.take(information, isSegmented);
    this.pollsLeft = this.options.maxPolls ?? defaultMaxPolls;
    if (message === undefined) return;
    const apdu = message === "overLimit" ? undefined : withoutLlc("response", message);
    if (apdu === undefined) {
      this.discard(message === "overLimit" ? "overLimit" : "llc");
      return;
    }
    this.isAnswerDue = false;
    this.events.push({ kind: "apdu", apdu });
  }

  private turnIsBack(now: number): void {
    this.isWaiting = false;
    this.dueAt = undefined;
    const isUrgent = this.receiver.isMidMessage || this.hasGap;
    this.hasGap = false;
    if (!this.sender.isEmpty && this.isServerReady) this.takeTurn(now);
    else if (isUrgent) this.sendReady(now);
    else if (this.isAnswerDue || !this.sender.isEmpty) this.dueAt = now + (this.options.pollIntervalMs ?? 100);
  }

  /** Sends the window, or where there is nothing to send, nothing. */
  private takeTurn(now: number): void {
    const segments = this.sender.window(this.parameters.windowTransmit);
    const last = segments.at(-1);
    const receiveNumber = this.receiver.nextNumber;
    for (const segment of segments) {
      const { sendNumber, information, isSegmented } = segment;
      const control = { kind: "I", sendNumber, receiveNumber, isPoll: segment === last } as const;
      if (segment === last) this.sendPoll(control, now, information, isSegmented);
      else this.put(control, information, isSegmented);
    }
  }

  private sendReady(now: number): void {
    this.sendPoll({ kind: "RR", receiveNumber: this.receiver.nextNumber, isPoll: true }, now);
  }

  private sendSnrm(now: number): void {
    this.sendPoll({ kind: "SNRM", isPoll: true }, now, encodeHdlcProposal(this.proposal));
  }

  private get responseTimeoutMs(): number {
    return this.options.responseTimeoutMs ?? 3000;
  }

  private sendPoll(control: HdlcControl, now: number, information?: Uint8Array, isSegmented = false): void {
    this.isWaiting = true;
    this.dueAt = now + this.responseTimeoutMs;
    this.put(control, information, isSegmented);
  }

  private put(control: HdlcControl, information?: Uint8Array, isSegmented = false): void {
    const addresses = { destination: this.options.server, source: this.own };
    const content = information === undefined ? {} : { information };
    this.events.push({ kind: "send", bytes: encodeHdlcFrame({ ...addresses, control, isSegmented, ...content }) });
  }

  nextDeadline(): number | undefined {
    const frameEnds = this.decoder.isMidFrame ? this.lastByteAt + this.interOctetTimeoutMs : undefined;
    if (this.dueAt === undefined || frameEnds === undefined) return this.dueAt ?? frameEnds;
    return Math.min(this.dueAt, frameEnds);
  }

  private get interOctetTimeoutMs(): number {
    return this.options.interOctetTimeoutMs ?? 200;
  }

  expire(now: number): readonly HdlcClientEvent[] {
    this.expireFrame(now);
    if (this.dueAt !== undefined && now >= this.dueAt) {
      this.dueAt = undefined;
      if (this.isWaiting) this.repeat(now);
      else if (this.pollsLeft-- > 0) this.sendReady(now);
    }
    return this.finish();
  }

  private expireFrame(now: number): void {
    // After that silence a closing flag opens no frame either.
    if (now - this.lastByteAt >= this.interOctetTimeoutMs) this.takeAll(this.decoder.expire(), now);
  }

  private repeat(now: number): void {
    if (this.triesLeft-- <= 0) {
      this.end("noAnswer");
      return;
    }
    if (this.state === "connecting") this.sendSnrm(now);
    else if (this.state === "disconnecting") this.sendPoll({ kind: "DISC", isPoll: true }, now);
    else if (!this.sender.isEmpty && this.isServerReady) this.takeTurn(now);
    else this.sendReady(now);
  }
}

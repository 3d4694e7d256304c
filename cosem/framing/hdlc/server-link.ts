/**
 * The link between one client and one logical device, server side (IEC 62056-46, normal response mode). The server is
 * silent until a frame with the poll bit gives it the turn; then it sends a window of I frames, or RR (RNR while it has
 * too much to do), the last one with the final bit.
 *
 *     connected --I, RR, RNR--> connected, or rejected where no repetition mends the fault
 *     rejected  --anything----> FRMR again, until the station above sees SNRM or DISC
 *
 * Repetition needs no timer: N(R) of each poll tells what arrived, and the window begins behind it.
 */
import type { HdlcAddress } from "./address.js";
import { encodeControl, type HdlcControl } from "./control.js";
import { encodeHdlcFrame, type HdlcFrame } from "./frame.js";
import { withLlc, withoutLlc } from "./llc.js";
import type { HdlcParameters } from "./parameters.js";
import { SegmentReceiver, SegmentSender } from "./sequence.js";

/** What the station does for its link. */
export interface ServerLinkPorts {
  send(frame: Uint8Array): void;
  deliver(apdu: Uint8Array): void;
  /** A message, not a frame, that was thrown away. */
  discarded(reason: "llc" | "overLimit"): void;
}

/** Requests that may wait for the application before RNR keeps the client from sending more. */
const maxPendingRequests = 7;
/** A client takes its answers before it asks anew: with more segments than these left, RNR too. */
const maxLeftSegments = 7;

/** Third octet of a frame reject: why. */
const rejectReason = {
  undefinedControl: 1,
  informationNotPermitted: 2,
  informationTooLong: 4,
  receiveNumber: 8,
} as const;
type RejectReason = keyof typeof rejectReason;

export class HdlcServerLink {
  readonly parameters: HdlcParameters;
  /** When the last frame came. */
  lastHeardAt: number;
  private readonly client: HdlcAddress;
  /** The form in which the client has last asked. */
  private own: HdlcAddress;
  private readonly ports: ServerLinkPorts;
  private readonly sender = new SegmentSender();
  private readonly receiver: SegmentReceiver;
  /** Requests handed up and not yet dealt with. */
  private pending = 0;
  /** A poll is not yet answered. */
  private hasTurn = false;
  private isClientReady = true;
  private rejection: Uint8Array | undefined;

  constructor(
    client: HdlcAddress,
    own: HdlcAddress,
    parameters: HdlcParameters,
    maxMessageBytes: number,
    now: number,
    ports: ServerLinkPorts,
  ) {
    this.client = client;
    this.own = own;
    this.parameters = parameters;
    this.receiver = new SegmentReceiver(maxMessageBytes);
    this.lastHeardAt = now;
    this.ports = ports;
  }

  /** Any frame but SNRM, DISC and UI. */
  receive(frame: HdlcFrame, now: number): void {
    this.lastHeardAt = now;
    this.own = frame.destination;
    const { control } = frame;
    if (this.rejection === undefined) this.take(frame);
    if (!control.isPoll) return;
    this.hasTurn = true;
    // A client that polls while its request is worked on hears that we live; one that repeats it waits for the answer.
    if (this.pending === 0 || control.kind !== "I" || this.rejection !== undefined) this.answer();
  }

  private take(frame: HdlcFrame): void {
    const { control, information } = frame;
    switch (control.kind) {
      case "I":
        if (information.length > this.parameters.maxInfoReceive) this.reject(frame, "informationTooLong");
        else if (!this.sender.acknowledge(control.receiveNumber)) this.reject(frame, "receiveNumber");
        else this.takeSegment(frame, control.sendNumber);
        return;
      case "RR":
      case "RNR":
        if (information.length > 0) this.reject(frame, "informationNotPermitted");
        else if (!this.sender.acknowledge(control.receiveNumber)) this.reject(frame, "receiveNumber");
        else this.isClientReady = control.kind === "RR";
        return;
      default:
        this.reject(frame, "undefinedControl");
    }
  }

  private takeSegment(frame: HdlcFrame, sendNumber: number): void {
    this.isClientReady = true;
    // A repeated one, or one behind a gap: N(R) of our answer says which is wanted.
    if (sendNumber !== this.receiver.nextNumber || this.isBusy) return;
    const message = this.receiver.take(frame.information, frame.isSegmented);
    if (message === undefined) return;
    if (message === "overLimit") {
      this.ports.discarded(message);
      this.reject(frame, "informationTooLong");
      return;
    }
    const apdu = withoutLlc("command", message);
    if (apdu === undefined) {
      this.ports.discarded("llc");
      return;
    }
    this.pending++;
    this.ports.deliver(apdu);
  }

  private get isBusy(): boolean {
    return this.pending >= maxPendingRequests || this.sender.length > maxLeftSegments;
  }

  /** Takes an answer, or part of one; it goes out with processed(), or when polled. Copies `apdu`. */
  queue(apdu: Uint8Array): void {
    this.sender.add(withLlc("response", apdu), this.parameters.maxInfoTransmit);
  }

  /** A delivered request is dealt with, whether or not there was an answer. */
  processed(): void {
    this.pending = Math.max(0, this.pending - 1);
    if (this.hasTurn && this.pending === 0) this.answer();
  }

  private answer(): void {
    this.hasTurn = false;
    const receiveNumber = this.receiver.nextNumber;
    if (this.rejection !== undefined) {
      this.send({ kind: "FRMR", isPoll: true }, this.rejection);
      return;
    }
    const segments = this.isClientReady ? this.sender.window(this.parameters.windowTransmit) : [];
    const last = segments.at(-1);
    if (last === undefined) {
      this.send({ kind: this.isBusy ? "RNR" : "RR", receiveNumber, isPoll: true });
      return;
    }
    for (const segment of segments) {
      const { sendNumber, information, isSegmented } = segment;
      this.send({ kind: "I", sendNumber, receiveNumber, isPoll: segment === last }, information, isSegmented);
    }
  }

  /** Control field as received; V(R), whether it was a response (never, here), V(S); the reason. */
  private reject({ control }: HdlcFrame, reason: RejectReason): void {
    const numbers = (this.receiver.nextNumber << 5) | (this.sender.nextNumber << 1);
    this.rejection = Uint8Array.of(encodeControl(control), numbers, rejectReason[reason]);
  }

  private send(control: HdlcControl, information?: Uint8Array, isSegmented = false): void {
    const addresses = { destination: this.client, source: this.own };
    const content = information === undefined ? {} : { information };
    this.ports.send(encodeHdlcFrame({ ...addresses, control, isSegmented, ...content }));
  }
}

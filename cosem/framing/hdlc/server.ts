/**
 * An HDLC server station (IEC 62056-46): one physical device with its logical devices, on one line or connection.
 * Sans I/O: bytes and the moment go in, events come out.
 *
 *     no link --SNRM--> UA with the agreed parameters, a link    --I, RR, RNR--> DM    --DISC--> DM
 *     link    --SNRM--> UA, a new link in its place              --DISC--> UA, none    --silence--> none
 *
 * Silence for: broken frames, other stations' addresses, broadcasts, clients' addresses that are none, and all that came
 * without the poll bit. A UI frame hands up its APDU, in any state, and gives nobody the turn.
 */
import { DecodeError } from "../../codec/bytes.js";
import { allStations, callingStation, type HdlcAddress, isAllStations } from "./address.js";
import type { HdlcControl } from "./control.js";
import { createHdlcDecoder, type HdlcReceived } from "./decoder.js";
import { encodeHdlcFrame, type HdlcFault, type HdlcFrame } from "./frame.js";
import { llcLength, withLlc, withoutLlc } from "./llc.js";
import {
  agreeOnParameters,
  checkHdlcParameters,
  decodeHdlcParameters,
  encodeHdlcParameters,
  type HdlcParameters,
} from "./parameters.js";
import { HdlcServerLink } from "./server-link.js";

export interface HdlcServerOptions {
  /** The most this side takes and sends; each link agrees on less or equal. */
  readonly parameters: HdlcParameters;
  /** This station's own lower address; asked without one, it answers too. */
  readonly physicalDevice: number;
  /** Whether a logical device is here; others' frames are not answered. */
  hasDevice(serverSap: number): boolean;
  /** Also answers to "whoever was called": for a station that dials out. Default false. */
  readonly answersCallingStation?: boolean;
  /** Longer messages are refused. */
  readonly maxApduBytes: number;
  /** A frame whose next octet does not come within this time is given up. */
  readonly interOctetTimeoutMs: number;
  /** A link without a frame for so long ends, silently; 0: never. */
  readonly inactivityTimeoutMs: number;
  /** Links at once; a SNRM for one more is answered by DM. Default 64. */
  readonly maxLinks?: number;
}

export type HdlcLinkEnd = "reset" | "disconnected" | "inactive";

export type HdlcServerEvent =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "connected"; readonly clientSap: number; readonly serverSap: number }
  /** What the client had open on that link is void. */
  | {
      readonly kind: "disconnected";
      readonly clientSap: number;
      readonly serverSap: number;
      readonly reason: HdlcLinkEnd;
    }
  /**
   * A request: its answers by respond(), then processed() in any case, both with its `link`, a number that no later link
   * has again. `apdu` has memory of its own.
   */
  | {
      readonly kind: "request";
      readonly link: number;
      readonly clientSap: number;
      readonly serverSap: number;
      readonly apdu: Uint8Array;
    }
  /** An unconfirmed APDU of a UI frame; `serverSap` is undefined for all. Nothing may be answered. */
  | {
      readonly kind: "unconfirmed";
      readonly clientSap: number;
      readonly serverSap: number | undefined;
      readonly apdu: Uint8Array;
    }
  /** Thrown away without an answer; for counters and traces. */
  | {
      readonly kind: "discarded";
      readonly reason: HdlcFault | "source" | "unknownDestination" | "broadcast" | "mode" | "llc" | "overLimit";
    };

export interface HdlcServer {
  receive(bytes: Uint8Array, now: number): readonly HdlcServerEvent[];
  /** Takes an answer to the request being worked on; copied. Nothing happens where the link is gone. */
  respond(link: number, apdu: Uint8Array): void;
  /** That request is dealt with: answers go out now, or when the client polls. */
  processed(link: number): readonly HdlcServerEvent[];
  /** An APDU that nobody asked for, in a UI frame. @throws RangeError where it does not fit one */
  notify(clientSap: number, source: HdlcAddress, apdu: Uint8Array): readonly HdlcServerEvent[];
  /** When to call expire() next; ask again after every other call. */
  nextDeadline(): number | undefined;
  expire(now: number): readonly HdlcServerEvent[];
  /** What was agreed with a client; undefined without a link. */
  parametersOf(clientSap: number, serverSap: number): HdlcParameters | undefined;
}

/** @throws RangeError for parameters that the format cannot carry */
export function createHdlcServer(options: HdlcServerOptions): HdlcServer {
  checkHdlcParameters(options.parameters);
  return new Station(options);
}

const defaultMaxLinks = 64;

interface Link {
  readonly number: number;
  readonly clientSap: number;
  readonly serverSap: number;
  readonly machine: HdlcServerLink;
}

class Station implements HdlcServer {
  private readonly options: HdlcServerOptions;
  private readonly decoder = createHdlcDecoder();
  /** By client and logical device. */
  private readonly links = new Map<number, Link>();
  private readonly byNumber = new Map<number, Link>();
  private newestNumber = 0;
  private lastByteAt = 0;
  private events: HdlcServerEvent[] = [];

  constructor(options: HdlcServerOptions) {
    this.options = options;
  }

  private finish(): readonly HdlcServerEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  receive(bytes: Uint8Array, now: number): readonly HdlcServerEvent[] {
    this.expireFrame(now);
    this.expireLinks(now);
    this.lastByteAt = now;
    this.takeAll(this.decoder.push(bytes), now);
    return this.finish();
  }

  private takeAll(received: readonly HdlcReceived[], now: number): void {
    for (const one of received) {
      if (one.kind === "frame") this.take(one.frame, now);
      else this.discard(one.fault);
    }
  }

  private discard(reason: Extract<HdlcServerEvent, { kind: "discarded" }>["reason"]): void {
    this.events.push({ kind: "discarded", reason });
  }

  private take(frame: HdlcFrame, now: number): void {
    const { source, destination, control } = frame;
    if (source.length !== 1 || source.upper === 0 || isAllStations(source)) {
      this.discard("source");
      return;
    }
    if (!this.isMeant(destination)) {
      this.discard("unknownDestination");
      return;
    }
    if (control.kind === "UI") {
      this.takeUnconfirmed(frame);
      return;
    }
    if (isAllStations(destination)) {
      this.discard("broadcast");
      return;
    }
    const clientSap = source.upper;
    const serverSap = destination.upper;
    const link = this.links.get(keyOf(clientSap, serverSap));
    if (control.kind === "SNRM") this.connect(frame, link, now);
    else if (control.kind === "DISC") this.disconnect(frame, link);
    else if (link !== undefined) link.machine.receive(frame, now);
    else if (control.isPoll) this.answer(frame, { kind: "DM", isPoll: true });
    else this.discard("mode");
  }

  private isMeant({ upper, lower, length }: HdlcAddress): boolean {
    const all = length === 4 ? allStations.twoOctets : allStations.oneOctet;
    const calling = length === 4 ? callingStation.twoOctets : callingStation.oneOctet;
    const isOurs =
      lower === undefined ||
      lower === this.options.physicalDevice ||
      lower === all ||
      (lower === calling && this.options.answersCallingStation === true);
    return isOurs && upper !== 0 && (upper === all || this.options.hasDevice(upper));
  }

  private takeUnconfirmed({ source, destination, information }: HdlcFrame): void {
    const apdu = withoutLlc("command", information);
    if (apdu === undefined) {
      this.discard("llc");
      return;
    }
    const all = destination.length === 4 ? allStations.twoOctets : allStations.oneOctet;
    const serverSap = destination.upper === all ? undefined : destination.upper;
    this.events.push({ kind: "unconfirmed", clientSap: source.upper, serverSap, apdu: new Uint8Array(apdu) });
  }

  /** Without the poll bit no answer is permitted, and a mode that nobody was told of helps nobody. */
  private connect(frame: HdlcFrame, old: Link | undefined, now: number): void {
    if (!frame.control.isPoll) {
      this.discard("mode");
      return;
    }
    const proposed = this.proposalOf(frame);
    const isFull = old === undefined && this.links.size >= (this.options.maxLinks ?? defaultMaxLinks);
    if (proposed === undefined || isFull) {
      this.answer(frame, { kind: "DM", isPoll: true });
      return;
    }
    if (old !== undefined) this.end(old, "reset");
    const parameters = agreeOnParameters(this.options.parameters, proposed);
    this.answer(frame, { kind: "UA", isPoll: true }, encodeHdlcParameters(parameters));
    const clientSap = frame.source.upper;
    const serverSap = frame.destination.upper;
    const number = ++this.newestNumber;
    const machine = new HdlcServerLink(
      frame.source,
      frame.destination,
      parameters,
      this.options.maxApduBytes + llcLength,
      now,
      {
        send: (bytes) => this.events.push({ kind: "send", bytes }),
        deliver: (apdu) => this.events.push({ kind: "request", link: number, clientSap, serverSap, apdu }),
        discarded: (reason) => this.discard(reason),
      },
    );
    const link = { number, clientSap, serverSap, machine };
    this.links.set(keyOf(clientSap, serverSap), link);
    this.byNumber.set(number, link);
    this.events.push({ kind: "connected", clientSap, serverSap });
  }

  /** Undefined where the information field cannot be read. */
  private proposalOf(frame: HdlcFrame): HdlcParameters | undefined {
    try {
      return decodeHdlcParameters(frame.information);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  private disconnect(frame: HdlcFrame, link: Link | undefined): void {
    if (!frame.control.isPoll) {
      this.discard("mode");
      return;
    }
    this.answer(frame, { kind: link === undefined ? "DM" : "UA", isPoll: true });
    if (link !== undefined) this.end(link, "disconnected");
  }

  private end(link: Link, reason: HdlcLinkEnd): void {
    const { clientSap, serverSap } = link;
    this.links.delete(keyOf(clientSap, serverSap));
    this.byNumber.delete(link.number);
    this.events.push({ kind: "disconnected", clientSap, serverSap, reason });
  }

  /** From the address as the client wrote it. */
  private answer(frame: HdlcFrame, control: HdlcControl, information?: Uint8Array): void {
    const content = information === undefined ? {} : { information };
    const bytes = encodeHdlcFrame({ destination: frame.source, source: frame.destination, control, ...content });
    this.events.push({ kind: "send", bytes });
  }

  respond(link: number, apdu: Uint8Array): void {
    this.byNumber.get(link)?.machine.queue(apdu);
  }

  processed(link: number): readonly HdlcServerEvent[] {
    this.byNumber.get(link)?.machine.processed();
    return this.finish();
  }

  notify(clientSap: number, source: HdlcAddress, apdu: Uint8Array): readonly HdlcServerEvent[] {
    const destination: HdlcAddress = { upper: clientSap, lower: undefined, length: 1 };
    const control = { kind: "UI", isPoll: true } as const;
    const bytes = encodeHdlcFrame({ destination, source, control, information: withLlc("response", apdu) });
    this.events.push({ kind: "send", bytes });
    return this.finish();
  }

  parametersOf(clientSap: number, serverSap: number): HdlcParameters | undefined {
    return this.links.get(keyOf(clientSap, serverSap))?.machine.parameters;
  }

  nextDeadline(): number | undefined {
    let next = this.decoder.isMidFrame ? this.lastByteAt + this.options.interOctetTimeoutMs : undefined;
    const { inactivityTimeoutMs } = this.options;
    if (inactivityTimeoutMs === 0) return next;
    for (const { machine } of this.links.values()) {
      const ends = machine.lastHeardAt + inactivityTimeoutMs;
      if (next === undefined || ends < next) next = ends;
    }
    return next;
  }

  expire(now: number): readonly HdlcServerEvent[] {
    this.expireFrame(now);
    this.expireLinks(now);
    return this.finish();
  }

  private expireFrame(now: number): void {
    const { decoder, lastByteAt, options } = this;
    // After that silence a closing flag opens no frame either.
    if (now - lastByteAt >= options.interOctetTimeoutMs) this.takeAll(decoder.expire(), now);
  }

  private expireLinks(now: number): void {
    const { inactivityTimeoutMs } = this.options;
    if (inactivityTimeoutMs === 0) return;
    for (const link of this.links.values()) {
      if (now - link.machine.lastHeardAt >= inactivityTimeoutMs) this.end(link, "inactive");
    }
  }
}

function keyOf(clientSap: number, serverSap: number): number {
  return clientSap * 0x4000 + serverSap;
}

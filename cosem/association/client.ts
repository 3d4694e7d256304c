/**
 * The client's side of one association, as a machine without I/O.
 *
 * open() sends the AARQ, receive() takes each APDU of the server; with a high level mechanism the machine proves who it
 * is, and that the server is, before it says opened. One request runs at a time: get(), set(), invoke() or access(),
 * whole, with list, or in blocks both ways as its size asks for. Each ends with one event: gotten, written, invoked,
 * accessed, exception or failed. Notifications come at any time. An answer to nothing asked is a fault of the server and
 * fails the request that runs. Layers, outermost first: general-block-transfer, protection, service.
 */
import { type AccessRequest, decodeAccessResponse, encodeAccessRequest } from "../apdu/access.js";
import { conformanceBit } from "../apdu/conformance.js";
import type { AttributeDescriptor, MethodDescriptor } from "../apdu/descriptor.js";
import { decodeExceptionResponse } from "../apdu/exception-response.js";
import { decodeGeneralBlock } from "../apdu/general-block-transfer.js";
import type { InitiateResponse } from "../apdu/initiate.js";
import { decodeRlre, encodeRlrq, releaseReason } from "../apdu/release.js";
import { apduTag, highPriority, serviceClassConfirmed } from "../apdu/tags.js";
import type { VariableReference } from "../apdu/variable-access.js";
import { DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import type { ClientEvent } from "./client-events.js";
import { ClientExchange, type ExchangeOptions, RequestTooLong } from "./client-exchange.js";
import { ClientOpening, type ClientOpeningOptions } from "./client-opening.js";
import { ClientProtection } from "./client-security.js";
import { ShortNameExchange } from "./client-sn-exchange.js";
import { GeneralBlocks } from "./general-blocks.js";
import { wholeAnswer } from "./outgoing-body.js";

export interface ClientAssociationOptions extends ClientOpeningOptions {
  /** Longest answer put together from blocks; default 64 MiB. */
  readonly maxAssembledBytes?: number;
  /** Default: id 1, confirmed, high priority (C1). */
  readonly invokeIdAndPriority?: number;
  /** Where general-block-transfer is negotiated: how many blocks of an answer are taken in a row, 1 to 63; default 1. */
  readonly blockWindow?: number;
  /** Sends each request in blocks where general-block-transfer is negotiated, so that answers come so too. Default: false. */
  readonly sendsGeneralBlocks?: boolean;
}

export interface ClientAssociation {
  readonly state: "closed" | "opening" | "open" | "releasing";
  /** What the AARE said; undefined while closed. */
  readonly negotiated: InitiateResponse | undefined;
  /** Of the long answer that is coming, blocks put together so far. */
  readonly assembledBytes: number;
  open(): readonly ClientEvent[];
  /** One attribute, or several with list. @throws Error while another request runs or no association is open */
  get(attributes: readonly AttributeDescriptor[]): readonly ClientEvent[];
  /** As many values as attributes. @throws Error as get() */
  set(attributes: readonly AttributeDescriptor[], values: readonly Data[]): readonly ClientEvent[];
  /** As many parameters as methods. @throws Error as get() */
  invoke(methods: readonly MethodDescriptor[], parameters: readonly (Data | undefined)[]): readonly ClientEvent[];
  /** @throws Error as get() */
  access(request: AccessRequest): readonly ClientEvent[];
  /** With short names; ends with gotten. @throws Error as get() */
  read(variables: readonly VariableReference[]): readonly ClientEvent[];
  /** With short names, as many values as variables; ends with written. @throws Error as get() */
  write(variables: readonly VariableReference[], values: readonly Data[]): readonly ClientEvent[];
  release(): readonly ClientEvent[];
  receive(apdu: Uint8Array): readonly ClientEvent[];
}

/** Names of what this client proposes and serves. */
export function createClientAssociation(options: ClientAssociationOptions = {}): ClientAssociation {
  return new Machine(options);
}

const defaultMaxAssembledBytes = 64 * 1024 * 1024;

class Machine implements ClientAssociation {
  private readonly options: ClientAssociationOptions;
  private readonly protection: ClientProtection | undefined;
  private opening: ClientOpening | undefined;
  /** What the AARE negotiated, while passes 3 and 4 are still to come. */
  private unproven: InitiateResponse | undefined;
  private exchange: ClientExchange | ShortNameExchange | undefined;
  private isAccessing = false;
  private blocks: GeneralBlocks | undefined;
  state: ClientAssociation["state"] = "closed";
  negotiated: InitiateResponse | undefined;

  constructor(options: ClientAssociationOptions) {
    this.options = options;
    this.protection = options.security && new ClientProtection(options.security);
  }

  get assembledBytes(): number {
    return (this.exchange?.assembledBytes ?? 0) + (this.blocks?.assembledBytes ?? 0);
  }

  open(): readonly ClientEvent[] {
    this.state = "opening";
    this.unproven = undefined;
    this.blocks = undefined;
    this.opening = new ClientOpening(this.options, this.protection);
    return [{ kind: "send", apdu: this.opening.aarq() }];
  }

  get(attributes: readonly AttributeDescriptor[]): readonly ClientEvent[] {
    const exchange = this.begin();
    return this.started(() => exchange.get(attributes));
  }

  set(attributes: readonly AttributeDescriptor[], values: readonly Data[]): readonly ClientEvent[] {
    const exchange = this.begin();
    return this.started(() => exchange.set(attributes, values));
  }

  invoke(methods: readonly MethodDescriptor[], parameters: readonly (Data | undefined)[]): readonly ClientEvent[] {
    const exchange = this.begin();
    return this.started(() => exchange.invoke(methods, parameters));
  }

  access(request: AccessRequest): readonly ClientEvent[] {
    this.expectIdle();
    const apdu = encodeAccessRequest(request);
    const maxWhole = this.maxWhole(apdu);
    if (apdu.length > maxWhole) throw new RequestTooLong(apdu.length, maxWhole);
    this.isAccessing = true;
    return this.started(() => [{ kind: "send", apdu }]);
  }

  read(variables: readonly VariableReference[]): readonly ClientEvent[] {
    const exchange = this.beginShortNames();
    return this.started(() => exchange.read(variables));
  }

  write(variables: readonly VariableReference[], values: readonly Data[]): readonly ClientEvent[] {
    const exchange = this.beginShortNames();
    return this.started(() => exchange.write(variables, values));
  }

  /** A request that cannot be made, or not protected, is over: the next one may come. */
  private started(start: () => readonly ClientEvent[]): readonly ClientEvent[] {
    try {
      return this.outgoing(start());
    } catch (error) {
      this.endRequest();
      throw error;
    }
  }

  private beginShortNames(): ShortNameExchange {
    const exchange = new ShortNameExchange(this.exchangeOptions());
    this.exchange = exchange;
    return exchange;
  }

  private expectIdle(): InitiateResponse {
    if (this.state !== "open" || this.negotiated === undefined) throw new Error("no association is open");
    if (this.exchange?.isRunning === true || this.isAccessing) throw new Error("another request is running");
    return this.negotiated;
  }

  private begin(): ClientExchange {
    const exchange = new ClientExchange(this.exchangeOptions());
    this.exchange = exchange;
    return exchange;
  }

  private exchangeOptions(): ExchangeOptions {
    const { negotiatedConformance } = this.expectIdle();
    const { invokeIdAndPriority, maxAssembledBytes } = this.options;
    const maxWhole = this.maxWhole();
    return {
      invokeIdAndPriority: invokeIdAndPriority ?? highPriority | serviceClassConfirmed | 1,
      maxSendPduSize: this.sendsBlocks ? maxWhole : this.longestPlain(),
      maxWhole,
      hasSetBlocks: (negotiatedConformance & conformanceBit.blockTransferWithSet) !== 0,
      hasActionBlocks: (negotiatedConformance & conformanceBit.blockTransferWithAction) !== 0,
      maxAssembledBytes: maxAssembledBytes ?? defaultMaxAssembledBytes,
    };
  }

  private longestPlain(apdu?: Uint8Array): number {
    return this.protection?.maxPlainLength(this.serverMax, apdu) ?? this.serverMax;
  }

  /** In general-block-transfer the whole request is cut, whatever its length. */
  private maxWhole(apdu?: Uint8Array): number {
    return this.hasGeneralBlocks ? Number.MAX_SAFE_INTEGER : this.longestPlain(apdu);
  }

  private get serverMax(): number {
    return this.negotiated?.serverMaxReceivePduSize || 0xffff;
  }

  /** Protects what a service sends, and cuts it into blocks where this client does so, or must. */
  private outgoing(events: readonly ClientEvent[]): readonly ClientEvent[] {
    return events.flatMap((event): readonly ClientEvent[] => {
      if (event.kind !== "send") return [event];
      const apdu = this.protection === undefined ? event.apdu : this.protection.protect(event.apdu);
      const isCut = this.sendsBlocks || (this.hasGeneralBlocks && apdu.length > this.serverMax);
      if (!isCut) return [{ kind: "send", apdu }];
      return sendsOf(this.generalBlocks().send(wholeAnswer(apdu)));
    });
  }

  private get hasGeneralBlocks(): boolean {
    return ((this.negotiated?.negotiatedConformance ?? 0) & conformanceBit.generalBlockTransfer) !== 0;
  }

  private get sendsBlocks(): boolean {
    return this.options.sendsGeneralBlocks === true && this.hasGeneralBlocks;
  }

  private generalBlocks(): GeneralBlocks {
    this.blocks ??= new GeneralBlocks({
      maxSendPduSize: this.serverMax,
      window: this.options.blockWindow ?? 1,
      maxAssembledBytes: this.options.maxAssembledBytes ?? defaultMaxAssembledBytes,
    });
    return this.blocks;
  }

  release(): readonly ClientEvent[] {
    this.state = "releasing";
    const isSecured = (this.options.security?.protection ?? 0) !== 0;
    const userInformation = isSecured ? this.opening?.initiate() : undefined;
    return [{ kind: "send", apdu: encodeRlrq({ reason: releaseReason.normal, userInformation }) }];
  }

  receive(apdu: Uint8Array): readonly ClientEvent[] {
    try {
      return this.take(apdu);
    } catch (error) {
      this.endRequest();
      if (this.state === "opening") this.state = "closed";
      return [{ kind: "failed", error: error instanceof Error ? error : new Error("unusable answer") }];
    }
  }

  private take(apdu: Uint8Array): readonly ClientEvent[] {
    if (apdu[0] === apduTag.aare && this.state === "opening" && this.unproven === undefined) return this.opened(apdu);
    if (apdu[0] === apduTag.rlre && this.state === "releasing") return this.released(apdu);
    if (apdu[0] === apduTag.generalBlockTransfer) return this.takeBlock(apdu);
    const isPassFour = this.unproven !== undefined;
    const { apdu: plain, protection } = this.protection?.unprotect(apdu, isPassFour) ?? { apdu, protection: 0 };
    return this.takePlain(plain, protection);
  }

  private takeBlock(apdu: Uint8Array): readonly ClientEvent[] {
    if (!this.hasGeneralBlocks)
      throw new DecodeError("unknownTag", 0, "client", "a general block that was not negotiated");
    const outcome = this.generalBlocks().receive(decodeGeneralBlock(apdu));
    if (outcome.kind === "events") return sendsOf(outcome.events);
    return this.take(outcome.apdu);
  }

  private takePlain(apdu: Uint8Array, protection: number): readonly ClientEvent[] {
    switch (apdu[0]) {
      case apduTag.exceptionResponse:
        return this.refused(apdu);
      case apduTag.dataNotification:
      case apduTag.eventNotificationRequest:
      case apduTag.informationReportRequest:
        return [{ kind: "notified", apdu: new Uint8Array(apdu), protection }];
      case apduTag.actionResponse:
      case apduTag.readResponse:
        if (this.unproven !== undefined) return this.proven(apdu, this.unproven);
        break;
      case apduTag.accessResponse:
        if (this.isAccessing) {
          this.endRequest();
          return [{ kind: "accessed", response: decodeAccessResponse(apdu) }];
        }
        break;
    }
    if (this.exchange?.isRunning === true) return this.outgoing(this.exchange.receive(apdu));
    throw new DecodeError("unknownTag", 0, "client", `tag ${apdu[0] ?? "none"} answers nothing that was asked`);
  }

  private opened(apdu: Uint8Array): readonly ClientEvent[] {
    const step = this.opening?.take(apdu);
    if (step === undefined) throw new Error("no association is being opened");
    switch (step.kind) {
      case "rejected":
        return this.closed(step);
      case "opened":
        return this.nowOpen(step.negotiated);
      case "prove": {
        this.unproven = step.negotiated;
        const proof = this.protection === undefined ? step.apdu : this.protection.protectProof(step.apdu);
        return [{ kind: "send", apdu: proof }];
      }
    }
  }

  private proven(apdu: Uint8Array, negotiated: InitiateResponse): readonly ClientEvent[] {
    this.unproven = undefined;
    const rejection = this.opening?.takePassFour(apdu);
    return rejection === undefined ? this.nowOpen(negotiated) : this.closed({ kind: "rejected", rejection });
  }

  private nowOpen(negotiated: InitiateResponse): readonly ClientEvent[] {
    this.negotiated = negotiated;
    this.state = "open";
    return [{ kind: "opened", negotiated }];
  }

  private released(apdu: Uint8Array): readonly ClientEvent[] {
    const { userInformation } = decodeRlre(apdu);
    if (userInformation !== undefined) this.protection?.openInitiate(userInformation);
    return this.closed({ kind: "released" });
  }

  /** An association stays open after an exception; one that was opening or closing is not open. */
  private refused(apdu: Uint8Array): readonly ClientEvent[] {
    const exception = decodeExceptionResponse(apdu);
    this.endRequest();
    if (this.state !== "open") this.state = "closed";
    return [{ kind: "exception", exception }];
  }

  private closed(event: ClientEvent): readonly ClientEvent[] {
    this.state = "closed";
    this.negotiated = undefined;
    this.endRequest();
    return [event];
  }

  private endRequest(): void {
    this.exchange = undefined;
    this.isAccessing = false;
    this.unproven = undefined;
    this.blocks?.abort();
  }
}

/** Of the events of the block layer, what concerns a client. */
function sendsOf(events: readonly { readonly kind: string }[]): readonly ClientEvent[] {
  return events.flatMap((event) => {
    if (event.kind === "rejected") {
      throw new DecodeError("badValue", 0, "client", `blocks out of turn: ${(event as { detail?: string }).detail}`);
    }
    return event.kind === "send" ? [event as ClientEvent] : [];
  });
}

/**
 * The client's side of one association, as a machine without I/O.
 *
 * open() sends the AARQ, receive() takes each APDU of the server. One request runs at a time: get(), set() or invoke(),
 * whole, with list, or in blocks both ways as its size asks for. Each ends with one event: gotten, written, invoked,
 * exception or failed. An answer to nothing asked is a fault of the server and fails the request that runs.
 */
import { associationResult, decodeAare } from "../apdu/aare.js";
import { encodeAarq } from "../apdu/aarq.js";
import { decodeConfirmedServiceError } from "../apdu/confirmed-service-error.js";
import { proposedConformance } from "../apdu/conformance.js";
import type { AttributeDescriptor, MethodDescriptor } from "../apdu/descriptor.js";
import { decodeExceptionResponse } from "../apdu/exception-response.js";
import { decodeInitiateResponse, dlmsVersion, encodeInitiateRequest, type InitiateResponse } from "../apdu/initiate.js";
import {
  type ApplicationContext,
  applicationContext,
  applicationContextName,
  authenticationMechanism,
  authenticationMechanismName,
} from "../apdu/object-identifiers.js";
import { decodeRlre, encodeRlrq, releaseReason } from "../apdu/release.js";
import { apduTag, highPriority, serviceClassConfirmed } from "../apdu/tags.js";
import { DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import type { Secret } from "../security/secret.js";
import type { ClientEvent } from "./client-events.js";
import { ClientExchange } from "./client-exchange.js";

export interface ClientAssociationOptions {
  /** Password of low-level security; undefined: none. */
  readonly password?: Secret;
  /** Default: all that this client can use. */
  readonly proposedConformance?: number;
  /** Longest APDU taken; default 65,535. */
  readonly maxReceivePduSize?: number;
  readonly applicationContext?: ApplicationContext;
  readonly proposedDlmsVersionNumber?: number;
  /** Longest answer put together from blocks; default 64 MiB. */
  readonly maxAssembledBytes?: number;
  /** Default: id 1, confirmed, high priority (C1). */
  readonly invokeIdAndPriority?: number;
}

export interface ClientAssociation {
  readonly state: "closed" | "opening" | "open" | "releasing";
  /** What the AARE said; undefined while closed. */
  readonly negotiated: InitiateResponse | undefined;
  open(): readonly ClientEvent[];
  /** One attribute, or several with list. @throws Error while another request runs or no association is open */
  get(attributes: readonly AttributeDescriptor[]): readonly ClientEvent[];
  /** As many values as attributes. @throws Error as get() */
  set(attributes: readonly AttributeDescriptor[], values: readonly Data[]): readonly ClientEvent[];
  /** As many parameters as methods. @throws Error as get() */
  invoke(methods: readonly MethodDescriptor[], parameters: readonly (Data | undefined)[]): readonly ClientEvent[];
  release(): readonly ClientEvent[];
  receive(apdu: Uint8Array): readonly ClientEvent[];
}

/** Names of what this client proposes and serves. */
export function createClientAssociation(options: ClientAssociationOptions = {}): ClientAssociation {
  return new Machine(options);
}

class Machine implements ClientAssociation {
  private readonly options: ClientAssociationOptions;
  private exchange: ClientExchange | undefined;
  state: ClientAssociation["state"] = "closed";
  negotiated: InitiateResponse | undefined;

  constructor(options: ClientAssociationOptions) {
    this.options = options;
  }

  open(): readonly ClientEvent[] {
    const { options } = this;
    this.state = "opening";
    const isLow = options.password !== undefined;
    const aarq = encodeAarq({
      hasProtocolVersion1: true,
      applicationContextName: applicationContextName(options.applicationContext ?? applicationContext.ln),
      callingApTitle: undefined,
      callingAeQualifier: undefined,
      callingAeInvocationId: undefined,
      requiresAuthentication: isLow,
      mechanismName: isLow ? authenticationMechanismName(authenticationMechanism.low) : undefined,
      callingAuthenticationValue: options.password?.reveal(),
      userInformation: encodeInitiateRequest({
        dedicatedKey: undefined,
        responseAllowed: true,
        proposedQualityOfService: undefined,
        proposedDlmsVersionNumber: options.proposedDlmsVersionNumber ?? dlmsVersion,
        proposedConformance: options.proposedConformance ?? proposedConformance,
        clientMaxReceivePduSize: options.maxReceivePduSize ?? 0xffff,
      }),
    });
    return [{ kind: "send", apdu: aarq }];
  }

  get(attributes: readonly AttributeDescriptor[]): readonly ClientEvent[] {
    return this.begin().get(attributes);
  }

  set(attributes: readonly AttributeDescriptor[], values: readonly Data[]): readonly ClientEvent[] {
    return this.begin().set(attributes, values);
  }

  invoke(methods: readonly MethodDescriptor[], parameters: readonly (Data | undefined)[]): readonly ClientEvent[] {
    return this.begin().invoke(methods, parameters);
  }

  private begin(): ClientExchange {
    if (this.state !== "open" || this.negotiated === undefined) throw new Error("no association is open");
    if (this.exchange?.isRunning === true) throw new Error("another request is running");
    const serverMax = this.negotiated.serverMaxReceivePduSize;
    this.exchange = new ClientExchange({
      invokeIdAndPriority: this.options.invokeIdAndPriority ?? highPriority | serviceClassConfirmed | 1,
      maxSendPduSize: serverMax === 0 ? 0xffff : serverMax,
      maxAssembledBytes: this.options.maxAssembledBytes ?? 64 * 1024 * 1024,
    });
    return this.exchange;
  }

  release(): readonly ClientEvent[] {
    this.state = "releasing";
    return [{ kind: "send", apdu: encodeRlrq({ reason: releaseReason.normal, userInformation: undefined }) }];
  }

  receive(apdu: Uint8Array): readonly ClientEvent[] {
    try {
      return this.take(apdu);
    } catch (error) {
      this.exchange = undefined;
      return [{ kind: "failed", error: error instanceof Error ? error : new Error("unusable answer") }];
    }
  }

  private take(apdu: Uint8Array): readonly ClientEvent[] {
    const tag = apdu[0];
    if (tag === apduTag.aare && this.state === "opening") return this.opened(apdu);
    if (tag === apduTag.rlre && this.state === "releasing") {
      decodeRlre(apdu);
      return this.closed({ kind: "released" });
    }
    if (tag === apduTag.exceptionResponse) return this.refused(apdu);
    if (this.exchange?.isRunning === true) return this.exchange.receive(apdu);
    throw new DecodeError("unknownTag", 0, "client", `tag ${tag ?? "none"} answers nothing that was asked`);
  }

  private opened(apdu: Uint8Array): readonly ClientEvent[] {
    const aare = decodeAare(apdu);
    if (aare.result === associationResult.accepted && aare.userInformation !== undefined) {
      const negotiated = decodeInitiateResponse(aare.userInformation);
      this.negotiated = negotiated;
      this.state = "open";
      return [{ kind: "opened", negotiated }];
    }
    const { result, diagnostic, applicationContextName: name, userInformation } = aare;
    const isError = userInformation?.[0] === apduTag.confirmedServiceError;
    const initiateError = isError ? decodeConfirmedServiceError(userInformation) : undefined;
    const rejection = { result, diagnostic, applicationContextName: name, initiateError };
    return this.closed({ kind: "rejected", rejection });
  }

  /** An association stays open after an exception; one that was opening or closing is not open. */
  private refused(apdu: Uint8Array): readonly ClientEvent[] {
    const exception = decodeExceptionResponse(apdu);
    this.exchange = undefined;
    if (this.state !== "open") this.state = "closed";
    return [{ kind: "exception", exception }];
  }

  private closed(event: ClientEvent): readonly ClientEvent[] {
    this.state = "closed";
    this.negotiated = undefined;
    this.exchange = undefined;
    return [event];
  }
}

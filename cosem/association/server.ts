/**
 * The server's side of one association (one client SAP, one connection), as a machine without I/O.
 *
 * It is idle until an AARQ passes all its checks, then open until RLRQ, inactivity or the end of the connection. A
 * request makes it busy: the shell asks the registry and answers by respondX() or supply(). A second AARQ replaces the
 * open association only once it has passed its checks; until then the old one stands. A new request ends an unfinished
 * block transfer. All moves stand in `moves`.
 */
import type { ActionResponseData } from "../apdu/action.js";
import { conformanceBit } from "../apdu/conformance.js";
import { decodeRlrq, encodeRlre, releaseReason } from "../apdu/release.js";
import { apduTag } from "../apdu/tags.js";
import { ByteWriter, DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { type AssociationPolicy, type NegotiatedAssociation, negotiate } from "./negotiate.js";
import type { GetAnswer } from "./outgoing-body.js";
import { ActionService } from "./server-action.js";
import type { AssociationEvent, CloseReason, Instant, ServerAssociation } from "./server-events.js";
import { GetService } from "./server-get.js";
import { SetService } from "./server-set.js";
import { reject, type ServiceContext } from "./service-context.js";

export interface ServerAssociationOptions {
  readonly policy: AssociationPolicy;
  /** An open association is closed after this time without an APDU; 0 = never. */
  readonly inactivityTimeoutMs: number;
  /** Longest value taken in blocks. */
  readonly maxAssembledBytes: number;
  /** Shared by all associations of one thread; see the event `send`. */
  readonly scratch?: ByteWriter;
}

type ApduKind = "aarq" | "rlrq" | "get" | "set" | "action" | "other";
type Move = "negotiate" | "release" | "get" | "set" | "action" | "notAssociated" | "notSupported";

const moves = {
  idle: {
    aarq: "negotiate",
    rlrq: "notAssociated",
    get: "notAssociated",
    set: "notAssociated",
    action: "notAssociated",
    other: "notAssociated",
  },
  open: {
    aarq: "negotiate",
    rlrq: "release",
    get: "get",
    set: "set",
    action: "action",
    other: "notSupported",
  },
} as const satisfies Record<string, Record<ApduKind, Move>>;

function kindOf(tag: number | undefined): ApduKind {
  switch (tag) {
    case apduTag.getRequest:
      return "get";
    case apduTag.setRequest:
      return "set";
    case apduTag.actionRequest:
      return "action";
    case apduTag.aarq:
      return "aarq";
    case apduTag.rlrq:
      return "rlrq";
    default:
      return "other";
  }
}

/** Which bit of the conformance block a service needs. */
const serviceBit = { get: conformanceBit.get, set: conformanceBit.set, action: conformanceBit.action } as const;

interface OpenAssociation {
  readonly session: NegotiatedAssociation;
  readonly get: GetService;
  readonly set: SetService;
  readonly action: ActionService;
}

/** @returns an idle association; it does nothing until it receives an AARQ */
export function createServerAssociation(options: ServerAssociationOptions): ServerAssociation {
  return new Machine(options);
}

class Machine implements ServerAssociation {
  private readonly options: ServerAssociationOptions;
  private readonly scratch: ByteWriter;
  private open: OpenAssociation | undefined;
  private lastActivity: Instant = 0;

  constructor(options: ServerAssociationOptions) {
    this.options = options;
    this.scratch = options.scratch ?? new ByteWriter(512);
  }

  get session(): NegotiatedAssociation | undefined {
    return this.open?.session;
  }

  get isBusy(): boolean {
    const { open } = this;
    if (open === undefined) return false;
    return open.get.owed !== "nothing" || open.set.owed !== "nothing" || open.action.owed !== "nothing";
  }

  receive(apdu: Uint8Array, now: Instant): readonly AssociationEvent[] {
    if (this.isBusy) throw new Error("receive() while an answer is owed");
    this.lastActivity = now;
    try {
      return this.move(apdu);
    } catch (error) {
      if (error instanceof DecodeError) return reject("notSupported", error.message);
      throw error;
    }
  }

  private move(apdu: Uint8Array): readonly AssociationEvent[] {
    const { open } = this;
    const move: Move = moves[open === undefined ? "idle" : "open"][kindOf(apdu[0])];
    if (open === undefined) return move === "negotiate" ? this.negotiate(apdu) : notAssociated();
    switch (move) {
      case "get":
      case "set":
      case "action":
        return this.serve(open, move, apdu);
      case "negotiate":
        return this.negotiate(apdu);
      case "release":
        return this.release(apdu);
      case "notAssociated":
        return notAssociated();
      case "notSupported":
        return reject("notSupported", `unknown tag ${apdu[0] ?? "of an empty APDU"}`);
    }
  }

  private serve(open: OpenAssociation, service: "get" | "set" | "action", apdu: Uint8Array) {
    if (apdu.length > open.session.maxReceivePduSize) return reject("pduTooLong", `${apdu.length} bytes`);
    if ((open.session.conformance & serviceBit[service]) === 0) {
      return reject("notSupported", `${service} was not negotiated`);
    }
    const events = service === "get" ? none : open.get.abort();
    if (service !== "set") open.set.abort();
    if (service !== "action") open.action.abort();
    const answer = open[service].request(apdu);
    return events.length === 0 ? answer : [...events, ...answer];
  }

  private negotiate(apdu: Uint8Array): readonly AssociationEvent[] {
    const negotiation = negotiate(apdu, this.options.policy);
    if (!negotiation.accepted) {
      const refused: AssociationEvent = { kind: "refused", reason: negotiation.reason };
      return negotiation.aare === undefined ? [refused] : [{ kind: "send", apdu: negotiation.aare }, refused];
    }
    const replaced = this.open === undefined ? none : this.close("replaced");
    const { session, aare } = negotiation;
    const context: ServiceContext = {
      session,
      scratch: this.scratch,
      maxAssembledBytes: this.options.maxAssembledBytes,
    };
    this.open = {
      session,
      get: new GetService(context),
      set: new SetService(context),
      action: new ActionService(context),
    };
    return [...replaced, { kind: "opened", session }, { kind: "send", apdu: aare }];
  }

  private release(apdu: Uint8Array): readonly AssociationEvent[] {
    decodeRlrq(apdu);
    const rlre = encodeRlre({ reason: releaseReason.normal, userInformation: undefined });
    return [{ kind: "send", apdu: rlre }, ...this.close("released")];
  }

  respondGet(answers: readonly GetAnswer[], now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    return this.open?.get.respond(answers) ?? none;
  }

  respondSet(results: readonly number[], now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    return this.open?.set.respond(results) ?? none;
  }

  respondAction(responses: readonly ActionResponseData[], now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    return this.open?.action.respond(responses) ?? none;
  }

  supply(elements: readonly Data[] | undefined, now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    return this.open?.get.supply(elements) ?? none;
  }

  nextDeadline(): Instant | undefined {
    const { inactivityTimeoutMs } = this.options;
    if (this.open === undefined || inactivityTimeoutMs === 0 || this.isBusy) return undefined;
    return this.lastActivity + inactivityTimeoutMs;
  }

  expire(now: Instant): readonly AssociationEvent[] {
    const deadline = this.nextDeadline();
    return deadline !== undefined && now >= deadline ? this.close("inactive") : none;
  }

  close(reason: CloseReason): readonly AssociationEvent[] {
    const { open } = this;
    if (open === undefined) return none;
    this.open = undefined;
    return [...open.get.abort(), { kind: "closed", reason }];
  }
}

const none: readonly AssociationEvent[] = Object.freeze([]);

function notAssociated(): readonly AssociationEvent[] {
  return reject("notAssociated", "no association is open");
}

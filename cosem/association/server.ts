/**
 * The server's side of one association (one client SAP, one connection), as a machine without I/O.
 *
 * It is idle until an AARQ passes all its checks, then open until RLRQ, inactivity or the end of the connection; with a
 * high level mechanism it is pending in between, until passes 3 and 4. A request makes it busy: the shell asks the
 * registry and answers by respondX() or supply(). A second AARQ replaces the open association only once its client is
 * authenticated; until then the old one stands and is served. A new request ends an unfinished block transfer. Layers,
 * from the wire up: blocks of general-block-transfer, protection, services. All moves stand in `server-moves.ts`.
 */
import type { ActionResponseData } from "../apdu/action.js";
import { cipheringTag, isProtectedTag } from "../apdu/ciphering.js";
import { conformanceBit } from "../apdu/conformance.js";
import { decodeGeneralBlock } from "../apdu/general-block-transfer.js";
import type { InformationReport } from "../apdu/information-report.js";
import { decodeInitiateRequest } from "../apdu/initiate.js";
import { decodeRlrq, encodeRlre, releaseReason } from "../apdu/release.js";
import { apduTag } from "../apdu/tags.js";
import { ByteWriter, DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import type { HlsExchange } from "../security/hls.js";
import { encodeInitiateAnswer } from "./aare-answers.js";
import type { AccessAnswer } from "./access-answer.js";
import type { AssociationPolicy, NegotiatedAssociation } from "./association-policy.js";
import { type AcceptedAssociation, closeInitiate, negotiate } from "./negotiate.js";
import { OpenAssociation } from "./open-association.js";
import { type GetAnswer, OutgoingBody } from "./outgoing-body.js";
import type { Unprotected } from "./protection.js";
import type { AnswerProtection, SecuredSession } from "./secured-session.js";
import type { AssociationEvent, CloseReason, Instant, ServerAssociation } from "./server-events.js";
import { type HlsReply, passFour } from "./server-hls.js";
import { isContinuation, isService, kindOf, type Move, moves, type ServiceKind, serviceBit } from "./server-moves.js";
import {
  isDedicatedTag,
  notAssociated,
  notNegotiated,
  refuseProtected,
  tooLong,
  underProtected,
} from "./server-refusals.js";
import { readPassThree } from "./server-sn-hls.js";
import { informationReportOf } from "./server-sn-report.js";
import { reject } from "./service-context.js";

export interface ServerAssociationOptions {
  readonly policy: AssociationPolicy;
  /** An open association is closed after this time without an APDU; 0 = never. */
  readonly inactivityTimeoutMs: number;
  /** Longest value or request taken in blocks, and longest answer made whole to be ciphered. */
  readonly maxAssembledBytes: number;
  /** Blocks of a request taken in a row in general-block-transfer, 1 to 63; default 1. */
  readonly blockWindow?: number;
  /** Shared by all associations of one thread; see the event `send`. */
  readonly scratch?: ByteWriter;
}

interface PendingAssociation extends AcceptedAssociation {
  readonly hls: HlsExchange;
}

/** @returns an idle association; it does nothing until it receives an AARQ */
export function createServerAssociation(options: ServerAssociationOptions): ServerAssociation {
  return new Machine(options);
}

class Machine implements ServerAssociation {
  private readonly options: ServerAssociationOptions;
  private readonly scratch: ByteWriter;
  private open: OpenAssociation | undefined;
  private pending: PendingAssociation | undefined;
  private lastActivity: Instant = 0;
  /** How the answer to the present request goes out; undefined: plain. */
  private answer: AnswerProtection | undefined;
  /** A request under the broadcast key is never answered. */
  private isMuted = false;
  /** The present request came in blocks: so does its answer. */
  private isInBlocks = false;
  requestProtection: number | undefined;

  constructor(options: ServerAssociationOptions) {
    this.options = options;
    this.scratch = options.scratch ?? new ByteWriter(512);
    this.open = undefined;
    this.pending = undefined;
    this.answer = undefined;
    this.requestProtection = undefined;
  }

  get session(): NegotiatedAssociation | undefined {
    return this.open?.session;
  }

  get isPending(): boolean {
    return this.pending !== undefined;
  }

  get isBusy(): boolean {
    return this.open?.isBusy === true;
  }

  receive(apdu: Uint8Array, now: Instant): readonly AssociationEvent[] {
    const { open } = this;
    if (open?.isBusy === true) throw new Error("receive() while an answer is owed");
    this.lastActivity = now;
    this.answer = undefined;
    this.isMuted = false;
    this.isInBlocks = false;
    try {
      const move: Move =
        moves[open !== undefined ? "open" : this.pending !== undefined ? "pending" : "idle"][kindOf(apdu[0])];
      return this.move(move, apdu);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.finish(reject("notSupported", error.message));
    }
  }

  private move(move: Move, apdu: Uint8Array): readonly AssociationEvent[] {
    const { open, pending } = this;
    switch (move) {
      case "negotiate":
        return this.negotiate(apdu);
      case "release":
        return this.release(apdu);
      case "block":
        return open === undefined ? notAssociated() : this.block(open, apdu);
      case "unprotect":
        return this.protectedRequest(apdu);
      case "authenticate": {
        if (pending === undefined) return notAssociated();
        if (pending.secured !== undefined && pending.secured.required !== 0) return underProtected();
        return this.authenticate(pending, readPassThree(apdu, this.options.policy), undefined);
      }
      case "ignore":
        return [{ kind: "rejected", detail: "an unconfirmed request without an association" }];
      case "notAssociated":
        return notAssociated();
      case "notSupported":
        return reject("notSupported", `unknown tag ${apdu[0] ?? "of an empty APDU"}`);
      default:
        return open === undefined ? notAssociated() : this.plainRequest(open, move, apdu);
    }
  }

  /** A request that is not protected. */
  private plainRequest(open: OpenAssociation, service: ServiceKind, apdu: Uint8Array): readonly AssociationEvent[] {
    const { pending } = this;
    const reply = pending !== undefined ? readPassThree(apdu, this.options.policy) : undefined;
    if (pending !== undefined && reply !== undefined) {
      if (pending.secured !== undefined && pending.secured.required !== 0) return underProtected();
      return this.authenticate(pending, reply, undefined);
    }
    if (!this.isInBlocks && apdu.length > open.session.maxReceivePduSize) return tooLong(apdu);
    const { secured } = open;
    if (secured === undefined) return this.finish(this.serve(open, service, apdu));
    if (secured.required !== 0) return underProtected();
    return this.securedRequest(open, secured, service, apdu, undefined);
  }

  private protectedRequest(apdu: Uint8Array): readonly AssociationEvent[] {
    const { open, pending } = this;
    const isDedicated = isDedicatedTag(apdu[0]);
    const owner = isDedicated ? (open ?? pending) : (pending ?? open);
    const secured = owner?.secured;
    if (owner === undefined || secured === undefined) return reject("notSupported", "ciphering was not negotiated");
    if (!this.isInBlocks && apdu.length > owner.session.maxReceivePduSize) return tooLong(apdu);
    const isGeneral = (apdu[0] ?? 0) >= cipheringTag.generalGloCiphering;
    if (isGeneral && (owner.session.conformance & conformanceBit.generalProtection) === 0) {
      return reject("notSupported", "general protection was not negotiated");
    }
    const opened = secured.open(apdu, secured.required);
    if (!opened.ok) return refuseProtected(opened);
    this.isMuted = opened.isBroadcast;
    const kind = kindOf(opened.apdu[0]);
    if (!isService(kind)) return this.finish(reject("notSupported", `tag ${opened.apdu[0]} inside a protected APDU`));
    const reply = pending !== undefined ? readPassThree(opened.apdu, this.options.policy) : undefined;
    if (pending !== undefined && reply !== undefined) return this.authenticate(pending, reply, opened);
    if (open?.secured === undefined) return this.finish(notAssociated());
    return this.securedRequest(open, open.secured, kind, opened.apdu, opened);
  }

  /** A request in a ciphered association: as strongly protected as the policy and its own beginning want it. */
  private securedRequest(
    open: OpenAssociation,
    secured: SecuredSession,
    service: ServiceKind,
    apdu: Uint8Array,
    opened: Unprotected | undefined,
  ): readonly AssociationEvent[] {
    const bits = opened?.protection ?? 0;
    this.requestProtection = bits;
    this.answer = secured.answerTo(opened);
    if (!isContinuation(apdu)) {
      open.requestFloor = bits;
      open.answerFloor = 0;
    } else if ((open.requestFloor & ~bits) !== 0) {
      this.answer = undefined;
      return underProtected();
    } else if (open.answerFloor !== 0) {
      this.answer = secured.strengthened(this.answer, open.answerFloor);
    }
    open.makeRoom(this.answer);
    return this.finish(this.serve(open, service, apdu));
  }

  private serve(open: OpenAssociation, service: ServiceKind, apdu: Uint8Array): readonly AssociationEvent[] {
    if (!open.isNegotiated(serviceBit[service])) return notNegotiated(service, apdu, this.options.policy);
    const before = open.abortOthers(service);
    const unsent = !this.isInBlocks && open.blocks !== undefined ? open.blocks.abort() : none;
    const answer = open[service].request(apdu);
    if (before.length === 0 && unsent.length === 0) return answer;
    return [...unsent, ...before, ...answer];
  }

  private block(open: OpenAssociation, apdu: Uint8Array): readonly AssociationEvent[] {
    const { blocks } = open;
    if (blocks === undefined) return reject("notSupported", "general-block-transfer was not negotiated");
    if (apdu.length > open.session.maxReceivePduSize) return tooLong(apdu);
    const outcome = blocks.receive(decodeGeneralBlock(apdu));
    if (outcome.kind === "events") return outcome.events;
    const events = this.requestInBlocks(open, outcome.apdu);
    return outcome.events.length === 0 ? events : [...outcome.events, ...events];
  }

  private requestInBlocks(open: OpenAssociation, apdu: Uint8Array): readonly AssociationEvent[] {
    this.isInBlocks = true;
    if (isProtectedTag(apdu[0])) return this.protectedRequest(apdu);
    const kind = kindOf(apdu[0]);
    if (!isService(kind)) return reject("notSupported", `tag ${apdu[0] ?? "of nothing"} in blocks`);
    return this.plainRequest(open, kind, apdu);
  }

  private negotiate(apdu: Uint8Array): readonly AssociationEvent[] {
    const negotiation = negotiate(apdu, this.options.policy);
    if (!negotiation.accepted) {
      const refused: AssociationEvent = { kind: "refused", reason: negotiation.reason };
      return negotiation.aare === undefined ? [refused] : [{ kind: "send", apdu: negotiation.aare }, refused];
    }
    const { association, aare } = negotiation;
    const { hls } = association;
    const answer: AssociationEvent = { kind: "send", apdu: aare };
    if (hls === undefined) return [...this.openUp(association), answer];
    this.pending = { ...association, hls };
    return [answer];
  }

  private openUp(association: AcceptedAssociation): readonly AssociationEvent[] {
    const replaced = this.open === undefined ? none : this.close("replaced");
    this.pending = undefined;
    const { maxAssembledBytes, blockWindow = 1 } = this.options;
    const session = { ...association.session, isAuthenticationPending: false };
    const parts = { scratch: this.scratch, maxAssembledBytes, blockWindow };
    this.open = new OpenAssociation({ session, secured: association.secured }, parts);
    this.requestProtection = association.secured === undefined ? undefined : 0;
    return [...replaced, { kind: "opened", session }];
  }

  /** Pass 3; whoever fails it stays outside, and what was open before stays open. */
  private authenticate(
    pending: PendingAssociation,
    reply: HlsReply | undefined,
    opened: Unprotected | undefined,
  ): readonly AssociationEvent[] {
    if (reply === undefined) return notAssociated();
    this.answer = pending.secured?.answerTo(opened);
    const value = passFour(pending.hls, reply.value);
    const apdu = reply.answer(value);
    const answer = apdu === undefined ? none : this.finish([{ kind: "send", apdu }], pending.secured);
    this.pending = undefined;
    if (value === undefined) return [...answer, { kind: "refused", reason: "authenticationFailed" }];
    return [...this.openUp(pending), ...answer];
  }

  private release(apdu: Uint8Array): readonly AssociationEvent[] {
    const { userInformation } = decodeRlrq(apdu);
    const released = this.open ?? this.pending;
    const secured = released?.secured;
    let answer: Uint8Array | undefined;
    if (released !== undefined && secured !== undefined) {
      const isProtected = userInformation !== undefined && isProtectedTag(userInformation[0]);
      if (!isProtected && secured.requiredOfInitiate !== 0) return reject("notSupported", "an RLRQ without protection");
      const opened = isProtected ? secured.open(userInformation, secured.requiredOfInitiate) : undefined;
      if (opened?.ok === false) return refuseProtected(opened);
      if (opened !== undefined) {
        decodeInitiateRequest(opened.apdu);
        answer = closeInitiate(this.initiateAnswer(released.session), secured, opened);
      }
    }
    const rlre = encodeRlre({ reason: releaseReason.normal, userInformation: answer });
    return [{ kind: "send", apdu: rlre }, ...this.close("released")];
  }

  private initiateAnswer({ conformance, maxReceivePduSize }: NegotiatedAssociation): Uint8Array {
    return encodeInitiateAnswer(this.options.policy.applicationContext, conformance, maxReceivePduSize);
  }

  /** Protects what goes out, and cuts it into blocks where it came in blocks or is longer than a PDU. */
  private finish(events: readonly AssociationEvent[], secured = this.open?.secured): readonly AssociationEvent[] {
    const isPlain = this.answer === undefined && !this.isMuted;
    if (isPlain && this.open?.blocks === undefined) return events;
    const finished: AssociationEvent[] = [];
    for (const event of events) {
      if (event.kind !== "send") finished.push(event);
      else if (!this.isMuted) finished.push(...this.outgoing(event, secured));
    }
    return finished;
  }

  private outgoing(
    event: Extract<AssociationEvent, { kind: "send" }>,
    secured: SecuredSession | undefined,
  ): readonly AssociationEvent[] {
    const { apdu } = event;
    if (apdu[0] === apduTag.generalBlockTransfer || apdu[0] === apduTag.exceptionResponse) return [event];
    const { answer } = this;
    let whole: Uint8Array | undefined = apdu;
    const session = this.open?.session ?? this.pending?.session;
    if (answer !== undefined && secured !== undefined) {
      const mayUseGeneral = ((session?.conformance ?? 0) & conformanceBit.generalProtection) !== 0;
      whole = secured.close(apdu, answer, mayUseGeneral);
    }
    if (whole === undefined) return reject("otherReason", "the answer could not be protected");
    const isLong = session !== undefined && whole.length > session.maxSendPduSize;
    const blocks = this.open?.blocks;
    if (blocks !== undefined && (isLong || this.isInBlocks)) {
      return blocks.send({ body: OutgoingBody.of(whole), hasStreams: false, indexGiven: (index) => index });
    }
    if (isLong) return reject("pduTooLong", "an answer longer than a PDU");
    return whole === apdu ? [event] : [{ kind: "send", apdu: whole }];
  }

  protectAnswer(bits: number): void {
    const { open } = this;
    if (bits === 0 || open?.secured === undefined) return;
    open.answerFloor |= bits;
    this.answer = open.secured.strengthened(this.answer, bits);
    open.makeRoom(this.answer);
  }

  respondGet(answers: readonly GetAnswer[], now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    const { open } = this;
    if (open === undefined) return none;
    return this.finish(open.owingValues.respond(answers));
  }

  respondSet(results: readonly number[], now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    const { open } = this;
    if (open === undefined) return none;
    return this.finish(open.owingCodes.respond(results));
  }

  respondAction(responses: readonly ActionResponseData[], now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    return this.open === undefined ? none : this.finish(this.open.action.respond(responses));
  }

  respondAccess(answers: readonly AccessAnswer[], now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    return this.open === undefined ? none : this.finish(this.open.access.respond(answers));
  }

  supply(elements: readonly Data[] | undefined, now: Instant): readonly AssociationEvent[] {
    this.lastActivity = now;
    const { open } = this;
    if (open === undefined) return none;
    if (open.blocks !== undefined && open.blocks.owed === "elements") return open.blocks.supply(elements);
    return this.finish(open.owingElements.supply(elements));
  }

  report(report: InformationReport): readonly AssociationEvent[] {
    const apdu = this.open === undefined ? undefined : informationReportOf(this.open, report);
    return apdu === undefined ? none : [{ kind: "send", apdu }];
  }

  nextDeadline(): Instant | undefined {
    const { inactivityTimeoutMs } = this.options;
    const isThere = this.open !== undefined || this.pending !== undefined;
    if (!isThere || inactivityTimeoutMs === 0 || this.isBusy) return undefined;
    return this.lastActivity + inactivityTimeoutMs;
  }

  expire(now: Instant): readonly AssociationEvent[] {
    const deadline = this.nextDeadline();
    return deadline !== undefined && now >= deadline ? this.close("inactive") : none;
  }

  close(reason: CloseReason): readonly AssociationEvent[] {
    const { open } = this;
    this.pending = undefined;
    if (open === undefined) return none;
    this.open = undefined;
    const unsent = open.blocks?.abort() ?? none;
    return [...unsent, ...open.abortOthers(undefined), { kind: "closed", reason }];
  }
}

const none: readonly AssociationEvent[] = Object.freeze([]);

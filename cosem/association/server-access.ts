/** ACCESS at the server: a list of specifications executed in order, one answer (IEC 62056-5-3, clause 6.9). */
import {
  type AccessRequest,
  type AccessResult,
  type AccessSpecification,
  decodeAccessRequest,
  hasLongInvokeBit,
  writeAccessResponseHead,
  writeAccessResult,
} from "../apdu/access.js";
import { conformanceBit } from "../apdu/conformance.js";
import { writeList } from "../apdu/descriptor.js";
import { ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import type { AccessAnswer } from "./access-answer.js";
import { type GetAnswer, OutgoingBody, StreamBroken } from "./outgoing-body.js";
import type { AssociationEvent } from "./server-events.js";
import { mergeAnswers, refusalOf, reject, type ServiceContext } from "./service-context.js";

interface Pending {
  readonly body: OutgoingBody;
  readonly hasStreams: boolean;
  readonly indexGiven: (index: number) => number;
}

const nothing = new Uint8Array(0);
const none: readonly AssociationEvent[] = Object.freeze([]);
const released: AssociationEvent = Object.freeze({ kind: "streamsReleased" });
const refusedAnswer = (result: number): AccessAnswer => ({ result, value: undefined });

export class AccessService {
  private readonly context: ServiceContext;
  private current: AccessRequest | undefined;
  private refusals: readonly (number | undefined)[] = [];
  private pending: Pending | undefined;
  /** The shell owes answers, or elements of a stream. */
  owed: "nothing" | "answers" | "elements" = "nothing";

  constructor(context: ServiceContext) {
    this.context = context;
  }

  /** @throws DecodeError */
  request(apdu: Uint8Array): readonly AssociationEvent[] {
    const request = decodeAccessRequest(apdu);
    const { specifications, data } = request;
    this.current = request;
    this.refusals = specifications.map((specification) => this.refusal(specification));
    const isPermitted = (_: unknown, index: number) => this.refusals[index] === undefined;
    const permitted = specifications.filter(isPermitted);
    if (permitted.length === 0) return this.respond([]);
    this.owed = "answers";
    const breakOnError = hasLongInvokeBit(request.longInvokeIdAndPriority, "breakOnError");
    return [{ kind: "accessRequested", specifications: permitted, data: data.filter(isPermitted), breakOnError }];
  }

  /** Selections need no bit of their own here: the service has them as choices of its own. */
  private refusal(specification: AccessSpecification): number | undefined {
    if (specification.kind === "action") return undefined;
    const { attribute, kind } = specification;
    if (attribute.attributeIndex !== 0) return undefined;
    const bit = kind === "get" ? conformanceBit.attribute0WithGet : conformanceBit.attribute0WithSet;
    return refusalOf(this.context, { ...attribute, selectiveAccess: undefined }, bit);
  }

  respond(given: readonly AccessAnswer[]): readonly AssociationEvent[] {
    this.owed = "nothing";
    const request = this.current;
    this.current = undefined;
    if (request === undefined) return none;
    const answers = mergeAnswers(this.refusals, given, refusedAnswer);
    const hasStreams = answers.some(({ value }) => value?.kind === "stream");
    if (!hasLongInvokeBit(request.longInvokeIdAndPriority, "confirmed")) return hasStreams ? [released] : none;
    const body = bodyOf(request, answers);
    const { refusals } = this;
    const indexGiven = (index: number) => index - refusals.slice(0, index).filter((code) => code !== undefined).length;
    this.pending = { body, hasStreams, indexGiven };
    return this.continue(this.pending);
  }

  private continue(pending: Pending): readonly AssociationEvent[] {
    const { maxPlainSize, maxWholeAnswer, sendLong, scratch } = this.context;
    const { body, hasStreams, indexGiven } = pending;
    const whole = sendLong === undefined ? maxWholeAnswer : maxPlainSize;
    const state = body.fill(whole);
    if (state.kind === "elementsWanted") {
      this.owed = "elements";
      return [{ kind: "elementsWanted", index: indexGiven(state.index) }];
    }
    this.pending = undefined;
    const after = hasStreams ? [released] : none;
    if (body.isComplete && body.size <= whole) {
      return [{ kind: "send", apdu: scratch.reset().bytes(body.take(body.size)).finish() }, ...after];
    }
    if (sendLong !== undefined) return sendLong(pending);
    return [...reject("pduTooLong", "an access-response longer than a PDU"), ...after];
  }

  /** Elements of the stream asked for; undefined when it failed. */
  supply(elements: readonly Data[] | undefined): readonly AssociationEvent[] {
    const { pending } = this;
    this.owed = "nothing";
    if (pending === undefined) return none;
    try {
      if (elements === undefined) throw new StreamBroken("the stream failed");
      pending.body.supply(elements);
      return this.continue(pending);
    } catch (error) {
      if (!(error instanceof StreamBroken)) throw error;
      return [...reject("otherReason", "the answer could not be read to its end"), ...this.abort()];
    }
  }

  abort(): readonly AssociationEvent[] {
    const { pending } = this;
    this.pending = undefined;
    return pending?.hasStreams === true ? [released] : none;
  }
}

function bodyOf(request: AccessRequest, answers: readonly AccessAnswer[]): OutgoingBody {
  const { longInvokeIdAndPriority, specifications } = request;
  const isSelfDescriptive = hasLongInvokeBit(longInvokeIdAndPriority, "selfDescriptive");
  const head = new ByteWriter(64);
  writeAccessResponseHead(head, {
    longInvokeIdAndPriority,
    dateTime: nothing,
    specifications: isSelfDescriptive ? specifications : undefined,
  });
  const results: AccessResult[] = answers.map(({ result }, index) => ({
    kind: specifications[index]?.kind ?? "get",
    result,
  }));
  const tail = new ByteWriter(64);
  writeList(tail, results, writeAccessResult);
  const values = answers.map(({ value, result }): GetAnswer => value ?? { kind: "error", error: result });
  return new OutgoingBody(values, "data", head.finish(), tail.finish());
}

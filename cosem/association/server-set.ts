/** SET at the server: whole, with list, or in blocks (IEC 62056-5-3, clause 6.7). */
import { conformanceBit } from "../apdu/conformance.js";
import type { AttributeDescriptor, DataBlock } from "../apdu/descriptor.js";
import { dataAccessResult } from "../apdu/results.js";
import { decodeSetRequest, type SetRequest, type SetResponse, writeSetResponse } from "../apdu/set.js";
import { DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { IncomingTransfer } from "./incoming-transfer.js";
import type { AssociationEvent } from "./server-events.js";
import { isConfirmed, isNegotiated, mergeAnswers, refusalOf, reject, type ServiceContext } from "./service-context.js";

type Form = "normal" | "withList";

export class SetService {
  private readonly context: ServiceContext;
  private incoming: IncomingTransfer | undefined;
  private invokeIdAndPriority = 0;
  private form: Form = "normal";
  /** Where the value came in blocks: number of the last, which the answer repeats. */
  private lastBlockNumber: number | undefined;
  private refusals: readonly (number | undefined)[] = [];
  /** The shell owes answers. */
  owed: "nothing" | "answers" = "nothing";

  constructor(context: ServiceContext) {
    this.context = context;
  }

  /** @throws DecodeError */
  request(apdu: Uint8Array): readonly AssociationEvent[] {
    const request = decodeSetRequest(apdu);
    const missing = this.notNegotiated(request);
    if (missing !== undefined) return reject("notSupported", missing);
    this.invokeIdAndPriority = request.invokeIdAndPriority;
    this.lastBlockNumber = undefined;
    switch (request.kind) {
      case "normal":
        return this.begin([request.attribute], [request.value], "normal");
      case "withList":
        return this.begin(request.attributes, request.values, "withList");
      case "withFirstDatablock":
        return this.first([request.attribute], request.block, false);
      case "withListAndFirstDatablock":
        return this.first(request.attributes, request.block, true);
      case "withDatablock":
        return this.next(request.block);
    }
  }

  private notNegotiated(request: SetRequest): string | undefined {
    const isList = request.kind === "withList" || request.kind === "withListAndFirstDatablock";
    if (isList && !isNegotiated(this.context, conformanceBit.multipleReferences)) {
      return "set with list was not negotiated";
    }
    const isWhole = request.kind === "normal" || request.kind === "withList";
    if (isWhole || isNegotiated(this.context, conformanceBit.blockTransferWithSet)) return undefined;
    return "set in blocks was not negotiated";
  }

  private begin(
    attributes: readonly AttributeDescriptor[],
    values: readonly Data[],
    form: Form,
  ): readonly AssociationEvent[] {
    this.abort();
    this.form = form;
    this.owed = "answers";
    this.refusals = attributes.map((attribute) => refusalOf(this.context, attribute, conformanceBit.attribute0WithSet));
    const isPermitted = (_: unknown, index: number) => this.refusals[index] === undefined;
    const permitted = attributes.filter(isPermitted);
    if (permitted.length === 0) return this.respond([]);
    return [{ kind: "setRequested", attributes: permitted, values: values.filter(isPermitted) }];
  }

  private first(
    attributes: readonly AttributeDescriptor[],
    block: DataBlock,
    isList: boolean,
  ): readonly AssociationEvent[] {
    this.incoming = new IncomingTransfer({ service: "set", isList, attributes }, this.context.maxAssembledBytes);
    return this.take(this.incoming, block);
  }

  private next(block: DataBlock): readonly AssociationEvent[] {
    if (this.incoming !== undefined) return this.take(this.incoming, block);
    return this.endBlocks(block.blockNumber, dataAccessResult.noLongSetInProgress);
  }

  private take(incoming: IncomingTransfer, block: DataBlock): readonly AssociationEvent[] {
    const fault = incoming.take(block);
    if (fault === "wrongNumber") return this.endBlocks(block.blockNumber, dataAccessResult.dataBlockNumberInvalid);
    if (fault === "tooLong") return this.endBlocks(block.blockNumber, dataAccessResult.longSetAborted);
    if (!block.lastBlock) return this.answer({ kind: "datablock", blockNumber: block.blockNumber });
    this.lastBlockNumber = block.blockNumber;
    return this.execute(incoming);
  }

  private execute(incoming: IncomingTransfer): readonly AssociationEvent[] {
    const { target } = incoming;
    if (target.service !== "set") return [];
    try {
      const values = incoming.values();
      return this.begin(target.attributes, values, target.isList ? "withList" : "normal");
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.endBlocks(this.lastBlockNumber ?? 0, dataAccessResult.otherReason);
    }
  }

  respond(given: readonly number[]): readonly AssociationEvent[] {
    this.owed = "nothing";
    const results = mergeAnswers<number>(this.refusals, given, (code) => code);
    const blockNumber = this.lastBlockNumber;
    const result = results[0] ?? dataAccessResult.otherReason;
    if (this.form === "normal") {
      return this.answer(
        blockNumber === undefined ? { kind: "normal", result } : { kind: "lastDatablock", result, blockNumber },
      );
    }
    return this.answer(
      blockNumber === undefined
        ? { kind: "withList", results }
        : { kind: "lastDatablockWithList", results, blockNumber },
    );
  }

  private endBlocks(blockNumber: number, result: number): readonly AssociationEvent[] {
    this.abort();
    return this.answer({ kind: "lastDatablock", result, blockNumber });
  }

  /** Nothing is sent for an unconfirmed request. */
  private answer(response: WithoutId<SetResponse>): readonly AssociationEvent[] {
    const { invokeIdAndPriority, context } = this;
    if (!isConfirmed(invokeIdAndPriority)) return [];
    writeSetResponse(context.scratch.reset(), { ...response, invokeIdAndPriority });
    const apdu = context.scratch.finish();
    if (apdu.length > context.maxWholeAnswer) return reject("pduTooLong", "more results than a PDU holds");
    return [{ kind: "send", apdu }];
  }

  /** Forgets the blocks that came so far. */
  abort(): readonly AssociationEvent[] {
    this.incoming = undefined;
    return [];
  }
}

type WithoutId<R> = R extends unknown ? Omit<R, "invokeIdAndPriority"> : never;

/** GET at the server: one request at a time, its answer whole or in blocks (IEC 62056-5-3, clause 6.6). */
import { conformanceBit } from "../apdu/conformance.js";
import type { AttributeDescriptor } from "../apdu/descriptor.js";
import { decodeGetRequest, writeGetResponse } from "../apdu/get.js";
import { dataAccessResult } from "../apdu/results.js";
import { apduTag } from "../apdu/tags.js";
import { writeData } from "../codec/axdr.js";
import type { Data } from "../codec/data.js";
import { type GetAnswer, OutgoingBody, StreamBroken } from "./outgoing-body.js";
import type { AssociationEvent } from "./server-events.js";
import { blockSize, isNegotiated, mergeAnswers, refusalOf, reject, type ServiceContext } from "./service-context.js";

interface Transfer {
  invokeIdAndPriority: number;
  readonly isList: boolean;
  readonly body: OutgoingBody;
  readonly hasStreams: boolean;
  /** Number of the last block sent; 0 before it is clear whether blocks are needed. */
  blockNumber: number;
}

const released: AssociationEvent = Object.freeze({ kind: "streamsReleased" });
const refusedAnswer = (error: number): GetAnswer => ({ kind: "error", error });

export class GetService {
  private readonly context: ServiceContext;
  private invokeIdAndPriority = 0;
  private isList = false;
  private refusals: readonly (number | undefined)[] | undefined;
  private transfer: Transfer | undefined;
  /** The shell owes answers, or elements of a stream. */
  owed: "nothing" | "answers" | "elements" = "nothing";

  constructor(context: ServiceContext) {
    this.context = context;
  }

  /** @throws DecodeError */
  request(apdu: Uint8Array): readonly AssociationEvent[] {
    const request = decodeGetRequest(apdu);
    switch (request.kind) {
      case "normal":
        return this.beginOne(request.invokeIdAndPriority, request.attribute);
      case "withList":
        if (!isNegotiated(this.context, conformanceBit.multipleReferences)) {
          return reject("notSupported", "get with list was not negotiated");
        }
        return this.begin(request.invokeIdAndPriority, request.attributes, true);
      case "next":
        return this.next(request.invokeIdAndPriority, request.blockNumber);
    }
  }

  private beginOne(invokeIdAndPriority: number, attribute: AttributeDescriptor): readonly AssociationEvent[] {
    if (this.transfer !== undefined || this.refusal(attribute) !== undefined) {
      return this.begin(invokeIdAndPriority, [attribute], false);
    }
    this.start(invokeIdAndPriority, false);
    return [{ kind: "getRequested", attributes: [attribute] }];
  }

  private start(invokeIdAndPriority: number, isList: boolean): void {
    this.invokeIdAndPriority = invokeIdAndPriority;
    this.isList = isList;
    this.owed = "answers";
    this.refusals = undefined;
  }

  private begin(
    invokeIdAndPriority: number,
    attributes: readonly AttributeDescriptor[],
    isList: boolean,
  ): readonly AssociationEvent[] {
    const events = this.abort();
    this.start(invokeIdAndPriority, isList);
    if (attributes.every((attribute) => this.refusal(attribute) === undefined)) {
      if (attributes.length > 0) return [...events, { kind: "getRequested", attributes }];
      return [...events, ...this.respond([])];
    }
    this.refusals = attributes.map((attribute) => this.refusal(attribute));
    const permitted = attributes.filter((_, index) => this.refusals?.[index] === undefined);
    if (permitted.length === 0) return [...events, ...this.respond([])];
    return [...events, { kind: "getRequested", attributes: permitted }];
  }

  private refusal(attribute: AttributeDescriptor): number | undefined {
    return refusalOf(this.context, attribute, conformanceBit.attribute0WithGet);
  }

  respond(given: readonly GetAnswer[]): readonly AssociationEvent[] {
    const answers = this.refusals === undefined ? given : mergeAnswers(this.refusals, given, refusedAnswer);
    this.owed = "nothing";
    const only = answers[0];
    if (!this.isList && only !== undefined && only.kind !== "stream") return this.respondAtOnce(only);
    this.transfer = {
      invokeIdAndPriority: this.invokeIdAndPriority,
      isList: this.isList,
      body: new OutgoingBody(answers, this.isList ? "results" : "single"),
      hasStreams: answers.some((answer) => answer.kind === "stream"),
      blockNumber: 0,
    };
    return this.continue(this.transfer);
  }

  /** One attribute, its value at hand: nearly every GET there is. */
  private respondAtOnce(result: Exclude<GetAnswer, { kind: "stream" }>): readonly AssociationEvent[] {
    const { scratch, maxWholeGet } = this.context;
    scratch.reset();
    if (result.kind === "error") {
      writeGetResponse(scratch, { kind: "normal", invokeIdAndPriority: this.invokeIdAndPriority, result });
      return [{ kind: "send", apdu: scratch.finish() }];
    }
    scratch.u8(apduTag.getResponse).u8(1).u8(this.invokeIdAndPriority).u8(0);
    writeData(scratch, result.data);
    const apdu = scratch.finish();
    if (apdu.length <= maxWholeGet) return [{ kind: "send", apdu }];
    this.transfer = {
      invokeIdAndPriority: this.invokeIdAndPriority,
      isList: false,
      body: OutgoingBody.of(apdu.subarray(4)),
      hasStreams: false,
      blockNumber: 0,
    };
    return this.continue(this.transfer);
  }

  /** Elements of the stream asked for; undefined when it failed. */
  supply(elements: readonly Data[] | undefined): readonly AssociationEvent[] {
    const { transfer } = this;
    this.owed = "nothing";
    if (transfer === undefined) return [];
    try {
      if (elements === undefined) throw new StreamBroken("the stream failed");
      transfer.body.supply(elements);
      return this.continue(transfer);
    } catch (error) {
      if (!(error instanceof StreamBroken)) throw error;
      return this.breakOff(transfer);
    }
  }

  /** Sends the answer whole where it fits, else its next block; asks for elements where they are missing. */
  private continue(transfer: Transfer): readonly AssociationEvent[] {
    const { maxPlainSize, maxWholeGet, sendLong } = this.context;
    const isFirst = transfer.blockNumber === 0;
    const wholeHeader = transfer.isList ? 3 : 4;
    const state = transfer.body.fill(isFirst ? maxWholeGet - wholeHeader : blockSize(maxPlainSize));
    if (state.kind === "elementsWanted") {
      this.owed = "elements";
      return [{ kind: "elementsWanted", index: this.indexGiven(state.index) }];
    }
    if (isFirst && transfer.body.isComplete && transfer.body.size + wholeHeader <= maxWholeGet) {
      return this.sendWhole(transfer);
    }
    if (isFirst && sendLong !== undefined) return this.handOn(transfer, sendLong);
    if (isFirst && !isNegotiated(this.context, conformanceBit.blockTransferWithGet)) return this.doesNotFit(transfer);
    return this.sendBlock(transfer);
  }

  /** general-block-transfer takes the whole answer over, streams included. */
  private handOn(transfer: Transfer, sendLong: NonNullable<ServiceContext["sendLong"]>): readonly AssociationEvent[] {
    const { isList, invokeIdAndPriority, body, hasStreams } = transfer;
    this.transfer = undefined;
    body.prepend(Uint8Array.of(apduTag.getResponse, isList ? 3 : 1, invokeIdAndPriority, ...(isList ? [] : [0])));
    return sendLong({ body, hasStreams, indexGiven: (index) => this.indexGiven(index) });
  }

  /** The shell knows only the answers that it gave, not the refusals put among them. */
  private indexGiven(index: number): number {
    if (this.refusals === undefined) return index;
    return index - this.refusals.slice(0, index).filter((refusal) => refusal !== undefined).length;
  }

  private sendWhole(transfer: Transfer): readonly AssociationEvent[] {
    const { scratch } = this.context;
    scratch
      .reset()
      .u8(apduTag.getResponse)
      .u8(transfer.isList ? 3 : 1)
      .u8(transfer.invokeIdAndPriority);
    if (!transfer.isList) scratch.u8(0);
    scratch.bytes(transfer.body.take(transfer.body.size));
    return [{ kind: "send", apdu: scratch.finish() }, ...this.abort()];
  }

  private sendBlock(transfer: Transfer): readonly AssociationEvent[] {
    const { scratch, maxPlainSize } = this.context;
    transfer.blockNumber += 1;
    const rawData = transfer.body.take(blockSize(maxPlainSize));
    const lastBlock = transfer.body.isComplete && transfer.body.size === 0;
    writeGetResponse(scratch.reset(), {
      kind: "withDatablock",
      invokeIdAndPriority: transfer.invokeIdAndPriority,
      block: { lastBlock, blockNumber: transfer.blockNumber, rawData },
    });
    const sent: AssociationEvent = { kind: "send", apdu: scratch.finish() };
    return lastBlock ? [sent, ...this.abort()] : [sent];
  }

  private next(invokeIdAndPriority: number, blockNumber: number): readonly AssociationEvent[] {
    const { transfer } = this;
    if (transfer === undefined) {
      return [this.blockError(invokeIdAndPriority, blockNumber, dataAccessResult.noLongGetInProgress)];
    }
    if (blockNumber !== transfer.blockNumber) {
      const refusal = this.blockError(invokeIdAndPriority, blockNumber, dataAccessResult.dataBlockNumberInvalid);
      return [refusal, ...this.abort()];
    }
    transfer.invokeIdAndPriority = invokeIdAndPriority;
    return this.continue(transfer);
  }

  /** The shell's stream broke: the client hears it in the form it waits for. */
  private breakOff(transfer: Transfer): readonly AssociationEvent[] {
    const { invokeIdAndPriority, blockNumber } = transfer;
    if (blockNumber > 0) {
      return [this.blockError(invokeIdAndPriority, blockNumber + 1, dataAccessResult.longGetAborted), ...this.abort()];
    }
    return this.refuseWhole(transfer, dataAccessResult.temporaryFailure);
  }

  /** Longer than one PDU and no blocks negotiated. No clause known here names the code; 14 says it best. */
  private doesNotFit(transfer: Transfer): readonly AssociationEvent[] {
    return this.refuseWhole(transfer, dataAccessResult.dataBlockUnavailable);
  }

  private refuseWhole(transfer: Transfer, error: number): readonly AssociationEvent[] {
    const { invokeIdAndPriority } = transfer;
    const apdu = this.context.scratch.reset();
    writeGetResponse(apdu, { kind: "normal", invokeIdAndPriority, result: { kind: "error", error } });
    return [{ kind: "send", apdu: apdu.finish() }, ...this.abort()];
  }

  private blockError(invokeIdAndPriority: number, blockNumber: number, error: number): AssociationEvent {
    const apdu = this.context.scratch.reset();
    writeGetResponse(apdu, { kind: "blockError", invokeIdAndPriority, lastBlock: true, blockNumber, error });
    return { kind: "send", apdu: apdu.finish() };
  }

  /** Ends an unfinished transfer. */
  abort(): readonly AssociationEvent[] {
    const { transfer } = this;
    if (transfer === undefined) return none;
    this.transfer = undefined;
    return transfer.hasStreams ? [released] : none;
  }
}

const none: readonly AssociationEvent[] = Object.freeze([]);

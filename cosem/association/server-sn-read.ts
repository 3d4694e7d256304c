/**
 * READ at the server: variables and methods, their answer whole or in blocks, and requests that come in blocks
 * (IEC 62056-5-3, services of SN referencing). The blocks of an answer make its list of results together; the client
 * asks for the next with the number of the last.
 */
import { conformanceBit } from "../apdu/conformance.js";
import { decodeReadRequest, type ReadResponseItem, writeReadResponse } from "../apdu/read.js";
import { dataAccessResult } from "../apdu/results.js";
import { apduTag } from "../apdu/tags.js";
import {
  readVariableList,
  type VariableAccess,
  type VariableBlock,
  type VariableReference,
} from "../apdu/variable-access.js";
import { ByteReader, DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { type GetAnswer, OutgoingBody, StreamBroken } from "./outgoing-body.js";
import type { AssociationEvent } from "./server-events.js";
import { VariableBlocks } from "./server-sn-blocks.js";
import { rejectShortNames, type ShortNameFault } from "./server-sn-refusals.js";
import { blockSize, isNegotiated, mergeAnswers, type ServiceContext } from "./service-context.js";

interface Transfer {
  readonly count: number;
  readonly body: OutgoingBody;
  readonly hasStreams: boolean;
  /** Number of the last block sent; 0 before it is clear whether blocks are needed. */
  blockNumber: number;
}

const released: AssociationEvent = Object.freeze({ kind: "streamsReleased" });
const refusedAnswer = (error: number): GetAnswer => ({ kind: "error", error });
const lastBlockNumber = 0xffff;

export class ReadService {
  private readonly context: ServiceContext;
  private refusals: readonly (number | undefined)[] = [];
  private transfer: Transfer | undefined;
  private incoming: VariableBlocks | undefined;
  /** The shell owes answers, or elements of a stream. */
  owed: "nothing" | "answers" | "elements" = "nothing";

  constructor(context: ServiceContext) {
    this.context = context;
  }

  request(apdu: Uint8Array): readonly AssociationEvent[] {
    try {
      return this.take(decodeReadRequest(apdu).variables);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.reject("malformed", error.message);
    }
  }

  private take(variables: readonly VariableAccess[]): readonly AssociationEvent[] {
    const references = referencesOf(variables);
    if (references !== undefined) {
      if (references.length > 1 && !isNegotiated(this.context, conformanceBit.multipleReferences)) {
        return this.reject("notSupported", "read of several variables was not negotiated");
      }
      return this.begin(references);
    }
    const [access] = variables;
    if (variables.length !== 1 || access === undefined || access.kind === "writeDataBlock") {
      return this.reject("malformed", "blocks and variables in one read");
    }
    if (!isNegotiated(this.context, conformanceBit.blockTransferWithGet)) {
      return this.reject("notSupported", "read in blocks was not negotiated");
    }
    if (access.kind === "blockNumber") return this.next(access.blockNumber);
    if (access.kind === "readDataBlock") return this.takeBlock(access.block);
    return [];
  }

  private begin(variables: readonly VariableReference[]): readonly AssociationEvent[] {
    const events = this.abort();
    this.owed = "answers";
    this.refusals = variables.map((variable) => refusalOf(this.context, variable));
    const permitted = variables.filter((_, index) => this.refusals[index] === undefined);
    if (permitted.length === 0) return [...events, ...this.respond([])];
    return [...events, { kind: "readRequested", variables: permitted }];
  }

  /** A piece of a long request; the last one is answered as the whole would be. */
  private takeBlock(block: VariableBlock): readonly AssociationEvent[] {
    const events = block.blockNumber === 1 ? this.abort() : none;
    if (block.blockNumber === 1) this.incoming = new VariableBlocks(this.context.maxAssembledBytes);
    const { incoming } = this;
    if (incoming === undefined) return this.refuse(dataAccessResult.noLongGetInProgress);
    const fault = incoming.take(block);
    if (fault !== undefined) {
      this.incoming = undefined;
      const { dataBlockNumberInvalid, longGetAborted } = dataAccessResult;
      return [...events, ...this.refuse(fault === "wrongNumber" ? dataBlockNumberInvalid : longGetAborted)];
    }
    if (!block.lastBlock) return [...events, this.answer({ kind: "blockNumber", blockNumber: block.blockNumber })];
    this.incoming = undefined;
    return [...events, ...this.execute(incoming)];
  }

  private execute(incoming: VariableBlocks): readonly AssociationEvent[] {
    try {
      const reader = new ByteReader(incoming.bytes(), "variable-list");
      const references = referencesOf(readVariableList(reader));
      reader.expectEnd();
      return references === undefined ? this.refuse(dataAccessResult.otherReason) : this.begin(references);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.refuse(dataAccessResult.otherReason);
    }
  }

  respond(given: readonly GetAnswer[]): readonly AssociationEvent[] {
    this.owed = "nothing";
    const answers = mergeAnswers(this.refusals, given, refusedAnswer);
    const transfer = {
      count: answers.length,
      body: new OutgoingBody(answers, "results"),
      hasStreams: answers.some((answer) => answer.kind === "stream"),
      blockNumber: 0,
    };
    this.transfer = transfer;
    return this.continue(transfer);
  }

  /** Elements of the stream asked for; undefined when it failed. */
  supply(elements: readonly Data[] | undefined): readonly AssociationEvent[] {
    const { transfer } = this;
    this.owed = "nothing";
    if (transfer === undefined) return none;
    try {
      if (elements === undefined) throw new StreamBroken("the stream failed");
      transfer.body.supply(elements);
      return this.continue(transfer);
    } catch (error) {
      if (!(error instanceof StreamBroken)) throw error;
      if (transfer.blockNumber > 0) return [...this.refuse(dataAccessResult.longGetAborted), ...this.abort()];
      return this.refuseAll(transfer, dataAccessResult.temporaryFailure);
    }
  }

  /** Sends the answer whole where it fits, else its next block; asks for elements where they are missing. */
  private continue(transfer: Transfer): readonly AssociationEvent[] {
    const { maxPlainSize, maxWholeGet, sendLong, scratch } = this.context;
    const { body } = transfer;
    const isFirst = transfer.blockNumber === 0;
    const state = body.fill(isFirst ? maxWholeGet - 1 : blockSize(maxPlainSize));
    if (state.kind === "elementsWanted") {
      this.owed = "elements";
      return [{ kind: "elementsWanted", index: this.indexGiven(state.index) }];
    }
    if (isFirst && body.isComplete && body.size < maxWholeGet) {
      scratch.reset().u8(apduTag.readResponse).bytes(body.take(body.size));
      return [{ kind: "send", apdu: scratch.finish() }, ...this.abort()];
    }
    if (isFirst && sendLong !== undefined) {
      const { hasStreams } = transfer;
      this.transfer = undefined;
      body.prepend(Uint8Array.of(apduTag.readResponse));
      return sendLong({ body, hasStreams, indexGiven: (index) => this.indexGiven(index) });
    }
    if (isFirst && !isNegotiated(this.context, conformanceBit.blockTransferWithGet)) {
      return this.refuseAll(transfer, dataAccessResult.dataBlockUnavailable);
    }
    return this.sendBlock(transfer);
  }

  private sendBlock(transfer: Transfer): readonly AssociationEvent[] {
    if (transfer.blockNumber === lastBlockNumber) {
      return [...this.refuse(dataAccessResult.longGetAborted), ...this.abort()];
    }
    transfer.blockNumber += 1;
    const rawData = transfer.body.take(blockSize(this.context.maxPlainSize));
    const lastBlock = transfer.body.isComplete && transfer.body.size === 0;
    const sent = this.answer({ kind: "block", block: { lastBlock, blockNumber: transfer.blockNumber, rawData } });
    return lastBlock ? [sent, ...this.abort()] : [sent];
  }

  private next(blockNumber: number): readonly AssociationEvent[] {
    const { transfer } = this;
    if (transfer === undefined) return this.refuse(dataAccessResult.noLongGetInProgress);
    if (blockNumber === transfer.blockNumber) return this.continue(transfer);
    return [...this.refuse(dataAccessResult.dataBlockNumberInvalid), ...this.abort()];
  }

  /** The shell knows only the answers that it gave, not the refusals put among them. */
  private indexGiven(index: number): number {
    return index - this.refusals.slice(0, index).filter((refusal) => refusal !== undefined).length;
  }

  /** Nothing of the answer can go out: each variable hears it. */
  private refuseAll({ count }: Transfer, error: number): readonly AssociationEvent[] {
    const events = this.abort();
    const items = Array.from({ length: count }, (): ReadResponseItem => ({ kind: "error", error }));
    writeReadResponse(this.context.scratch.reset(), { items });
    const apdu = this.context.scratch.finish();
    if (apdu.length > this.context.maxWholeGet) return [...this.reject("pduSize", "an answer too long"), ...events];
    return [{ kind: "send", apdu }, ...events];
  }

  private refuse(error: number): readonly AssociationEvent[] {
    return [this.answer({ kind: "error", error })];
  }

  private answer(item: ReadResponseItem): AssociationEvent {
    writeReadResponse(this.context.scratch.reset(), { items: [item] });
    return { kind: "send", apdu: this.context.scratch.finish() };
  }

  private reject(fault: ShortNameFault, detail: string): readonly AssociationEvent[] {
    return rejectShortNames(apduTag.readRequest, fault, detail);
  }

  /** Ends an unfinished transfer of either direction. */
  abort(): readonly AssociationEvent[] {
    const { transfer } = this;
    this.incoming = undefined;
    if (transfer === undefined) return none;
    this.transfer = undefined;
    return transfer.hasStreams ? [released] : none;
  }
}

const none: readonly AssociationEvent[] = Object.freeze([]);

/** @returns undefined where blocks are among them */
export function referencesOf(variables: readonly VariableAccess[]): readonly VariableReference[] | undefined {
  const references = variables.flatMap((access) => (access.kind === "variable" ? [access.variable] : []));
  return references.length === variables.length ? references : undefined;
}

/** What the registry need not be asked about, because the association did not negotiate it. */
export function refusalOf(context: ServiceContext, { parameterizedAccess }: VariableReference): number | undefined {
  if (parameterizedAccess === undefined || isNegotiated(context, conformanceBit.parameterizedAccess)) return undefined;
  return dataAccessResult.readWriteDenied;
}

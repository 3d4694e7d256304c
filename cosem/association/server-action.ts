/** ACTION at the server: whole, with list, in blocks both ways (IEC 62056-5-3, clause 6.8). */
import {
  type ActionRequest,
  type ActionResponse,
  type ActionResponseData,
  decodeActionRequest,
  writeActionResponse,
  writeActionResponseData,
} from "../apdu/action.js";
import { conformanceBit } from "../apdu/conformance.js";
import { type DataBlock, type MethodDescriptor, writeList } from "../apdu/descriptor.js";
import { actionResult } from "../apdu/results.js";
import { apduTag } from "../apdu/tags.js";
import { ByteWriter, DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { IncomingTransfer } from "./incoming-transfer.js";
import { OutgoingBody } from "./outgoing-body.js";
import type { AssociationEvent } from "./server-events.js";
import { blockSize, isConfirmed, isNegotiated, reject, type ServiceContext } from "./service-context.js";

const whole = new Set<ActionRequest["kind"]>(["normal", "withList"]);

export class ActionService {
  private readonly context: ServiceContext;
  private incoming: IncomingTransfer | undefined;
  private outgoing: { readonly body: OutgoingBody; blockNumber: number } | undefined;
  private invokeIdAndPriority = 0;
  private isList = false;
  private methodCount = 0;
  /** The shell owes answers. */
  owed: "nothing" | "answers" = "nothing";

  constructor(context: ServiceContext) {
    this.context = context;
  }

  /** @throws DecodeError */
  request(apdu: Uint8Array): readonly AssociationEvent[] {
    const request = decodeActionRequest(apdu);
    const missing = this.notNegotiated(request);
    if (missing !== undefined) return reject("notSupported", missing);
    this.invokeIdAndPriority = request.invokeIdAndPriority;
    switch (request.kind) {
      case "normal":
        return this.begin([request.method], [request.parameters], false);
      case "withList":
        return this.begin(request.methods, request.parameters.map(presentParameters), true);
      case "withFirstPblock":
        return this.first([request.method], request.block, false);
      case "withListAndFirstPblock":
        return this.first(request.methods, request.block, true);
      case "withPblock":
        if (this.incoming === undefined) return this.refuse(actionResult.noLongActionInProgress);
        return this.take(this.incoming, request.block);
      case "nextPblock":
        return this.next(request.blockNumber);
    }
  }

  private notNegotiated(request: ActionRequest): string | undefined {
    const isList = request.kind === "withList" || request.kind === "withListAndFirstPblock";
    if (isList && !isNegotiated(this.context, conformanceBit.multipleReferences)) {
      return "action with list was not negotiated";
    }
    if (whole.has(request.kind) || isNegotiated(this.context, conformanceBit.blockTransferWithAction)) return undefined;
    return "action in blocks was not negotiated";
  }

  private begin(
    methods: readonly MethodDescriptor[],
    parameters: readonly (Data | undefined)[],
    isList: boolean,
  ): readonly AssociationEvent[] {
    this.abort();
    this.isList = isList;
    this.methodCount = methods.length;
    if (methods.length === 0) return this.respond([]);
    this.owed = "answers";
    return [{ kind: "actionRequested", methods, parameters }];
  }

  private first(methods: readonly MethodDescriptor[], block: DataBlock, isList: boolean): readonly AssociationEvent[] {
    this.abort();
    this.incoming = new IncomingTransfer({ service: "action", isList, methods }, this.context.maxAssembledBytes);
    return this.take(this.incoming, block);
  }

  private take(incoming: IncomingTransfer, block: DataBlock): readonly AssociationEvent[] {
    if (incoming.take(block) !== undefined) return this.refuse(actionResult.longActionAborted);
    if (!block.lastBlock) return this.answer({ kind: "nextPblock", blockNumber: block.blockNumber });
    const { target } = incoming;
    if (target.service !== "action") return [];
    try {
      return this.begin(target.methods, incoming.values().map(presentParameters), target.isList);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.refuse(actionResult.otherReason);
    }
  }

  respond(given: readonly ActionResponseData[]): readonly AssociationEvent[] {
    this.owed = "nothing";
    const responses = Array.from({ length: this.methodCount }, (_, index) => given[index] ?? notAnswered);
    const writer = new ByteWriter(64);
    if (this.isList) writeList(writer, responses, writeActionResponseData);
    else writeActionResponseData(writer, responses[0] ?? notAnswered);
    if (!isConfirmed(this.invokeIdAndPriority)) return [];
    const { scratch, maxWholeAnswer } = this.context;
    if (writer.length + 3 <= maxWholeAnswer) {
      scratch
        .reset()
        .u8(apduTag.actionResponse)
        .u8(this.isList ? 3 : 1)
        .u8(this.invokeIdAndPriority);
      return [{ kind: "send", apdu: scratch.bytes(writer.finish()).finish() }];
    }
    if (!isNegotiated(this.context, conformanceBit.blockTransferWithAction)) {
      return this.refuse(actionResult.dataBlockUnavailable);
    }
    this.outgoing = { body: OutgoingBody.of(writer.finish()), blockNumber: 0 };
    return this.sendBlock(this.outgoing);
  }

  private sendBlock(outgoing: { readonly body: OutgoingBody; blockNumber: number }): readonly AssociationEvent[] {
    outgoing.blockNumber += 1;
    const rawData = outgoing.body.take(blockSize(this.context.maxPlainSize));
    const lastBlock = outgoing.body.size === 0;
    if (lastBlock) this.outgoing = undefined;
    return this.answer({ kind: "withPblock", block: { lastBlock, blockNumber: outgoing.blockNumber, rawData } });
  }

  private next(blockNumber: number): readonly AssociationEvent[] {
    const { outgoing } = this;
    if (outgoing === undefined) return this.refuse(actionResult.noLongActionInProgress);
    if (blockNumber !== outgoing.blockNumber) return this.refuse(actionResult.longActionAborted);
    return this.sendBlock(outgoing);
  }

  private refuse(result: number): readonly AssociationEvent[] {
    this.abort();
    return this.answer({ kind: "normal", response: { result, returned: undefined } });
  }

  /** Nothing is sent for an unconfirmed request. */
  private answer(response: WithoutId<ActionResponse>): readonly AssociationEvent[] {
    const { invokeIdAndPriority, context } = this;
    if (!isConfirmed(invokeIdAndPriority)) return [];
    writeActionResponse(context.scratch.reset(), { ...response, invokeIdAndPriority });
    return [{ kind: "send", apdu: context.scratch.finish() }];
  }

  /** Forgets unfinished blocks of both directions. */
  abort(): readonly AssociationEvent[] {
    this.incoming = undefined;
    this.outgoing = undefined;
    return [];
  }
}

const notAnswered: ActionResponseData = { result: actionResult.otherReason, returned: undefined };

/** In a list every method has its parameters: null-data stands for none. */
function presentParameters(parameters: Data | undefined): Data | undefined {
  return parameters?.type === "null-data" ? undefined : parameters;
}

type WithoutId<R> = R extends unknown ? Omit<R, "invokeIdAndPriority"> : never;

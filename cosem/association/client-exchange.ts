/** One request of a client and what becomes of it: whole, with list, in blocks both ways. */
import {
  type ActionResponse,
  type ActionResponseData,
  decodeActionResponse,
  encodeActionRequest,
  readActionResponseData,
} from "../apdu/action.js";
import {
  type AttributeDescriptor,
  type DataBlock,
  type MethodDescriptor,
  readList,
  writeList,
} from "../apdu/descriptor.js";
import { decodeGetResponse, encodeGetRequest, type GetResponse, readGetDataResult } from "../apdu/get.js";
import { actionResult } from "../apdu/results.js";
import { decodeSetResponse, encodeSetRequest, type SetResponse } from "../apdu/set.js";
import { apduTag } from "../apdu/tags.js";
import { decodeData, encodeData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter, DecodeError } from "../codec/bytes.js";
import { type Data, nullData } from "../codec/data.js";
import type { ClientEvent } from "./client-events.js";
import { OutgoingRequest, type RequestTarget } from "./outgoing-request.js";

export interface ExchangeOptions {
  readonly invokeIdAndPriority: number;
  /** Of the server; what is longer goes in blocks, of its service or of general-block-transfer. */
  readonly maxSendPduSize: number;
  /** Longer requests go in blocks of their service where these were negotiated, or cannot go at all. */
  readonly maxWhole: number;
  readonly hasSetBlocks: boolean;
  readonly hasActionBlocks: boolean;
  readonly maxAssembledBytes: number;
}

/** The request is longer than the server's PDU, and no blocks for it were negotiated. Nothing was sent. */
export class RequestTooLong extends Error {
  constructor(length: number, limit: number) {
    super(`a request of ${length} bytes, where the server takes ${limit}`);
    this.name = "RequestTooLong";
  }
}

type Service = "get" | "set" | "action";

export class ClientExchange {
  private readonly options: ExchangeOptions;
  private service: Service | undefined;
  private isList = false;
  private count = 0;
  private outgoing: OutgoingRequest | undefined;
  private readonly assembled = new ByteWriter(256);
  private blocksTaken = 0;

  constructor(options: ExchangeOptions) {
    this.options = options;
  }

  get isRunning(): boolean {
    return this.service !== undefined;
  }

  get assembledBytes(): number {
    return this.assembled.length;
  }

  get(attributes: readonly AttributeDescriptor[]): readonly ClientEvent[] {
    const { invokeIdAndPriority } = this.options;
    const [attribute] = attributes;
    this.start("get", attributes.length);
    const whole =
      attribute === undefined || this.isList
        ? encodeGetRequest({ kind: "withList", invokeIdAndPriority, attributes })
        : encodeGetRequest({ kind: "normal", invokeIdAndPriority, attribute });
    return this.sendWhole(whole);
  }

  private sendWhole(request: Uint8Array): readonly ClientEvent[] {
    const { maxWhole } = this.options;
    if (request.length > maxWhole) throw new RequestTooLong(request.length, maxWhole);
    return [send(request)];
  }

  set(attributes: readonly AttributeDescriptor[], values: readonly Data[]): readonly ClientEvent[] {
    const { invokeIdAndPriority, maxSendPduSize, hasSetBlocks } = this.options;
    const [attribute] = attributes;
    this.start("set", attributes.length);
    const whole =
      attribute === undefined || this.isList
        ? encodeSetRequest({ kind: "withList", invokeIdAndPriority, attributes, values })
        : encodeSetRequest({ kind: "normal", invokeIdAndPriority, attribute, value: values[0] ?? nullData });
    if (whole.length <= maxSendPduSize || !hasSetBlocks) return this.sendWhole(whole);
    return this.sendBlocks({ service: "set", isList: this.isList, attributes }, values);
  }

  invoke(methods: readonly MethodDescriptor[], parameters: readonly (Data | undefined)[]): readonly ClientEvent[] {
    const { invokeIdAndPriority, maxSendPduSize, hasActionBlocks } = this.options;
    const [method] = methods;
    this.start("action", methods.length);
    const present = methods.map((_, index) => parameters[index] ?? nullData);
    const whole =
      method === undefined || this.isList
        ? encodeActionRequest({ kind: "withList", invokeIdAndPriority, methods, parameters: present })
        : encodeActionRequest({ kind: "normal", invokeIdAndPriority, method, parameters: parameters[0] });
    if (whole.length <= maxSendPduSize || !hasActionBlocks) return this.sendWhole(whole);
    return this.sendBlocks({ service: "action", isList: this.isList, methods }, present);
  }

  private start(service: Service, count: number): void {
    this.service = service;
    this.isList = count !== 1;
    this.count = count;
  }

  /** @throws DecodeError unless there are as many results as items were asked for, in the form of what was asked */
  private perItem<T>(results: readonly T[], isList: boolean): readonly T[] {
    if (isList === this.isList && results.length === this.count) return results;
    throw new DecodeError("badValue", 0, "client", `${results.length} results for ${this.count} items`);
  }

  /** A transfer in blocks that is broken off has one result for all. */
  private forAll<T>(result: T): readonly T[] {
    return Array.from({ length: this.count }, () => result);
  }

  private sendBlocks(target: RequestTarget, values: readonly Data[]): readonly ClientEvent[] {
    const { invokeIdAndPriority, maxSendPduSize } = this.options;
    this.outgoing = new OutgoingRequest(target, invokeIdAndPriority, this.encodeValues(values), maxSendPduSize);
    return [send(this.outgoing.next())];
  }

  private encodeValues(values: readonly Data[]): Uint8Array {
    if (!this.isList) return encodeData(values[0] ?? nullData);
    const writer = new ByteWriter();
    writeList(writer, values, writeData);
    return writer.finish();
  }

  /** @throws DecodeError, Error when the answer does not fit the request */
  receive(apdu: Uint8Array): readonly ClientEvent[] {
    if (this.service === "get" && apdu[0] === apduTag.getResponse) return this.gotten(decodeGetResponse(apdu));
    if (this.service === "set" && apdu[0] === apduTag.setResponse) return this.written(decodeSetResponse(apdu));
    if (this.service === "action" && apdu[0] === apduTag.actionResponse) {
      return this.invoked(decodeActionResponse(apdu));
    }
    throw new DecodeError("unknownTag", 0, "client", `tag ${apdu[0] ?? "none"} does not answer a ${this.service}`);
  }

  private gotten(response: GetResponse): readonly ClientEvent[] {
    this.expectId(response.invokeIdAndPriority);
    switch (response.kind) {
      case "normal":
        return this.end({ kind: "gotten", results: this.perItem([response.result], false) });
      case "withList":
        return this.end({ kind: "gotten", results: this.perItem(response.results, true) });
      case "blockError":
        return this.end({ kind: "gotten", results: this.forAll({ kind: "error", error: response.error } as const) });
      case "withDatablock":
        return this.getBlock(response.block);
    }
  }

  private getBlock(block: DataBlock): readonly ClientEvent[] {
    this.take(block);
    const { invokeIdAndPriority } = this.options;
    if (!block.lastBlock) {
      return [send(encodeGetRequest({ kind: "next", invokeIdAndPriority, blockNumber: block.blockNumber }))];
    }
    const bytes = this.assembled.finish();
    if (!this.isList) return this.end({ kind: "gotten", results: [{ kind: "data", data: decodeData(bytes) }] });
    return this.end({ kind: "gotten", results: this.perItem(wholeList(bytes, readGetDataResult), true) });
  }

  private take(block: DataBlock): void {
    if (block.blockNumber !== this.blocksTaken + 1) {
      throw new DecodeError("badValue", 0, "client", `block ${block.blockNumber} after ${this.blocksTaken}`);
    }
    if (this.assembled.length + block.rawData.length > this.options.maxAssembledBytes) {
      throw new DecodeError("lengthOverLimit", 0, "client", "the answer is longer than this client takes");
    }
    this.blocksTaken += 1;
    this.assembled.bytes(block.rawData);
  }

  private written(response: SetResponse): readonly ClientEvent[] {
    this.expectId(response.invokeIdAndPriority);
    switch (response.kind) {
      case "normal":
        return this.end({ kind: "written", results: this.perItem([response.result], false) });
      case "lastDatablock":
        return this.end({ kind: "written", results: this.forAll(response.result) });
      case "withList":
      case "lastDatablockWithList":
        return this.end({ kind: "written", results: this.perItem(response.results, true) });
      case "datablock":
        return this.acknowledged(response.blockNumber);
    }
  }

  private invoked(response: ActionResponse): readonly ClientEvent[] {
    this.expectId(response.invokeIdAndPriority);
    switch (response.kind) {
      case "normal":
        return this.end({ kind: "invoked", responses: this.ofNormal(response.response) });
      case "withList":
        return this.end({ kind: "invoked", responses: this.perItem(response.responses, true) });
      case "nextPblock":
        return this.acknowledged(response.blockNumber);
      case "withPblock":
        return this.actionBlock(response.block);
    }
  }

  /** A broken transfer of a list in blocks is told of by a normal response too: ACTION has no other. */
  private ofNormal(response: ActionResponseData): readonly ActionResponseData[] {
    if (this.outgoing === undefined || response.result === actionResult.success) return this.perItem([response], false);
    return this.forAll(response);
  }

  private actionBlock(block: DataBlock): readonly ClientEvent[] {
    this.take(block);
    const { invokeIdAndPriority } = this.options;
    if (!block.lastBlock) {
      return [send(encodeActionRequest({ kind: "nextPblock", invokeIdAndPriority, blockNumber: block.blockNumber }))];
    }
    const bytes = this.assembled.finish();
    if (this.isList) {
      return this.end({ kind: "invoked", responses: this.perItem(wholeList(bytes, readActionResponseData), true) });
    }
    const reader = new ByteReader(bytes, "client");
    const response: ActionResponseData = readActionResponseData(reader);
    reader.expectEnd();
    return this.end({ kind: "invoked", responses: [response] });
  }

  private acknowledged(blockNumber: number): readonly ClientEvent[] {
    const { outgoing } = this;
    if (outgoing === undefined || outgoing.isComplete || blockNumber !== outgoing.blockNumber) {
      throw new DecodeError("badValue", 0, "client", `block ${blockNumber} was not sent`);
    }
    return [send(outgoing.next())];
  }

  private expectId(invokeIdAndPriority: number): void {
    if ((invokeIdAndPriority & 0x0f) !== (this.options.invokeIdAndPriority & 0x0f)) {
      throw new DecodeError("badValue", 2, "client", `answer to invoke id ${invokeIdAndPriority & 0x0f}`);
    }
  }

  private end(event: ClientEvent): readonly ClientEvent[] {
    this.service = undefined;
    return [event];
  }
}

function wholeList<T>(bytes: Uint8Array, readElement: (reader: ByteReader) => T): readonly T[] {
  const reader = new ByteReader(bytes, "client");
  const list = readList(reader, readElement);
  reader.expectEnd();
  return list;
}

function send(apdu: Uint8Array): ClientEvent {
  return { kind: "send", apdu };
}

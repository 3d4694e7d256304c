/** One READ or WRITE of a client with short names: whole, with list, in blocks both ways. */
import { decodeConfirmedServiceError } from "../apdu/confirmed-service-error.js";
import { readList, writeList } from "../apdu/descriptor.js";
import { decodeReadResponse, encodeReadRequest, type ReadResponseItem, readReadResponseItem } from "../apdu/read.js";
import { dataAccessResult } from "../apdu/results.js";
import { apduTag } from "../apdu/tags.js";
import {
  encodeVariableWrites,
  type VariableAccess,
  type VariableBlock,
  type VariableReference,
  writeVariableAccess,
} from "../apdu/variable-access.js";
import { decodeWriteResponse, encodeWriteRequest, type WriteResponseItem } from "../apdu/write.js";
import { ByteReader, ByteWriter, DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import type { ClientEvent } from "./client-events.js";
import type { ExchangeOptions } from "./client-exchange.js";

/** Of a block of a WRITE: tag, count, choice, last, number 2, count, tag of the octet-string, length 3. */
const longestBlockHeader = 11;

type ShortNameExchangeOptions = Pick<ExchangeOptions, "maxSendPduSize" | "maxAssembledBytes">;

interface Outgoing {
  readonly bytes: Uint8Array;
  sent: number;
  blockNumber: number;
}

const accessOf = (variable: VariableReference): VariableAccess => ({ kind: "variable", variable });

export class ShortNameExchange {
  private readonly options: ShortNameExchangeOptions;
  private service: "read" | "write" | undefined;
  private count = 0;
  private outgoing: Outgoing | undefined;
  private readonly assembled = new ByteWriter(256);
  private blocksTaken = 0;

  constructor(options: ShortNameExchangeOptions) {
    this.options = options;
  }

  get isRunning(): boolean {
    return this.service !== undefined;
  }

  get assembledBytes(): number {
    return this.assembled.length;
  }

  read(references: readonly VariableReference[]): readonly ClientEvent[] {
    this.service = "read";
    this.count = references.length;
    const variables = references.map(accessOf);
    const whole = encodeReadRequest({ variables });
    if (whole.length <= this.options.maxSendPduSize) return [send(whole)];
    const list = new ByteWriter(256);
    writeList(list, variables, writeVariableAccess);
    return this.sendBlocks(list.finish());
  }

  write(references: readonly VariableReference[], values: readonly Data[]): readonly ClientEvent[] {
    this.service = "write";
    this.count = references.length;
    const writes = { variables: references.map(accessOf), values };
    const whole = encodeWriteRequest(writes);
    if (whole.length <= this.options.maxSendPduSize) return [send(whole)];
    return this.sendBlocks(encodeVariableWrites(writes));
  }

  private sendBlocks(bytes: Uint8Array): readonly ClientEvent[] {
    this.outgoing = { bytes, sent: 0, blockNumber: 0 };
    return this.nextBlock(this.outgoing);
  }

  /** @throws RangeError when the server's PDU cannot hold a block's header */
  private nextBlock(outgoing: Outgoing): readonly ClientEvent[] {
    const size = this.options.maxSendPduSize - longestBlockHeader;
    if (size < 1) throw new RangeError(`no block fits a PDU of ${this.options.maxSendPduSize} bytes`);
    const rawData = outgoing.bytes.subarray(outgoing.sent, outgoing.sent + size);
    outgoing.sent += rawData.length;
    outgoing.blockNumber += 1;
    const { blockNumber } = outgoing;
    const lastBlock = outgoing.sent === outgoing.bytes.length;
    if (this.service === "read") {
      const block = { lastBlock, blockNumber, rawData };
      return [send(encodeReadRequest({ variables: [{ kind: "readDataBlock", block }] }))];
    }
    const variables = [{ kind: "writeDataBlock", lastBlock, blockNumber }] as const;
    return [send(encodeWriteRequest({ variables, values: [{ type: "octet-string", value: rawData }] }))];
  }

  /** @throws DecodeError, Error when the answer does not fit the request */
  receive(apdu: Uint8Array): readonly ClientEvent[] {
    if (apdu[0] === apduTag.confirmedServiceError) {
      return this.end({ kind: "serviceError", error: decodeConfirmedServiceError(apdu) });
    }
    if (this.service === "read" && apdu[0] === apduTag.readResponse) return this.gotten(decodeReadResponse(apdu).items);
    if (this.service === "write" && apdu[0] === apduTag.writeResponse) {
      return this.written(decodeWriteResponse(apdu).items);
    }
    throw new DecodeError("unknownTag", 0, "client", `tag ${apdu[0] ?? "none"} does not answer a ${this.service}`);
  }

  private gotten(items: readonly ReadResponseItem[]): readonly ClientEvent[] {
    const [item] = items;
    if (items.length === 1 && item?.kind === "blockNumber") return this.acknowledged(item.blockNumber);
    if (items.length === 1 && item?.kind === "block") return this.takeBlock(item.block);
    const results = items.flatMap((one) => (one.kind === "data" || one.kind === "error" ? [one] : []));
    if (results.length !== items.length) throw new DecodeError("badValue", 0, "client", "blocks among results");
    return this.end({ kind: "gotten", results: this.perVariable(results) });
  }

  private takeBlock({ lastBlock, blockNumber, rawData }: VariableBlock): readonly ClientEvent[] {
    if (blockNumber !== this.blocksTaken + 1) {
      throw new DecodeError("badValue", 0, "client", `block ${blockNumber} after ${this.blocksTaken}`);
    }
    if (this.assembled.length + rawData.length > this.options.maxAssembledBytes) {
      throw new DecodeError("lengthOverLimit", 0, "client", "the answer is longer than this client takes");
    }
    this.blocksTaken = blockNumber;
    this.assembled.bytes(rawData);
    if (!lastBlock) return [send(encodeReadRequest({ variables: [{ kind: "blockNumber", blockNumber }] }))];
    const reader = new ByteReader(this.assembled.finish(), "client");
    const items = readList(reader, readReadResponseItem);
    reader.expectEnd();
    if (items.some(({ kind }) => kind === "block" || kind === "blockNumber")) {
      throw new DecodeError("badValue", 0, "client", "blocks in blocks");
    }
    return this.gotten(items);
  }

  private written(items: readonly WriteResponseItem[]): readonly ClientEvent[] {
    const [item] = items;
    if (items.length === 1 && item?.kind === "blockNumber") return this.acknowledged(item.blockNumber);
    const results = items.flatMap((one): number[] => {
      if (one.kind === "blockNumber") return [];
      return [one.kind === "success" ? dataAccessResult.success : one.error];
    });
    return this.end({ kind: "written", results: this.perVariable(results) });
  }

  /** A transfer that is broken off has one error for all. */
  private perVariable<R>(results: readonly R[]): readonly R[] {
    const [first] = results;
    if (results.length === this.count) return results;
    const isInBlocks = this.outgoing !== undefined || this.blocksTaken > 0;
    if (!isInBlocks || results.length !== 1 || first === undefined) {
      throw new DecodeError("badValue", 0, "client", `${results.length} results for ${this.count} variables`);
    }
    return Array.from({ length: this.count }, () => first);
  }

  private acknowledged(blockNumber: number): readonly ClientEvent[] {
    const { outgoing } = this;
    const isMore = outgoing !== undefined && outgoing.sent < outgoing.bytes.length;
    if (!isMore || blockNumber !== outgoing.blockNumber) {
      throw new DecodeError("badValue", 0, "client", `block ${blockNumber} was not sent`);
    }
    return this.nextBlock(outgoing);
  }

  private end(event: ClientEvent): readonly ClientEvent[] {
    this.service = undefined;
    return [event];
  }
}

function send(apdu: Uint8Array): ClientEvent {
  return { kind: "send", apdu };
}

/** A SET or ACTION request that comes in blocks: its pieces in order, up to a limit. */
import type { AttributeDescriptor, DataBlock, MethodDescriptor } from "../apdu/descriptor.js";
import { readValues } from "../apdu/set.js";
import { decodeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";

export type IncomingTarget =
  | { readonly service: "set"; readonly isList: boolean; readonly attributes: readonly AttributeDescriptor[] }
  | { readonly service: "action"; readonly isList: boolean; readonly methods: readonly MethodDescriptor[] };

export class IncomingTransfer {
  readonly target: IncomingTarget;
  private readonly maxBytes: number;
  private readonly assembled = new ByteWriter(1024);
  private blocksTaken = 0;

  constructor(target: IncomingTarget, maxBytes: number) {
    this.target = target;
    this.maxBytes = maxBytes;
  }

  /** @returns why the transfer is over, or undefined where the block was taken */
  take(block: DataBlock): "wrongNumber" | "tooLong" | undefined {
    if (block.blockNumber !== this.blocksTaken + 1) return "wrongNumber";
    if (this.assembled.length + block.rawData.length > this.maxBytes) return "tooLong";
    this.assembled.bytes(block.rawData);
    this.blocksTaken += 1;
    return undefined;
  }

  /** The values that all blocks make together. @throws DecodeError */
  values(): readonly Data[] {
    const bytes = this.assembled.finish();
    if (!this.target.isList) return [decodeData(bytes)];
    const count = this.target.service === "set" ? this.target.attributes.length : this.target.methods.length;
    const reader = new ByteReader(bytes, "value-list");
    const values = readValues(reader, count);
    reader.expectEnd();
    return values;
  }
}

import type { VariableBlock } from "../apdu/variable-access.js";
import { ByteWriter } from "../codec/bytes.js";

/** A READ or WRITE request that comes in blocks: its pieces in order, up to a limit. */
export class VariableBlocks {
  private readonly maxBytes: number;
  private readonly assembled = new ByteWriter(1024);
  private blocksTaken = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** @returns why the transfer is over, or undefined where the block was taken */
  take(block: VariableBlock): "wrongNumber" | "tooLong" | undefined {
    if (block.blockNumber !== this.blocksTaken + 1) return "wrongNumber";
    if (this.assembled.length + block.rawData.length > this.maxBytes) return "tooLong";
    this.assembled.bytes(block.rawData);
    this.blocksTaken += 1;
    return undefined;
  }

  /** All pieces together. */
  bytes(): Uint8Array {
    return this.assembled.finish();
  }
}

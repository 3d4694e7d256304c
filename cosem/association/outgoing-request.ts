/** A SET or ACTION request too long for one APDU: its value in blocks, one for each acknowledgement. */
import { encodeActionRequest } from "../apdu/action.js";
import type { AttributeDescriptor, DataBlock, MethodDescriptor } from "../apdu/descriptor.js";
import { encodeSetRequest } from "../apdu/set.js";

export type RequestTarget =
  | { readonly service: "set"; readonly isList: boolean; readonly attributes: readonly AttributeDescriptor[] }
  | { readonly service: "action"; readonly isList: boolean; readonly methods: readonly MethodDescriptor[] };

/** Length bytes of a block: three at most below 65,536. */
const longestLength = 3;

export class OutgoingRequest {
  private readonly target: RequestTarget;
  private readonly invokeIdAndPriority: number;
  private readonly rest: { bytes: Uint8Array; sent: number };
  private readonly maxPduSize: number;
  /** Number of the last block sent. */
  blockNumber = 0;

  /** @param value  the encoded value, or list of values */
  constructor(target: RequestTarget, invokeIdAndPriority: number, value: Uint8Array, maxPduSize: number) {
    this.target = target;
    this.invokeIdAndPriority = invokeIdAndPriority;
    this.rest = { bytes: value, sent: 0 };
    this.maxPduSize = maxPduSize;
  }

  get isComplete(): boolean {
    return this.rest.sent === this.rest.bytes.length;
  }

  /** The next block's APDU. @throws RangeError when the server's PDU cannot hold a first block's header */
  next(): Uint8Array {
    this.blockNumber += 1;
    const header = this.encode({ lastBlock: false, blockNumber: this.blockNumber, rawData: new Uint8Array(0) });
    const room = this.maxPduSize - (header.length - 1);
    const size = room > 0x80 + longestLength ? room - longestLength : room - (room > 0x81 ? 2 : 1);
    if (size < 1) throw new RangeError(`no block fits a PDU of ${this.maxPduSize} bytes`);
    const start = this.rest.sent;
    const end = Math.min(start + size, this.rest.bytes.length);
    this.rest.sent = end;
    const rawData = this.rest.bytes.subarray(start, end);
    return this.encode({ lastBlock: end === this.rest.bytes.length, blockNumber: this.blockNumber, rawData });
  }

  private encode(block: DataBlock): Uint8Array {
    const { target, invokeIdAndPriority } = this;
    const isFirst = block.blockNumber === 1;
    if (target.service === "set") {
      if (!isFirst) return encodeSetRequest({ kind: "withDatablock", invokeIdAndPriority, block });
      const [attribute] = target.attributes;
      if (target.isList || attribute === undefined) {
        const { attributes } = target;
        return encodeSetRequest({ kind: "withListAndFirstDatablock", invokeIdAndPriority, attributes, block });
      }
      return encodeSetRequest({ kind: "withFirstDatablock", invokeIdAndPriority, attribute, block });
    }
    if (!isFirst) return encodeActionRequest({ kind: "withPblock", invokeIdAndPriority, block });
    const [method] = target.methods;
    if (target.isList || method === undefined) {
      const { methods } = target;
      return encodeActionRequest({ kind: "withListAndFirstPblock", invokeIdAndPriority, methods, block });
    }
    return encodeActionRequest({ kind: "withFirstPblock", invokeIdAndPriority, method, block });
  }
}

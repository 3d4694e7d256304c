/**
 * WRITE and UnconfirmedWrite at the server: variables and methods, whole or in blocks (IEC 62056-5-3, services of SN
 * referencing). The blocks of a long WRITE make its two lists together; nothing answers an unconfirmed one.
 */
import { conformanceBit } from "../apdu/conformance.js";
import { dataAccessResult } from "../apdu/results.js";
import { apduTag } from "../apdu/tags.js";
import { decodeUnconfirmedWriteRequest } from "../apdu/unconfirmed-write.js";
import { readVariableWrites, type VariableBlock, type VariableWrites } from "../apdu/variable-access.js";
import { decodeWriteRequest, type WriteResponseItem, writeWriteResponse } from "../apdu/write.js";
import { ByteReader, DecodeError } from "../codec/bytes.js";
import type { AssociationEvent } from "./server-events.js";
import { VariableBlocks } from "./server-sn-blocks.js";
import { referencesOf, refusalOf } from "./server-sn-read.js";
import { rejectShortNames, type ShortNameFault } from "./server-sn-refusals.js";
import { isNegotiated, mergeAnswers, type ServiceContext } from "./service-context.js";

export class WriteService {
  private readonly context: ServiceContext;
  private readonly isConfirmed: boolean;
  private incoming: VariableBlocks | undefined;
  private refusals: readonly (number | undefined)[] = [];
  /** The shell owes answers. */
  owed: "nothing" | "answers" = "nothing";

  constructor(context: ServiceContext, isConfirmed: boolean) {
    this.context = context;
    this.isConfirmed = isConfirmed;
  }

  request(apdu: Uint8Array): readonly AssociationEvent[] {
    try {
      return this.take(this.isConfirmed ? decodeWriteRequest(apdu) : decodeUnconfirmedWriteRequest(apdu));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.reject("malformed", error.message);
    }
  }

  private take(writes: VariableWrites): readonly AssociationEvent[] {
    if (referencesOf(writes.variables) !== undefined) {
      if (writes.variables.length > 1 && !isNegotiated(this.context, conformanceBit.multipleReferences)) {
        return this.reject("notSupported", "write of several variables was not negotiated");
      }
      return this.begin(writes);
    }
    const block = blockOf(writes);
    // Blocks are acknowledged one by one: an unconfirmed service has none.
    if (block === undefined || !this.isConfirmed) return this.reject("malformed", "no such variables in a write");
    if (!isNegotiated(this.context, conformanceBit.blockTransferWithSet)) {
      return this.reject("notSupported", "write in blocks was not negotiated");
    }
    return this.takeBlock(block);
  }

  private begin({ variables, values }: VariableWrites): readonly AssociationEvent[] {
    this.abort();
    const references = referencesOf(variables) ?? [];
    this.owed = "answers";
    this.refusals = references.map((variable) => refusalOf(this.context, variable));
    const isPermitted = (_: unknown, index: number) => this.refusals[index] === undefined;
    const permitted = references.filter(isPermitted);
    if (permitted.length === 0) return this.respond([]);
    return [{ kind: "writeRequested", variables: permitted, values: values.filter(isPermitted) }];
  }

  private takeBlock(block: VariableBlock): readonly AssociationEvent[] {
    if (block.blockNumber === 1) this.incoming = new VariableBlocks(this.context.maxAssembledBytes);
    const { incoming } = this;
    if (incoming === undefined) return this.refuse(dataAccessResult.noLongSetInProgress);
    const fault = incoming.take(block);
    if (fault === "wrongNumber") return this.refuse(dataAccessResult.dataBlockNumberInvalid);
    if (fault === "tooLong") return this.refuse(dataAccessResult.longSetAborted);
    if (!block.lastBlock) return this.answer([{ kind: "blockNumber", blockNumber: block.blockNumber }]);
    try {
      const reader = new ByteReader(incoming.bytes(), "variable-writes");
      const writes = readVariableWrites(reader);
      reader.expectEnd();
      const isWhole = referencesOf(writes.variables) !== undefined;
      return isWhole ? this.begin(writes) : this.refuse(dataAccessResult.otherReason);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.refuse(dataAccessResult.otherReason);
    }
  }

  /** @param given  codes of Data-Access-Result */
  respond(given: readonly number[]): readonly AssociationEvent[] {
    this.owed = "nothing";
    if (!this.isConfirmed) return none;
    const codes = mergeAnswers<number>(this.refusals, given, (code) => code);
    return this.answer(
      codes.map((error) => (error === dataAccessResult.success ? { kind: "success" } : { kind: "error", error })),
    );
  }

  private refuse(error: number): readonly AssociationEvent[] {
    this.abort();
    return this.answer([{ kind: "error", error }]);
  }

  private answer(items: readonly WriteResponseItem[]): readonly AssociationEvent[] {
    const { scratch, maxWholeAnswer } = this.context;
    writeWriteResponse(scratch.reset(), { items });
    const apdu = scratch.finish();
    if (apdu.length > maxWholeAnswer) return this.reject("pduSize", "more results than a PDU holds");
    return [{ kind: "send", apdu }];
  }

  private reject(fault: ShortNameFault, detail: string): readonly AssociationEvent[] {
    const tag = this.isConfirmed ? apduTag.writeRequest : apduTag.unconfirmedWriteRequest;
    return rejectShortNames(tag, fault, detail);
  }

  /** Forgets the blocks that came so far. */
  abort(): readonly AssociationEvent[] {
    this.incoming = undefined;
    return none;
  }
}

const none: readonly AssociationEvent[] = Object.freeze([]);

/** One block alone, its piece as octet-string. */
function blockOf({ variables, values }: VariableWrites): VariableBlock | undefined {
  const [access] = variables;
  const [value] = values;
  if (variables.length !== 1 || access?.kind !== "writeDataBlock" || value?.type !== "octet-string") return undefined;
  return { lastBlock: access.lastBlock, blockNumber: access.blockNumber, rawData: value.value };
}

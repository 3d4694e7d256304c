/**
 * general-block-transfer at the server (IEC 62056-5-3, clause 6.13): a layer under the services that cuts long answers
 * into blocks and puts requests together from blocks.
 *
 * Incoming: blocks are taken in order; one behind a gap is dropped and the last good number acknowledged, so that the
 * client sends again from there. Block 1 always begins anew. Outgoing: as many blocks go out as the client's window
 * holds, all but the last of them marked as streaming; each is kept until it is acknowledged, and sent again when an
 * acknowledgement names an earlier one. At most one window of blocks is kept, whatever the length of the answer.
 */
import {
  encodeGeneralBlock,
  type GeneralBlock,
  largestBlockWindow,
  longestGeneralBlockHeader,
} from "../apdu/general-block-transfer.js";
import { ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { type LongAnswer, StreamBroken } from "./outgoing-body.js";
import type { AssociationEvent } from "./server-events.js";
import { reject } from "./service-context.js";

export interface GeneralBlocksParts {
  /** Longest APDU to the client. */
  readonly maxSendPduSize: number;
  /** How many blocks of a request are taken in a row. */
  readonly window: number;
  /** Longest request put together. */
  readonly maxAssembledBytes: number;
}

/** Blocks kept for sending again make no more than this, whatever window and PDU size the client has. */
const maxKeptBytes = 65_536;
const lastNumber = 0xffff;

interface KeptBlock {
  readonly number: number;
  readonly data: Uint8Array;
  readonly isLast: boolean;
}

interface Outgoing {
  readonly answer: LongAnswer;
  /** Sent and not acknowledged, in order. */
  kept: KeptBlock[];
  /** Number of the last block made. */
  made: number;
  isComplete: boolean;
  /** Blocks up to this number go out in the present window. */
  windowEnd: number;
}

/** What a block gave: a whole request, or what to send. */
export type BlockOutcome =
  | { readonly kind: "request"; readonly apdu: Uint8Array; readonly events: readonly AssociationEvent[] }
  | { readonly kind: "events"; readonly events: readonly AssociationEvent[] };

const released: AssociationEvent = Object.freeze({ kind: "streamsReleased" });
const none: readonly AssociationEvent[] = Object.freeze([]);

export class GeneralBlocks {
  private readonly parts: GeneralBlocksParts;
  private incoming: ByteWriter | undefined;
  /** The last block of the client taken without a gap. */
  private taken = 0;
  private clientWindow = 1;
  /** Number of the last block of the client, acknowledgements included. */
  private clientNumber = 0;
  /** Number of the last acknowledgement sent in this transfer. */
  private acknowledgements = 0;
  /** The last block of ours that the client says it took. */
  private clientAcknowledged = 0;
  private outgoing: Outgoing | undefined;
  /** Where sending goes on once elements have come. */
  private firstUnsent = 1;
  /** The shell owes elements of a stream. */
  owed: "nothing" | "elements" = "nothing";

  constructor(parts: GeneralBlocksParts) {
    this.parts = parts;
  }

  /** Of the APDU that is coming in. */
  get assembledBytes(): number {
    return this.incoming?.length ?? 0;
  }

  /** One block of the client (of the server, where this machine is the client's). */
  receive(block: GeneralBlock): BlockOutcome {
    this.clientWindow = Math.max(block.window, 1);
    if (block.blockNumber === 0) return { kind: "events", events: this.abort() };
    const isNext = block.blockNumber === this.clientNumber + 1;
    this.clientNumber = block.blockNumber;
    this.clientAcknowledged = block.blockNumberAck;
    if (this.outgoing !== undefined && isNext && isAnswered(this.outgoing, block)) {
      return this.take(block, this.begin(block.blockNumber));
    }
    if (this.outgoing !== undefined && (block.data.length === 0 || block.blockNumber !== 1)) {
      return { kind: "events", events: this.acknowledged(this.outgoing, block.blockNumberAck) };
    }
    // A late acknowledgement of what is over: nothing is due.
    if (block.data.length === 0 && this.incoming === undefined) return { kind: "events", events: none };
    if (block.blockNumber === 1) return this.take(block, this.begin());
    if (this.incoming === undefined) {
      return { kind: "events", events: reject("notAssociated", `block ${block.blockNumber} of no transfer`) };
    }
    return this.take(block, none);
  }

  /** @param first  number of the first block: greater than 1 where acknowledgements went before */
  private begin(first = 1): readonly AssociationEvent[] {
    const { clientWindow, clientNumber, clientAcknowledged } = this;
    const events = this.abort();
    this.clientWindow = clientWindow;
    this.clientNumber = clientNumber;
    this.clientAcknowledged = clientAcknowledged;
    this.taken = first - 1;
    this.incoming = new ByteWriter(1024);
    return events;
  }

  private take(block: GeneralBlock, before: readonly AssociationEvent[]): BlockOutcome {
    const { incoming } = this;
    if (incoming !== undefined && block.blockNumber === this.taken + 1) {
      if (incoming.length + block.data.length > this.parts.maxAssembledBytes) {
        const refusal = reject("pduTooLong", `blocks of more than ${this.parts.maxAssembledBytes} bytes`);
        return { kind: "events", events: [...before, ...this.abort(), ...refusal] };
      }
      incoming.bytes(block.data);
      this.taken = block.blockNumber;
      if (block.lastBlock) {
        this.incoming = undefined;
        return { kind: "request", apdu: incoming.finish(), events: before };
      }
    }
    const isDue = !block.streaming || block.lastBlock;
    return { kind: "events", events: isDue ? [...before, this.acknowledgement()] : before };
  }

  /** An acknowledgement alone: last, and empty. Its number goes on behind that of our own blocks. */
  private acknowledgement(): AssociationEvent {
    const { window } = this.parts;
    const number = Math.max(this.acknowledgements, this.clientAcknowledged) + 1;
    this.acknowledgements = number > lastNumber ? 1 : number;
    const numbers = { blockNumber: this.acknowledgements, blockNumberAck: this.taken };
    const block = { lastBlock: true, streaming: false, window, ...numbers, data: new Uint8Array(0) };
    return { kind: "send", apdu: encodeGeneralBlock(block) };
  }

  /** Sends the first window of an answer. */
  send(answer: LongAnswer): readonly AssociationEvent[] {
    this.incoming = undefined;
    this.outgoing = { answer, kept: [], made: 0, isComplete: false, windowEnd: this.windowLength };
    return this.continue(this.outgoing, 1);
  }

  private get blockLength(): number {
    return Math.max(1, this.parts.maxSendPduSize - longestGeneralBlockHeader);
  }

  private get windowLength(): number {
    const most = Math.max(1, Math.floor(maxKeptBytes / this.blockLength));
    return Math.min(this.clientWindow, largestBlockWindow, most);
  }

  private acknowledged(outgoing: Outgoing, number: number): readonly AssociationEvent[] {
    const firstKept = outgoing.kept[0]?.number ?? outgoing.made + 1;
    if (number > outgoing.made || number + 1 < firstKept) {
      return [...this.abort(), ...reject("notAssociated", `block ${number} acknowledged out of turn`)];
    }
    outgoing.kept = outgoing.kept.filter((block) => block.number > number);
    if (outgoing.isComplete && outgoing.kept.length === 0) return this.abort();
    outgoing.windowEnd = number + this.windowLength;
    return this.continue(outgoing, number + 1);
  }

  /** Elements of the stream asked for; undefined when it failed. */
  supply(elements: readonly Data[] | undefined): readonly AssociationEvent[] {
    const { outgoing } = this;
    this.owed = "nothing";
    if (outgoing === undefined) return none;
    try {
      if (elements === undefined) throw new StreamBroken("the stream failed");
      outgoing.answer.body.supply(elements);
    } catch (error) {
      if (!(error instanceof StreamBroken)) throw error;
      return [...this.abort(), ...reject("otherReason", "the answer could not be read to its end")];
    }
    return this.continue(outgoing, this.firstUnsent);
  }

  /** Makes blocks until the window is full, then sends those from `first` on. */
  private continue(outgoing: Outgoing, first: number): readonly AssociationEvent[] {
    this.firstUnsent = first;
    const { body } = outgoing.answer;
    while (!outgoing.isComplete && outgoing.made < outgoing.windowEnd) {
      const state = body.fill(this.blockLength);
      if (state.kind === "elementsWanted") {
        this.owed = "elements";
        return [{ kind: "elementsWanted", index: outgoing.answer.indexGiven(state.index) }];
      }
      if (outgoing.made === lastNumber) {
        return [...this.abort(), ...reject("otherReason", "more blocks than can be numbered")];
      }
      outgoing.made += 1;
      const data = new Uint8Array(body.take(this.blockLength));
      outgoing.isComplete = body.isComplete && body.size === 0;
      outgoing.kept.push({ number: outgoing.made, data, isLast: outgoing.isComplete });
    }
    const due = outgoing.kept.filter((block) => block.number >= first && block.number <= outgoing.windowEnd);
    return due.map((block, index) => this.blockEvent(block, index === due.length - 1));
  }

  private blockEvent({ number, data, isLast }: KeptBlock, endsWindow: boolean): AssociationEvent {
    const block = {
      lastBlock: isLast,
      streaming: !endsWindow,
      window: this.parts.window,
      blockNumber: number,
      blockNumberAck: this.taken > 0 ? this.taken : this.clientNumber,
      data,
    };
    return { kind: "send", apdu: encodeGeneralBlock(block) };
  }

  /** Forgets both directions. */
  abort(): readonly AssociationEvent[] {
    const { outgoing } = this;
    this.outgoing = undefined;
    this.incoming = undefined;
    this.taken = 0;
    this.clientNumber = 0;
    this.clientAcknowledged = 0;
    this.acknowledgements = 0;
    this.clientWindow = 1;
    this.owed = "nothing";
    return outgoing?.answer.hasStreams === true ? [released] : none;
  }
}

/** Data that acknowledge all that went out: the other side's answer begins. */
function isAnswered(outgoing: Outgoing, { data, blockNumberAck }: GeneralBlock): boolean {
  return data.length > 0 && outgoing.isComplete && blockNumberAck === outgoing.made;
}

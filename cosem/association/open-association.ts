/** An association that is open: its services, its blocks, and the room that answers have under its protection. */
import { conformanceBit } from "../apdu/conformance.js";
import type { ByteWriter } from "../codec/bytes.js";
import type { NegotiatedAssociation } from "./association-policy.js";
import { GeneralBlocks } from "./general-blocks.js";
import type { AcceptedAssociation } from "./negotiate.js";
import type { LongAnswer } from "./outgoing-body.js";
import type { AnswerProtection, SecuredSession } from "./secured-session.js";
import { AccessService } from "./server-access.js";
import { ActionService } from "./server-action.js";
import type { AssociationEvent } from "./server-events.js";
import { GetService } from "./server-get.js";
import type { ServiceKind } from "./server-moves.js";
import { SetService } from "./server-set.js";
import { ReadService } from "./server-sn-read.js";
import { WriteService } from "./server-sn-write.js";
import type { ServiceContext } from "./service-context.js";

export interface OpenAssociationParts {
  readonly scratch: ByteWriter;
  readonly maxAssembledBytes: number;
  /** Blocks taken in a row in general-block-transfer. */
  readonly blockWindow: number;
}

/** What is left of a PDU for the plain answer; worked out anew for each request of a ciphered association. */
class AnswerRoom implements ServiceContext {
  readonly session: NegotiatedAssociation;
  readonly scratch: ByteWriter;
  readonly maxAssembledBytes: number;
  maxPlainSize: number;
  maxWholeAnswer: number;
  maxWholeGet: number;
  sendLong: ((answer: LongAnswer) => readonly AssociationEvent[]) | undefined;

  constructor(session: NegotiatedAssociation, { scratch, maxAssembledBytes }: OpenAssociationParts) {
    this.session = session;
    this.scratch = scratch;
    this.maxAssembledBytes = maxAssembledBytes;
    this.maxPlainSize = session.maxSendPduSize;
    this.maxWholeAnswer = session.maxSendPduSize;
    this.maxWholeGet = session.maxSendPduSize;
    this.sendLong = undefined;
  }
}

export class OpenAssociation {
  readonly session: NegotiatedAssociation;
  readonly secured: SecuredSession | undefined;
  readonly get: GetService;
  readonly set: SetService;
  readonly action: ActionService;
  readonly access: AccessService;
  readonly read: ReadService;
  readonly write: WriteService;
  readonly unconfirmedWrite: WriteService;
  /** Where general-block-transfer was negotiated. */
  readonly blocks: GeneralBlocks | undefined;
  /** Protection of the request that began the transfer in progress: what goes on with it must have as much. */
  requestFloor = 0;
  /** Protection that its answers need beyond the policy. */
  answerFloor = 0;
  private readonly room: AnswerRoom;
  private readonly sendLong: AnswerRoom["sendLong"];

  constructor({ session, secured }: Pick<AcceptedAssociation, "session" | "secured">, parts: OpenAssociationParts) {
    this.session = session;
    this.secured = secured;
    this.room = new AnswerRoom(session, parts);
    this.get = new GetService(this.room);
    this.set = new SetService(this.room);
    this.action = new ActionService(this.room);
    this.access = new AccessService(this.room);
    this.read = new ReadService(this.room);
    this.write = new WriteService(this.room, true);
    this.unconfirmedWrite = new WriteService(this.room, false);
    const { maxSendPduSize } = session;
    const { blockWindow: window, maxAssembledBytes } = parts;
    const blocks = this.isNegotiated(conformanceBit.generalBlockTransfer)
      ? new GeneralBlocks({ maxSendPduSize, window, maxAssembledBytes })
      : undefined;
    this.blocks = blocks;
    this.sendLong = blocks === undefined ? undefined : (answer) => blocks.send(answer);
    this.makeRoom(undefined);
  }

  isNegotiated(bit: number): boolean {
    return (this.session.conformance & bit) !== 0;
  }

  /**
   * One ciphered APDU is as long as what it protects: an answer that goes out so is cut into blocks of its service, each
   * ciphered alone, where these were negotiated, and else made whole, up to a limit, before it is cut.
   */
  makeRoom(answer: AnswerProtection | undefined): void {
    const { room, session, secured } = this;
    const plain =
      answer === undefined || secured === undefined
        ? session.maxSendPduSize
        : secured.maxPlainLength(answer, session.maxSendPduSize);
    const whole = this.blocks === undefined ? plain : Math.max(plain, room.maxAssembledBytes);
    const hasOwnBlocks = answer === undefined || this.isNegotiated(conformanceBit.blockTransferWithGet);
    room.maxPlainSize = plain;
    room.maxWholeAnswer = whole;
    room.maxWholeGet = hasOwnBlocks ? plain : whole;
    room.sendLong = answer === undefined ? this.sendLong : undefined;
  }

  get isBusy(): boolean {
    return (
      this.get.owed !== "nothing" ||
      this.set.owed !== "nothing" ||
      this.action.owed !== "nothing" ||
      this.access.owed !== "nothing" ||
      this.read.owed !== "nothing" ||
      this.write.owed !== "nothing" ||
      this.unconfirmedWrite.owed !== "nothing" ||
      (this.blocks !== undefined && this.blocks.owed !== "nothing")
    );
  }

  /** The service that values are given to. */
  get owingValues(): GetService | ReadService {
    return this.read.owed === "answers" ? this.read : this.get;
  }

  /** The service that codes are given to. */
  get owingCodes(): SetService | WriteService {
    if (this.write.owed === "answers") return this.write;
    return this.unconfirmedWrite.owed === "answers" ? this.unconfirmedWrite : this.set;
  }

  /** The service that elements of a stream are given to. */
  get owingElements(): GetService | AccessService | ReadService {
    if (this.access.owed === "elements") return this.access;
    return this.read.owed === "elements" ? this.read : this.get;
  }

  /** Ends what is unfinished in every service but `kept`. */
  abortOthers(kept: ServiceKind | undefined): readonly AssociationEvent[] {
    if (kept !== "set") this.set.abort();
    if (kept !== "action") this.action.abort();
    if (kept !== "write") this.write.abort();
    const ofGet = kept === "get" ? none : this.get.abort();
    const ofAccess = kept === "access" ? none : this.access.abort();
    const ofRead = kept === "read" ? none : this.read.abort();
    const isNothing = ofGet.length === 0 && ofAccess.length === 0 && ofRead.length === 0;
    return isNothing ? none : [...ofGet, ...ofAccess, ...ofRead];
  }
}

const none: readonly AssociationEvent[] = Object.freeze([]);

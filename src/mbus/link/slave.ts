/**
 * The slave's side of the dialogue for one meter, without I/O: a whole frame from the master goes in, the answer (or
 * none) comes out. How it works:
 * - it heeds frames to its own address, to 254 and 255 (without answer), and to 253 while it is selected;
 * - SND_NKE forgets the frame count bit; SELECT that fits selects, one that does not deselects, both forget it;
 * - REQ_UD2 with the other frame count bit brings the next telegram, with the same one the last telegram again;
 * - the readout is made fresh when its first telegram is asked for, so all its telegrams tell of one moment;
 * - the own address and the one selected through 253 share one row of telegrams, each with a frame count of its own.
 * @see EN 13757-2, EN 13757-3
 */
import {
  broadcastSilent,
  broadcastWithAnswer,
  ci,
  frameCountBit,
  frameCountValid,
  fromMasterBit,
  functionNke,
  functionOf,
  functionReqUd1,
  functionReqUd2,
  functionSndUd,
  rspUd,
  selectedAddress,
} from "./control-field.js";
import { encodeAck, encodeLongFrame, type LinkFrame } from "./frame.js";
import { type SecondaryAddress, secondaryAddressMatches } from "./secondary-address.js";

/** What a slave needs to know of its meter. */
export interface SlaveMeter {
  /** 0 unconfigured, 1-250. */
  readonly primaryAddress: number;
  readonly secondaryAddress: SecondaryAddress;
  /** BCD, least significant byte first: answers enhanced selection (`0C 78 <fabrication number>`). */
  readonly fabricationNumber?: Uint8Array;
  /** A fresh readout: application data from the CI field on, at least one telegram. */
  readout(): readonly Uint8Array[];
  /** Alarm data (CI 71 …) for REQ_UD1, or undefined when there is none. */
  alarm?(): Uint8Array | undefined;
  /** When set, REQ_UD2 is answered with this application error (EN 13757-3, CI 70). */
  applicationErrorCode?(): number | undefined;
}

export interface SlaveAnswer {
  readonly bytes: Uint8Array;
  /** Set when this is a REQ_UD2 answer with new data (not a repetition): the application data. */
  readonly telegram: Uint8Array | undefined;
}

type FrameCount = boolean | undefined;
const ack: SlaveAnswer = { bytes: encodeAck(), telegram: undefined };

export class LinkSlave {
  private readonly meter: SlaveMeter;
  private ownAddress: number;
  private selected = false;
  /** Last frame count bit seen: by the own address and while selected. */
  private readonly lastRequest: { own: FrameCount; selected: FrameCount } = { own: undefined, selected: undefined };
  private readonly lastSend: { own: FrameCount; selected: FrameCount } = { own: undefined, selected: undefined };
  private lastAnswer: Uint8Array | undefined;
  private waiting: readonly Uint8Array[] = [];

  constructor(meter: SlaveMeter) {
    this.meter = meter;
    this.ownAddress = meter.primaryAddress;
  }

  get primaryAddress(): number {
    return this.ownAddress;
  }
  get isSelected(): boolean {
    return this.selected;
  }

  /** The answer to one frame; undefined when the slave keeps silent. Never throws. */
  receive(frame: LinkFrame): SlaveAnswer | undefined {
    if (frame.kind === "ack" || (frame.control & fromMasterBit) === 0) return undefined;
    if (isSelection(frame)) return this.select(frame.applicationData);
    const through = this.addressedThrough(frame.address);
    if (through === undefined) return undefined;
    const answer = this.obey(frame, through);
    return frame.address === broadcastSilent ? undefined : answer;
  }

  private addressedThrough(address: number): "own" | "selected" | undefined {
    if (address === selectedAddress) return this.selected ? "selected" : undefined;
    return address === this.ownAddress || address >= broadcastWithAnswer ? "own" : undefined;
  }

  private obey(frame: Exclude<LinkFrame, { kind: "ack" }>, through: "own" | "selected"): SlaveAnswer | undefined {
    const frameCount = (frame.control & frameCountValid) === 0 ? undefined : (frame.control & frameCountBit) !== 0;
    switch (functionOf(frame.control)) {
      case functionNke:
        if (frame.kind !== "short") return undefined;
        return this.reset(through, frame.address);
      case functionReqUd2:
        return frame.kind === "short" ? this.request(through, frameCount, frame.address) : undefined;
      case functionReqUd1:
        return frame.kind === "short" ? this.requestAlarm() : undefined;
      case functionSndUd:
        return frame.kind === "long" ? this.take(frame.applicationData, through, frameCount) : undefined;
      default:
        return undefined;
    }
  }

  private reset(through: "own" | "selected", address: number): SlaveAnswer {
    this.lastRequest[through] = undefined;
    this.lastSend[through] = undefined;
    this.waiting = [];
    if (through === "selected" || address === broadcastSilent) this.selected = false;
    return ack;
  }

  private select(applicationData: Uint8Array): SlaveAnswer | undefined {
    this.selected = this.isNamedBy(applicationData);
    this.lastRequest.selected = undefined;
    this.lastSend.selected = undefined;
    if (!this.selected) return undefined;
    this.waiting = [];
    return ack;
  }

  private isNamedBy(applicationData: Uint8Array): boolean {
    if (!secondaryAddressMatches(applicationData.subarray(1, 9), this.meter.secondaryAddress)) return false;
    if (applicationData.length === 9) return true;
    const number = this.meter.fabricationNumber;
    if (number === undefined || applicationData.length !== 15) return false;
    if (applicationData[9] !== 0x0c || applicationData[10] !== 0x78) return false;
    const mask = Uint8Array.of(...applicationData.subarray(11, 15), 0xff, 0xff, 0xff, 0xff);
    return secondaryAddressMatches(mask, Uint8Array.of(...number.subarray(0, 4), 0, 0, 0, 0));
  }

  private request(through: "own" | "selected", frameCount: FrameCount, address: number): SlaveAnswer {
    const isRepetition = frameCount !== undefined && frameCount === this.lastRequest[through];
    if (isRepetition && this.lastAnswer !== undefined) return { bytes: this.lastAnswer, telegram: undefined };
    if (address !== broadcastSilent) this.lastRequest[through] = frameCount;
    const errorCode = this.meter.applicationErrorCode?.();
    if (errorCode !== undefined) {
      this.lastAnswer = encodeLongFrame(rspUd, this.ownAddress, Uint8Array.of(ci.applicationError, errorCode));
      return { bytes: this.lastAnswer, telegram: undefined };
    }
    if (this.waiting.length === 0) this.waiting = this.meter.readout();
    const [telegram, ...rest] = this.waiting;
    if (telegram === undefined) return ack;
    this.waiting = rest;
    this.lastAnswer = encodeLongFrame(rspUd, this.ownAddress, telegram);
    return { bytes: this.lastAnswer, telegram };
  }

  private requestAlarm(): SlaveAnswer {
    const alarm = this.meter.alarm?.();
    return alarm === undefined ? ack : { bytes: encodeLongFrame(rspUd, this.ownAddress, alarm), telegram: undefined };
  }

  /** SND_UD: everything is acknowledged; a reset of the application and a new primary address are carried out. */
  private take(applicationData: Uint8Array, through: "own" | "selected", frameCount: FrameCount): SlaveAnswer {
    const isRepetition = frameCount !== undefined && frameCount === this.lastSend[through];
    this.lastSend[through] = frameCount;
    if (isRepetition) return ack;
    const [controlInformation, dif, vif, address] = applicationData;
    if (controlInformation === ci.applicationReset) this.waiting = [];
    const isNewAddress = controlInformation === ci.sendData && dif === 0x01 && vif === 0x7a;
    if (isNewAddress && address !== undefined && address <= 250) this.ownAddress = address;
    return ack;
  }
}

/** SELECT goes to 253 and concerns every slave, selected or not. */
function isSelection(frame: LinkFrame): frame is Extract<LinkFrame, { kind: "long" }> {
  if (frame.kind !== "long" || frame.address !== selectedAddress) return false;
  if (functionOf(frame.control) !== functionSndUd) return false;
  const controlInformation = frame.applicationData[0];
  const isSelect = controlInformation === ci.select || controlInformation === ci.selectMode2;
  return isSelect && frame.applicationData.length >= 9;
}

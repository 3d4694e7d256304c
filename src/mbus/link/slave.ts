/**
 * The slave's side of the dialogue for one meter, without I/O: a whole frame from the master goes in, the answer (or
 * none) comes out. How it works:
 * - it heeds frames to its own address, to 254 and 255 (without answer), and to 253 while it is selected;
 * - SND_NKE forgets the frame count bit; SELECT that fits selects, one that does not deselects, both forget it;
 * - REQ_UD2 with the other frame count bit brings the next telegram, with the same one the last telegram again;
 * - the readout is made fresh when its first telegram is asked for, so all its telegrams tell of one moment;
 * - SND_UD is acknowledged; the commands it knows are carried out once, whatever the meter makes of them beside;
 * - a new baud rate is taken up after the E5, which still goes out at the old one;
 * - the own address and the one selected through 253 share one row of telegrams, each with a frame count of its own.
 * @see EN 13757-2, EN 13757-3
 */
import { readCommand, type SlaveCommand } from "./commands.js";
import {
  accessDemandBit,
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
  /** A command was taken (an address or a rate is already carried out). `globalReadout` and a reset steer `readout()`. */
  commanded?(command: SlaveCommand): void;
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
  private ownSecondary: SecondaryAddress;
  private rate: number | undefined;
  private selected = false;
  /** Last frame count bit seen: by the own address and while selected. */
  private readonly lastRequest: { own: FrameCount; selected: FrameCount } = { own: undefined, selected: undefined };
  private readonly lastSend: { own: FrameCount; selected: FrameCount } = { own: undefined, selected: undefined };
  private readonly lastAlarm: { own: FrameCount; selected: FrameCount } = { own: undefined, selected: undefined };
  private lastAnswer: Uint8Array | undefined;
  private lastAlarmAnswer: SlaveAnswer | undefined;
  private waiting: readonly Uint8Array[] = [];

  constructor(meter: SlaveMeter) {
    this.meter = meter;
    this.ownAddress = meter.primaryAddress;
    this.ownSecondary = meter.secondaryAddress;
  }

  get primaryAddress(): number {
    return this.ownAddress;
  }
  get secondaryAddress(): SecondaryAddress {
    return this.ownSecondary;
  }
  /** The rate it was commanded to; undefined: that of the bus. The caller keeps frames of other rates away. */
  get baudRate(): number | undefined {
    return this.rate;
  }
  /** Back to the rate of the bus, as meters do that hear nothing at the new one for a while. */
  fallBack(): void {
    this.rate = undefined;
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
        return frame.kind === "short" ? this.requestAlarm(through, frameCount) : undefined;
      case functionSndUd:
        return frame.kind === "long" ? this.take(frame.applicationData, through, frameCount) : undefined;
      default:
        return undefined;
    }
  }

  private reset(through: "own" | "selected", address: number): SlaveAnswer {
    this.lastRequest[through] = undefined;
    this.lastSend[through] = undefined;
    this.lastAlarm[through] = undefined;
    this.waiting = [];
    if (through === "selected" || address === broadcastSilent) this.selected = false;
    return ack;
  }

  private select(applicationData: Uint8Array): SlaveAnswer | undefined {
    this.selected = this.isNamedBy(applicationData);
    this.lastRequest.selected = undefined;
    this.lastSend.selected = undefined;
    this.lastAlarm.selected = undefined;
    if (!this.selected) return undefined;
    this.waiting = [];
    return ack;
  }

  private isNamedBy(applicationData: Uint8Array): boolean {
    if (!secondaryAddressMatches(applicationData.subarray(1, 9), this.ownSecondary)) return false;
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
    const control = this.meter.alarm?.() === undefined ? rspUd : rspUd | accessDemandBit;
    this.lastAnswer = encodeLongFrame(control, this.ownAddress, telegram);
    return { bytes: this.lastAnswer, telegram };
  }

  private requestAlarm(through: "own" | "selected", frameCount: FrameCount): SlaveAnswer {
    const isRepetition = frameCount !== undefined && frameCount === this.lastAlarm[through];
    this.lastAlarm[through] = frameCount;
    if (isRepetition && this.lastAlarmAnswer !== undefined) return this.lastAlarmAnswer;
    const alarm = this.meter.alarm?.();
    this.lastAlarmAnswer =
      alarm === undefined ? ack : { bytes: encodeLongFrame(rspUd, this.ownAddress, alarm), telegram: undefined };
    return this.lastAlarmAnswer;
  }

  /** SND_UD: everything is acknowledged; the commands known are carried out. */
  private take(applicationData: Uint8Array, through: "own" | "selected", frameCount: FrameCount): SlaveAnswer {
    const isRepetition = frameCount !== undefined && frameCount === this.lastSend[through];
    this.lastSend[through] = frameCount;
    const command = isRepetition ? undefined : readCommand(applicationData);
    if (command !== undefined) this.carryOut(command);
    return ack;
  }

  private carryOut(command: SlaveCommand): void {
    const address = this.ownSecondary.slice();
    switch (command.kind) {
      case "applicationReset":
      case "globalReadout":
        this.waiting = [];
        break;
      case "setPrimaryAddress":
        this.ownAddress = command.address;
        break;
      case "setIdentification":
        address.set(command.identification);
        this.ownSecondary = address;
        break;
      case "setSecondaryAddress":
        this.ownSecondary = command.address;
        break;
      case "setBaudRate":
        this.rate = command.baudRate;
        break;
      default:
    }
    this.meter.commanded?.(command);
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

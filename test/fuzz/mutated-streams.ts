/** Mutated byte streams without end for the machines of the wired link, the same for the same seed: for fuzz and soak. */
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import {
  encodeLinkFrame,
  encodeLongFrame,
  type LinkCommand,
  LinkMaster,
  LinkSlave,
  LinkStreamDecoder,
  type MasterEvent,
  type MeterTarget,
  PrimarySearch,
  type ProbeOutcome,
  parseSecondaryAddress,
  provesFabricationNumber,
  SecondarySearch,
} from "../../src/mbus/index.js";
import { TelnetDecoder } from "../../src/transport/rfc2217-codec.js";
import { wiredVectors } from "../mbus/application/support/vectors.js";
import { quickSettings } from "../mbus/link/dialogue.js";
import { Dice } from "./mutated-telegrams.js";

const address = parseSecondaryAddress("1234567824400107");
const targets: readonly MeterTarget[] = [
  { kind: "primary", address: 2 },
  { kind: "primary", address: 254 },
  { kind: "primary", address: 255 },
  { kind: "secondary", mask: address },
  { kind: "secondary", mask: parseSecondaryAddress("FFFFFFFFFFFFFFFF") },
  { kind: "secondary", mask: address, fabricationNumber: fromHex("ffffff1f") },
];
const commands: readonly LinkCommand[] = [
  { kind: "send", applicationData: fromHex("5050") },
  { kind: "requestAlarm" },
  { kind: "setBaudRate", baudRate: 9600 },
  { kind: "probe" },
];
/** Link frames that mean something, telnet commands among them. */
const words = [
  "e5",
  "e5e5",
  "1040fd3d16",
  "107bfd7816",
  "105b025d16",
  "680b0b6853fd5278563412244001072216",
  "681515680802727856341224400107130000000c78040302019d16",
  "68040468080270088216",
  "68030368730250c516",
  "fffd2c",
  "fffa2c6500000960fff0",
].map(fromHex);
/** A job of the master ends within so many requests: 32 telegrams, their tries and reselections. */
const mostRequests = 250;
const mostSteps = 3000;

export class StreamRun {
  streams = 0;
  frames = 0;
  jobs = 0;
  private readonly dice: Dice;
  private readonly seeds: readonly Uint8Array[];

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.seeds = [...words, ...wiredVectors().map(({ hex }) => fromHex(hex))].filter((bytes) => bytes.length < 300);
  }

  /** One stream more, through every machine; throws on the first that breaks a rule. */
  step(): void {
    this.streams += 1;
    const pieces = this.pieces();
    this.decoders(pieces);
    this.slave(pieces);
    this.master(pieces);
    if (this.streams % 50 === 0) this.search();
    new TelnetDecoder().push(Uint8Array.from(pieces.flatMap((piece) => [...piece])));
  }

  private pieces(): readonly Uint8Array[] {
    const { dice } = this;
    return Array.from({ length: 1 + dice.roll(6) }, () => {
      const bytes = (this.seeds[dice.roll(this.seeds.length)] as Uint8Array).slice();
      const place = dice.roll(bytes.length);
      switch (dice.roll(7)) {
        case 0:
          return bytes.subarray(0, place);
        case 1:
          return Uint8Array.of(...bytes.subarray(0, place), ...bytes.subarray(place + 1));
        case 2:
          return Uint8Array.of(...bytes.subarray(0, place + 1), ...bytes.subarray(place));
        case 3:
          bytes[place] = (bytes[place] as number) ^ (1 << dice.roll(8));
          return bytes;
        case 4:
          // Sound on the link, of another address: the machines above see it.
          if (bytes.length < 10 || bytes[0] !== 0x68) return bytes;
          return encodeLongFrame(dice.roll(256), dice.roll(4), bytes.subarray(6, Math.min(bytes.length - 2, 250)));
        case 5:
          return Uint8Array.from({ length: dice.roll(40) }, () => dice.roll(256));
        default:
          return bytes;
      }
    });
  }

  private decoders(pieces: readonly Uint8Array[]): void {
    const whole = new LinkStreamDecoder("monitor");
    const cut = new LinkStreamDecoder("monitor");
    const stream = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
    const expected = [...whole.push(stream), ...whole.flush()];
    const found = [...pieces.flatMap((piece) => cut.push(piece)), ...cut.flush()];
    this.frames += found.length;
    const text = (frames: typeof found) => frames.map((frame) => toHex(encodeLinkFrame(frame))).join();
    if (text(found) !== text(expected)) throw new Error(`cutting changes what is found in ${toHex(stream)}`);
    if (cut.pendingBytes > 0) throw new Error(`bytes are kept after silence: ${toHex(stream)}`);
  }

  private slave(pieces: readonly Uint8Array[]): void {
    const slave = new LinkSlave({
      primaryAddress: 2,
      secondaryAddress: address,
      readout: () => [Uint8Array.of(0x78, 0x1f), Uint8Array.of(0x78)],
    });
    const decoder = new LinkStreamDecoder("slave");
    for (const frame of pieces.flatMap((piece) => decoder.push(piece))) {
      const answer = slave.receive(frame);
      if (answer !== undefined && new LinkStreamDecoder("master").push(answer.bytes).length !== 1) {
        throw new Error(`the slave answers ${toHex(answer.bytes)}, which is no frame`);
      }
    }
  }

  private master(pieces: readonly Uint8Array[]): void {
    const { dice } = this;
    const master = new LinkMaster({
      settings: { ...quickSettings, responseTimeout: "learned", line: dice.roll(2) === 0 ? "direct" : "network" },
      provesFabricationNumber,
      moreFollows: () => dice.roll(2) === 0,
    });
    const target = targets[dice.roll(targets.length)] as MeterTarget;
    const command = dice.roll(2) === 0 ? undefined : (commands[dice.roll(commands.length)] as LinkCommand);
    let now = 0;
    let requests = 0;
    let ends = 0;
    const act = (events: readonly MasterEvent[]) => {
      for (const event of events) {
        if (event.kind === "send") requests += 1;
        if (event.kind === "finished" || event.kind === "commandFinished") ends += 1;
      }
    };
    act(command === undefined ? master.readMeter(target, now) : master.command(target, command, now));
    let next = 0;
    for (let steps = 0; master.isBusy; steps++) {
      if (steps > mostSteps) throw new Error("a job does not end");
      const due = master.nextDeadline() ?? now;
      const arrival = now + dice.roll(300);
      const piece = next < 40 && arrival < due ? pieces[next++ % pieces.length] : undefined;
      now = piece === undefined ? Math.max(now, due) : arrival;
      act(piece === undefined ? master.expire(now) : master.receive(piece, now));
    }
    this.jobs += 1;
    if (ends !== 1 || requests > mostRequests) throw new Error(`a job ended ${ends} times after ${requests} requests`);
  }

  /** Any row of outcomes brings a search to its end. */
  private search(): void {
    const { dice } = this;
    const secondary = new SecondarySearch({ digitOrder: dice.roll(2) === 0 ? "highFirst" : "lowFirst" });
    const collisionShare = 2 + dice.roll(20);
    const outcome = (): ProbeOutcome => {
      const telegram = this.seeds[dice.roll(this.seeds.length)] as Uint8Array;
      if (dice.roll(collisionShare) === 0) return { kind: "collision" };
      if (dice.roll(4) > 0) return { kind: "silent" };
      return { kind: "found", primaryAddress: 1, secondaryAddress: address, telegram };
    };
    // A share of one in two could go on for long: real buses have an end, and so has this.
    for (let probe = secondary.next(); probe !== undefined && secondary.probes < 2000; probe = secondary.next()) {
      secondary.take(outcome());
      if (!(secondary.share >= 0 && secondary.share <= 1)) throw new Error(`share ${secondary.share}`);
    }
    const primary = new PrimarySearch(0, 20);
    for (let probe = primary.next(); probe !== undefined; probe = primary.next()) primary.take(outcome());
    if (primary.probes !== 21) throw new Error(`${primary.probes} primary addresses of 21`);
  }
}

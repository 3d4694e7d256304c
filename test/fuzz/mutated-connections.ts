/**
 * Mutated connections without end, the same for the same seed: for fuzz and soak. A recorded dialogue, of any
 * mechanism, suite or framing, has frames lost, doubled, swapped and joined with another's, its bytes changed, and comes
 * in pieces; the server has the keys and counters of the recording. Wrapper and HDLC doors, without the operating
 * system's sockets. Nothing is thrown or logged as a fault, answers stay within bounds, and nothing stays behind.
 */
import type { Socket } from "node:net";
import {
  type AssociationSecurity,
  ByteWriter,
  createMemoryCounters,
  fromHex,
  type SecurityContext,
  toHex,
} from "../../cosem/index.js";
import type { ByteChannel, ByteListener } from "../../src/ports/index.js";
import { DlmsConnection } from "../../src/views/dlms/connection.js";
import { createHdlcView } from "../../src/views/dlms/hdlc-view.js";
import { createFailedAssociations, type DlmsClient, defaultDlmsLimits } from "../../src/views/dlms/index.js";
import { createOutput } from "../../src/views/dlms/output.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import {
  blockTranscripts,
  maxReceivePduSizeOf,
  preludeOf,
  securedTranscripts,
  shortNameTranscripts,
  type Transcript,
  transcriptClient,
  transcriptSystemTitle,
  transcripts,
} from "../support/dlms-transcripts.js";
import { hdlcDoorTranscripts } from "../support/hdlc-door.js";
import { type ManualClock, manualClock } from "../support/manual-clock.js";
import { recordedShortNames } from "../support/short-name-fixture.js";
import { joined, Mutator } from "./mutated-bytes.js";
import { QuietLogger } from "./quiet-logger.js";

interface Dialogue {
  readonly transcript: Transcript;
  readonly frames: readonly Uint8Array[];
  readonly client: DlmsClient;
  readonly security: AssociationSecurity | undefined;
}

/** As much of a socket as a connection uses; what is received is called in, what is sent is counted. */
class MemorySocket {
  readonly remoteAddress: string;
  readonly remotePort = 4059;
  readonly writableLength = 0;
  /** The peer does not read. */
  writableNeedDrain = false;
  destroyed = false;
  sentBytes = 0;
  last: Uint8Array = new Uint8Array(0);
  private readonly handlers = new Map<string, (argument?: unknown) => void>();
  private isStopped = false;
  private readonly waiting: Uint8Array[] = [];

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress;
  }

  on(event: string, handler: (argument?: unknown) => void): this {
    this.handlers.set(event, handler);
    return this;
  }
  setNoDelay(): void {}
  isPaused(): boolean {
    return this.isStopped;
  }
  pause(): void {
    this.isStopped = true;
  }
  resume(): void {
    this.isStopped = false;
    while (!this.isStopped && !this.destroyed && this.waiting.length > 0) this.emit("data", this.waiting.shift());
  }
  write(bytes: Uint8Array): boolean {
    this.sentBytes += bytes.length;
    this.last = bytes.slice();
    return !this.writableNeedDrain;
  }
  destroySoon(): void {
    this.destroy();
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }

  receive(bytes: Uint8Array): void {
    if (this.destroyed) return;
    if (this.isStopped) this.waiting.push(bytes);
    else this.emit("data", bytes);
  }
  drain(): void {
    this.writableNeedDrain = false;
    if (!this.destroyed) this.emit("drain");
  }
  private emit(event: string, argument?: unknown): void {
    this.handlers.get(event)?.(argument);
  }
}

/** One end of a line in memory. */
class MemoryChannel implements ByteChannel {
  sentBytes = 0;
  last: Uint8Array = new Uint8Array(0);
  private listener: ByteListener | undefined;
  private isOpen = true;

  listen(listener: ByteListener): void {
    this.listener = listener;
  }
  async write(bytes: Uint8Array): Promise<void> {
    this.sentBytes += bytes.length;
    this.last = bytes;
  }
  async close(): Promise<void> {
    this.end();
  }
  receive(bytes: Uint8Array): void {
    if (this.isOpen) this.listener?.received(bytes);
  }
  end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.listener?.closed(undefined);
  }
}

const hdlcParameters = { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 3, windowReceive: 3 };
/** More than any of these dialogues is answered with, whatever becomes of it. */
const mostSentBytes = 4_000_000;

export class ConnectionRun {
  connections = 0;
  hdlc = 0;
  sentBytes = 0;
  /** Of the most talkative connection. */
  mostSent = 0;
  readonly logger = new QuietLogger();
  private readonly mutator: Mutator;
  private readonly fixture = createDlmsFixture({ isStreamed: true });
  private readonly clock: ManualClock = manualClock(1_764_000_000_000);
  private readonly output = createOutput();
  private readonly shortNames = recordedShortNames();
  private readonly scratch = new ByteWriter(2048);
  private readonly failures = createFailedAssociations();
  private readonly wrapped: readonly Dialogue[];
  private readonly linked: readonly Dialogue[];
  private readonly donors: readonly Uint8Array[];

  constructor(seed: number) {
    this.mutator = new Mutator(seed);
    const recorded = [...transcripts, ...securedTranscripts, ...blockTranscripts, ...shortNameTranscripts];
    this.wrapped = recorded.filter(({ transport }) => transport === "wrapper").map((one) => this.dialogueOf(one));
    this.linked = hdlcDoorTranscripts.map((one) => this.dialogueOf(one as unknown as Transcript));
    this.donors = [...this.wrapped, ...this.linked].flatMap(({ frames }) => frames);
  }

  private dialogueOf(transcript: Transcript): Dialogue {
    const client = transcriptClient(transcript, this.fixture);
    const device = this.fixture.registry.deviceBySap(transcript.serverSap);
    const recorded = transcript.steps.filter(({ direction }) => direction === ">").map(({ bytes }) => bytes);
    return {
      transcript,
      frames: [...preludeOf(transcript), ...recorded].map(fromHex),
      client,
      security: device === undefined ? undefined : client.security?.(device),
    };
  }

  /** The recorded client, its counters as they were before the recording. */
  private freshClient({ client, security, transcript }: Dialogue): DlmsClient {
    if (security === undefined) return client;
    const first = transcript.parameters["serverInvocationCounter"];
    const counters: SecurityContext["counters"] = createMemoryCounters(typeof first === "number" ? first : 4096);
    const { ownTitle, peerTitle, keys, random, securityPolicy } = security;
    return { ...client, security: () => ({ ownTitle, peerTitle, keys, random, securityPolicy, counters }) };
  }

  /** One connection more; rejects on the first that breaks a rule. */
  async step(): Promise<void> {
    this.connections += 1;
    const { dice } = this.mutator;
    if (dice.roll(3) === 0) {
      this.hdlc += 1;
      await this.overHdlc(this.mutator.one(this.linked));
    } else await this.overWrapper(this.mutator.one(this.wrapped));
    if (this.logger.errors > 0) throw new Error(this.logger.firstError);
    if (this.connections % 64 === 0) await this.clock.advance(5);
  }

  private async overWrapper(dialogue: Dialogue): Promise<void> {
    const { dice } = this.mutator;
    const socket = new MemorySocket(`10.${dice.roll(256)}.${dice.roll(256)}.${dice.roll(256)}`);
    const connection = this.connection(socket, dialogue);
    const stream = this.stream(dialogue.frames);
    for (const piece of this.pieces(stream)) {
      if (dice.roll(40) === 0) socket.writableNeedDrain = true;
      socket.receive(piece);
      if (socket.writableNeedDrain && dice.roll(2) === 0) socket.drain();
    }
    await settle();
    socket.drain();
    await settle();
    if (dice.roll(8) === 0) connection.expire(this.clock.monotonic() + defaultDlmsLimits.halfFrameTimeoutMs);
    socket.destroy();
    this.judge(socket.sentBytes, stream);
  }

  private connection(socket: MemorySocket, dialogue: Dialogue): DlmsConnection {
    const client = this.freshClient(dialogue);
    return new DlmsConnection({
      socket: socket as unknown as Socket,
      registry: this.fixture.registry,
      logger: this.logger,
      clock: this.clock,
      clients: new Map([[client.clientSap, client]]),
      limits: { ...defaultDlmsLimits, maxReceivePduSize: maxReceivePduSizeOf(dialogue.transcript) },
      output: this.output,
      scratch: this.scratch,
      systemTitle: transcriptSystemTitle,
      failures: this.failures,
      shortNames: this.shortNames,
    });
  }

  private async overHdlc(dialogue: Dialogue): Promise<void> {
    const channel = new MemoryChannel();
    const view = this.hdlcView(dialogue);
    view.serve(channel, "10.0.0.1:4060");
    const stream = this.stream(dialogue.frames);
    for (const piece of this.pieces(stream)) channel.receive(piece);
    await settle();
    channel.end();
    this.judge(channel.sentBytes, stream);
    if (view.connectionCount > 0) throw new Error(`an HDLC connection stays behind ${toHex(stream)}`);
    if (this.clock.waiting > 0) throw new Error(`a timer stays behind ${toHex(stream)}`);
  }

  private hdlcView(dialogue: Dialogue) {
    return createHdlcView({
      registry: this.fixture.registry,
      clients: [this.freshClient(dialogue)],
      systemTitle: transcriptSystemTitle,
      logger: this.logger,
      clock: this.clock,
      parameters: hdlcParameters,
      physicalDevice: 17,
      interOctetTimeoutMs: 1000,
      linkInactivityTimeoutMs: 120_000,
    });
  }

  /** Frames lost, doubled, swapped, of another dialogue, changed. */
  private stream(frames: readonly Uint8Array[]): Uint8Array {
    const { mutator } = this;
    const { dice } = mutator;
    const sent: Uint8Array[] = [];
    // A prefix is left as it was, so that most dialogues get somewhere before they go wrong.
    const good = dice.roll(frames.length + 1);
    for (const [index, frame] of frames.entries()) {
      if (index < good) sent.push(frame);
      else {
        const what = dice.roll(8);
        if (what === 0) continue;
        if (what === 1) sent.push(frame);
        if (what === 2) sent.push(mutator.one(this.donors));
        const isChanged = dice.roll(2) === 0;
        sent.push(isChanged ? mutator.mutated(frame, 1 + dice.roll(3), this.donors) : frame);
      }
    }
    return joined(...sent);
  }

  private *pieces(stream: Uint8Array): Generator<Uint8Array> {
    const { dice } = this.mutator;
    const longest = this.mutator.one([3, 30, 300, 3000]);
    for (let at = 0; at < stream.length; ) {
      const end = at + 1 + dice.roll(longest);
      yield stream.subarray(at, end);
      at = end;
    }
  }

  private judge(sentBytes: number, stream: Uint8Array): void {
    this.sentBytes += sentBytes;
    this.mostSent = Math.max(this.mostSent, sentBytes);
    if (sentBytes > mostSentBytes) throw new Error(`${sentBytes} bytes answer ${toHex(stream)}`);
  }

  /** Good dialogues are still answered. @throws (rejects with) Error where one is not */
  async expectServing(): Promise<void> {
    const dialogue = this.wrapped.find(({ transcript }) => transcript.name === "get-normal") ?? this.wrapped[0];
    if (dialogue === undefined) throw new Error("no dialogue");
    const socket = new MemorySocket("10.0.0.2");
    this.connection(socket, dialogue);
    for (const frame of dialogue.frames) {
      socket.receive(frame);
      await settle();
    }
    expectLast(socket.last, dialogue);
    socket.destroy();
    const [linked] = this.linked;
    if (linked === undefined) throw new Error("no HDLC dialogue");
    const channel = new MemoryChannel();
    this.hdlcView(linked).serve(channel, "10.0.0.1:4060");
    for (const frame of linked.frames) {
      channel.receive(frame);
      await settle();
    }
    expectLast(channel.last, linked);
    channel.end();
  }
}

function expectLast(last: Uint8Array, { transcript }: Dialogue): void {
  const expected = transcript.steps.findLast(({ direction }) => direction === "<")?.bytes;
  if (toHex(last) !== expected) throw new Error(`${transcript.name}: answered ${toHex(last)}, not ${expected}`);
}

/** Answers that wait for a stream in memory take a few turns of the microtask queue. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await undefined;
}

/**
 * Mutated APDUs without end, the same for the same seed: for fuzz and soak. They go to associations of every context
 * that stay open, ciphered ones with the right keys and counters (changed before the protection, behind it, or both),
 * and to every decoder. Nothing is thrown, each is answered once or not at all, and what goes out is an answer.
 */
import {
  ByteWriter,
  createClientAssociation,
  DecodeError,
  decodeAare,
  decodeAarq,
  decodeAccessRequest,
  decodeAccessResponse,
  decodeActionRequest,
  decodeActionResponse,
  decodeCipheredApdu,
  decodeConfirmedServiceError,
  decodeDataNotification,
  decodeEventNotification,
  decodeExceptionResponse,
  decodeGeneralBlock,
  decodeGeneralCiphering,
  decodeGeneralSigning,
  decodeGetRequest,
  decodeGetResponse,
  decodeInformationReport,
  decodeInitiateRequest,
  decodeInitiateResponse,
  decodeReadRequest,
  decodeReadResponse,
  decodeRlre,
  decodeRlrq,
  decodeSetRequest,
  decodeSetResponse,
  decodeUnconfirmedWriteRequest,
  decodeWriteRequest,
  decodeWriteResponse,
  fromHex,
  logicalName,
  type ProtectionForm,
  Secret,
  securityPolicyFromVersion0,
  toHex,
} from "../../cosem/index.js";
import { type DlmsClient, defaultDlmsLimits } from "../../src/views/dlms/index.js";
import { PeerAssociations } from "../../src/views/dlms/peer-associations.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import {
  blockTranscripts,
  securedTranscripts,
  shortNameTranscripts,
  transcripts,
} from "../support/dlms-transcripts.js";
import { plainAarq, type SecuredClient, securedPair, serverTitle } from "../support/server-link.js";
import { recordedShortNames } from "../support/short-name-fixture.js";
import { systemClock } from "../support/system-clock.js";
import { Mutator } from "./mutated-bytes.js";
import { QuietLogger } from "./quiet-logger.js";

const decoders: readonly (readonly [first: number, decode: (apdu: Uint8Array) => unknown])[] = [
  [0x60, decodeAarq],
  [0x61, decodeAare],
  [0x62, decodeRlrq],
  [0x63, decodeRlre],
  [0x01, decodeInitiateRequest],
  [0x08, decodeInitiateResponse],
  [0x05, decodeReadRequest],
  [0x0c, decodeReadResponse],
  [0x06, decodeWriteRequest],
  [0x0d, decodeWriteResponse],
  [0x16, decodeUnconfirmedWriteRequest],
  [0x18, decodeInformationReport],
  [0x0e, decodeConfirmedServiceError],
  [0x0f, decodeDataNotification],
  [0xc0, decodeGetRequest],
  [0xc4, decodeGetResponse],
  [0xc1, decodeSetRequest],
  [0xc5, decodeSetResponse],
  [0xc2, decodeEventNotification],
  [0xc3, decodeActionRequest],
  [0xc7, decodeActionResponse],
  [0xd8, decodeExceptionResponse],
  [0xd9, decodeAccessRequest],
  [0xda, decodeAccessResponse],
  [0xc8, decodeCipheredApdu],
  [0xdb, decodeCipheredApdu],
  [0xdd, decodeGeneralCiphering],
  [0xdf, decodeGeneralSigning],
  [0xe0, decodeGeneralBlock],
];
const decoderOf = new Map(decoders);

/** ACCESS with all three services, notifications, blocks, lists, names beyond the transcripts. */
const ownSeeds = [
  "d9400000010003010001 00002a0000ff02 0200080000010000ff03 03000900000a006aff01 030000120001",
  "0f400000010002030906 1122334455 66",
  "c2000001 00002a0000ff02 0906112233445566",
  "c003c103 000100002a0000ff0200 00080000010000ff0200 00030800010000ff0200",
  "c001c1000f0000280000ff02010102 0412000f 0f01 0904120002 120002",
  "0501020008",
  "e0c10001000000",
  "6203800100",
].map((hex) => fromHex(hex.replaceAll(" ", "")));

interface Variant {
  readonly client: DlmsClient;
  readonly secured: SecuredClient | undefined;
  /** What opens it; undefined: it stays closed, and mutated AARQs come in. */
  open(): Uint8Array;
  /** Whatever is answered is protected, or says no more than that it is not. */
  readonly isProtected: boolean;
}

const forms: readonly ProtectionForm["kind"][] = ["glo", "glo", "glo", "ded", "generalGlo", "generalDed"];
/** First octets of what may go out unprotected: AARE, RLRE, exception-response, confirmed-service-error. */
const unprotected = new Set([0x61, 0x63, 0xd8, 0x0e]);
const answers = new Set([0x0c, 0x0d, 0xc4, 0xc5, 0xc7, 0xda, 0xe0, ...unprotected]);
const isProtectedTag = (tag: number) => (tag >= 0x21 && tag <= 0x58) || (tag >= 0xc8 && tag <= 0xdf && tag !== 0xda);
const serviceTags = new Set([0xc0, 0xc1, 0xc3, 0xd9]);
const stepsOfDialogue = 40;

export class ApduRun {
  apdus = 0;
  answered = 0;
  /** Answers that are no refusal of the whole APDU. */
  served = 0;
  ciphered = 0;
  refusedBytes = 0;
  readonly logger = new QuietLogger();
  private readonly mutator: Mutator;
  private readonly fixture = createDlmsFixture({ isStreamed: true });
  private readonly seeds: readonly Uint8Array[];
  /** Those of them that ask for a service by logical names; they are taken more often. */
  private readonly services: readonly Uint8Array[];
  private readonly variants: readonly Variant[];
  private readonly shortNames = recordedShortNames();
  private readonly scratch = new ByteWriter(512);
  private readonly sent: Uint8Array[] = [];
  private variant: Variant;
  private peer: PeerAssociations;
  private stepsLeft = 0;

  constructor(seed: number) {
    this.mutator = new Mutator(seed);
    const recorded = [...transcripts, ...securedTranscripts, ...blockTranscripts, ...shortNameTranscripts];
    const apdus = recorded.flatMap(({ steps }) => steps.map(({ apdu }) => fromHex(apdu)));
    this.seeds = [...ownSeeds, ...apdus].filter((apdu) => apdu.length < 400);
    this.services = this.seeds.filter((apdu) => serviceTags.has(apdu[0] ?? 0));
    this.variants = this.makeVariants();
    this.variant = this.variants[0] as Variant;
    this.peer = this.makePeer();
  }

  private makeVariants(): readonly Variant[] {
    const plain = (sap: number, more: Partial<DlmsClient>, aarq: string): Variant => ({
      client: { clientSap: sap, association: this.fixture.association(sap), mechanism: 0, ...more },
      secured: undefined,
      open: () => fromHex(aarq),
      isProtected: false,
    });
    const ciphered = (sap: number, policy: number, more: Partial<DlmsClient>, mechanism?: number): Variant => {
      const { security, client } = securedPair(securityPolicyFromVersion0(policy));
      const own = { clientSap: sap, association: this.fixture.association(sap), mechanism: 0, ...more } as const;
      const challenge = new Uint8Array(16).fill(0x41);
      return {
        client: { ...own, applicationContext: 3, security: () => security },
        secured: client,
        open: () =>
          client.aarq({
            // With general-block-transfer and without.
            conformance: this.mutator.one([0x601e5d, 0x401e5d]),
            pduSize: this.mutator.one([0xffff, 128, 40]),
            dedicatedKey: new Uint8Array(16).fill(7),
            ...(mechanism === undefined ? {} : { mechanism, challenge }),
          }),
        isProtected: policy === 3,
      };
    };
    const secret = new Secret(new TextEncoder().encode("12345678"));
    const low = "6036a1090607608574050801018a0207808b0760857405080201ac0a80083132333435363738be10040e01000000065f1f04";
    const md5 = "6036a1090607608574050801018a0207808b0760857405080203ac0a80083132333435363738be10040e01000000065f1f04";
    return [
      plain(1, {}, plainAarq("601e5d")),
      plain(2, {}, plainAarq("001e5d", "0028")),
      plain(3, { mechanism: 1, secret }, `${low}00601e5dffff`),
      plain(4, { mechanism: 3, secret }, `${md5}00601e5dffff`),
      plain(5, { applicationContext: 2 }, "601da109060760857405080102be10040e01000000065f1f04001c0320ffff"),
      ciphered(6, 0, {}),
      ciphered(7, 3, {}),
      ciphered(8, 3, { mechanism: 5 }, 5),
      ciphered(9, 1, { mechanism: 6, secret }, 6),
    ];
  }

  private makePeer(): PeerAssociations {
    const { client } = this.variant;
    return new PeerAssociations({
      peer: "memory:1",
      registry: this.fixture.registry,
      logger: this.logger,
      clock: systemClock,
      systemTitle: serverTitle,
      clients: new Map([[client.clientSap, client]]),
      limits: { ...defaultDlmsLimits, maxAssembledBytes: 4096 },
      shortNames: this.shortNames,
      scratch: this.scratch,
      send: (_client, _server, apdu) => this.sent.push(apdu.slice()),
    });
  }

  /** One APDU more; throws, or rejects, on the first that breaks a rule. */
  step(): Promise<void> | undefined {
    const apdu = this.nextApdu();
    this.apdus += 1;
    this.decode(apdu);
    if (this.apdus % 16 === 0) this.client(apdu);
    return this.give(apdu);
  }

  private nextApdu(): Uint8Array {
    const { mutator } = this;
    const { clientSap } = this.variant.client;
    const isOver = this.peer.openServerOf(clientSap) === undefined && mutator.dice.roll(4) === 0;
    if (this.stepsLeft === 0 || isOver) {
      this.stepsLeft = stepsOfDialogue;
      this.peer.close("connectionLost");
      this.variant = mutator.one(this.variants);
      this.peer = this.makePeer();
      // Most associations open; now and then their opening is what is changed.
      const opening = this.variant.open();
      return mutator.dice.roll(4) > 0 ? opening : mutator.mutated(opening, 1 + mutator.dice.roll(3), this.seeds);
    }
    this.stepsLeft -= 1;
    const { secured } = this.variant;
    const seeds = mutator.dice.roll(4) === 0 ? this.seeds : this.services;
    const plain = mutator.mutated(mutator.one(seeds), mutator.dice.roll(4), this.seeds, 900);
    if (secured === undefined || mutator.dice.roll(8) === 0) return plain;
    this.ciphered += 1;
    return mutator.mutated(this.closed(secured, plain), mutator.dice.roll(3) === 0 ? 1 : 0, this.seeds);
  }

  private closed(secured: SecuredClient, plain: Uint8Array): Uint8Array {
    const { mutator } = this;
    const bits = mutator.one([12, 12, 12, 4, 8]);
    const own = secured.protection.protect(plain, { kind: mutator.one(forms) } as ProtectionForm, bits);
    if (own.ok) return own.apdu;
    const general = secured.protection.protect(plain, { kind: "generalGlo" }, bits);
    return general.ok ? general.apdu : plain;
  }

  private give(apdu: Uint8Array): Promise<void> | undefined {
    this.sent.length = 0;
    const waiting = this.peer.receive(this.variant.client.clientSap, 1, apdu, 0);
    if (waiting === undefined) {
      this.judge(apdu);
      return undefined;
    }
    return waiting.then(() => this.judge(apdu));
  }

  private judge(apdu: Uint8Array): void {
    // Blocks of general-block-transfer go out as many as the client has room for.
    if (this.sent.length > 1 && this.sent.some((answer) => answer[0] !== 0xe0)) {
      throw new Error(`${this.sent.length} answers to ${toHex(apdu)}`);
    }
    for (const answer of this.sent) {
      const tag = answer[0] ?? 0;
      const isGood = isProtectedTag(tag) || (this.variant.isProtected ? unprotected : answers).has(tag) || tag === 0xe0;
      if (!isGood) throw new Error(`${toHex(answer)} answers ${toHex(apdu)}`);
      this.answered += 1;
      if (tag !== 0xd8) this.served += 1;
    }
    if (this.logger.errors > 0) throw new Error(`${toHex(apdu)}: ${this.logger.firstError}`);
  }

  private decode(apdu: Uint8Array): void {
    const own = decoderOf.get(apdu[0] ?? 0) ?? decodeCipheredApdu;
    const [, other] = this.mutator.one(decoders);
    for (const decode of [own, other]) {
      try {
        decode(apdu);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.refusedBytes += 1;
      }
    }
  }

  /** Our client takes it as the answer to its AARQ, and to a GET. */
  private client(apdu: Uint8Array): void {
    const opening = createClientAssociation({});
    opening.open();
    opening.receive(apdu);
    const open = createClientAssociation({});
    open.open();
    open.receive(accepted);
    open.get([name]);
    open.receive(apdu);
  }

  /** A good association still opens and reads. @throws (rejects with) Error where it does not */
  async expectServing(): Promise<void> {
    this.variant = this.variants[0] as Variant;
    this.peer = this.makePeer();
    this.stepsLeft = 0;
    await this.give(fromHex(plainAarq()));
    await this.give(fromHex("c001c1000100002a0000ff0200"));
    const [answer] = this.sent;
    if (answer === undefined || toHex(answer) !== "c401c100091045584d30303030303030303030303031") {
      throw new Error(`answered ${answer === undefined ? "nothing" : toHex(answer)}`);
    }
  }
}

const accepted = fromHex("6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e5d04000007");
const name = { classId: 1, logicalName: logicalName("0-0:42.0.0*255"), attributeIndex: 2, selectiveAccess: undefined };

/**
 * An open association as cases use it: requests go out protected as declared, answers are opened and looked at.
 * It stands beside the client of cosem/association, so that a case can send anything, and that a fault of that client
 * does not hide one of the server.
 */
import {
  type Aare,
  type ActionResponseData,
  type AttributeDescriptor,
  actionResult,
  answerChallenge,
  apduTag,
  associationResult,
  authenticationMechanism,
  challengeFault,
  checkAnswer,
  type Data,
  decodeActionResponse,
  decodeInitiateResponse,
  decodeRlre,
  encodeActionRequest,
  encodeInitiateRequest,
  encodeRlrq,
  type GetDataResult,
  type HlsExchange,
  type InitiateResponse,
  isHlsMechanism,
  type KeyRing,
  logicalName,
  type MethodDescriptor,
  privateKeyFromScalar,
  publicKeyFromPoint,
  SymmetricKey,
  suiteAlgorithms,
  toHex,
  userDiagnostic,
} from "../../cosem/index.js";
import type { DeclaredAssociation, DeclaredSecurity } from "../declaration/declaration.js";
import type { DlmsConnection } from "../tcp-connection.js";
import type { RunCounters } from "./counters.js";
import {
  type AarqAnswer,
  isCiphered,
  type OpenChanges,
  proposedConformance,
  sendAarq,
  usesShortNames,
} from "./open.js";
import { mayComePlain, type OpenedApdu, type Protection, type ProtectionChange } from "./protection.js";
import { getAttributes, invokeMethods, setAttributes } from "./services.js";
import { AssociationRefused, Inapplicable, Misbehaviour } from "./verdict-errors.js";

export class Session {
  readonly connection: DlmsConnection;
  readonly association: DeclaredAssociation;
  readonly aare: Aare;
  readonly negotiated: InitiateResponse;
  readonly protection: Protection | undefined;
  /** Of GETs, SETs and ACTIONs made here. */
  invokeIdAndPriority = 0xc1;
  /** Octets of the longest APDU that came, as it came. */
  longestAnswer = 0;

  constructor(connection: DlmsConnection, association: DeclaredAssociation, answer: AarqAnswer) {
    if (answer.initiate === undefined) throw new Misbehaviour("an accepting AARE without initiate-response");
    this.connection = connection;
    this.association = association;
    this.aare = answer.aare;
    this.negotiated = answer.initiate;
    this.protection = isCiphered(association) ? answer.protection : undefined;
  }

  offers(bit: number): boolean {
    return (this.negotiated.negotiatedConformance & bit) !== 0;
  }

  /** @throws Inapplicable unless the bit was negotiated */
  require(bit: number, what: string): void {
    if (!this.offers(bit)) throw new Inapplicable(`${what} is not offered`);
  }

  /** The APDU as it goes over the wire. */
  protect(apdu: Uint8Array, change?: ProtectionChange): Uint8Array {
    return this.protection?.protect(apdu, change) ?? apdu;
  }

  unprotect(answer: Uint8Array): OpenedApdu {
    if (this.protection !== undefined) return this.protection.unprotect(answer);
    return { apdu: answer, protection: 0, style: "plain", counter: undefined };
  }

  /** @throws Misbehaviour where the answer is protected less than its request */
  async exchangeOpened(apdu: Uint8Array, change?: ProtectionChange): Promise<OpenedApdu> {
    const answer = await this.connection.exchange(this.protect(apdu, change));
    this.longestAnswer = Math.max(this.longestAnswer, answer.length);
    const opened = this.unprotect(answer);
    const asked = this.protection === undefined ? 0 : (change?.protection ?? this.protection.security.protection);
    if ((opened.protection & asked) !== asked && !mayComePlain(opened.apdu)) {
      throw new Misbehaviour(`an answer with less protection (${opened.protection}) than its request (${asked})`);
    }
    return opened;
  }

  /** @throws (rejects with) NoAnswer, Misbehaviour */
  async exchange(apdu: Uint8Array, change?: ProtectionChange): Promise<Uint8Array> {
    return (await this.exchangeOpened(apdu, change)).apdu;
  }

  async get(attribute: AttributeDescriptor): Promise<GetDataResult> {
    const [result] = await getAttributes(this, [attribute], false);
    if (result === undefined) throw new Misbehaviour("a GET without a result");
    return result;
  }

  getList(attributes: readonly AttributeDescriptor[]): Promise<readonly GetDataResult[]> {
    return getAttributes(this, attributes, true);
  }

  async set(attribute: AttributeDescriptor, value: Data): Promise<number> {
    const [result] = await setAttributes(this, [attribute], [value]);
    if (result === undefined) throw new Misbehaviour("a SET without a result");
    return result;
  }

  async invoke(method: MethodDescriptor, parameters?: Data): Promise<ActionResponseData> {
    const [response] = await invokeMethods(this, [method], [parameters]);
    if (response === undefined) throw new Misbehaviour("an ACTION without a result");
    return response;
  }

  /** RLRQ as this association has it: with a ciphered initiate where it is ciphered. */
  releaseRequest(change?: ProtectionChange): Uint8Array {
    const initiate = encodeInitiateRequest({
      dedicatedKey: undefined,
      responseAllowed: true,
      proposedQualityOfService: undefined,
      proposedDlmsVersionNumber: 6,
      proposedConformance: proposedConformance(this.association),
      clientMaxReceivePduSize: 1024,
    });
    const userInformation =
      this.protection === undefined ? undefined : this.protection.protect(initiate, { style: "glo", ...change });
    return encodeRlrq({ reason: 0, userInformation });
  }

  /** @throws Misbehaviour unless an RLRE comes, ciphered where the association is */
  async release(): Promise<void> {
    const answer = await this.connection.exchange(this.releaseRequest());
    if (answer[0] !== apduTag.rlre) throw new Misbehaviour(`RLRE expected, got ${toHex(answer.subarray(0, 16))}`);
    const { userInformation } = decodeRlre(answer);
    if (this.protection === undefined) {
      if (userInformation !== undefined) throw new Misbehaviour("user-information in an RLRE without ciphering");
      return;
    }
    if (userInformation === undefined) return;
    const opened = this.protection.unprotect(userInformation);
    if (opened.protection === 0)
      throw new Misbehaviour("a plain initiate-response in the RLRE of a ciphered association");
    decodeInitiateResponse(opened.apdu);
  }
}

/**
 * Opens an association, with pass 3 and 4 where its mechanism has them.
 * @throws (rejects with) AssociationRefused, Misbehaviour, NoAnswer
 */
export async function openSession(
  connection: DlmsConnection,
  association: DeclaredAssociation,
  counters: RunCounters,
  changes: OpenChanges = {},
): Promise<Session> {
  const { session, answer } = await startSession(connection, association, counters, changes);
  if (association.mechanism <= authenticationMechanism.low) return session;
  const verdict = await proveIdentity(session, answer, changes);
  if (verdict.result !== actionResult.success) {
    throw new AssociationRefused(`reply_to_HLS_authentication is answered with ${verdict.result}`);
  }
  return session;
}

export interface StartedSession {
  readonly session: Session;
  readonly answer: AarqAnswer;
}

/** As openSession(), but leaves out pass 3. */
export async function startSession(
  connection: DlmsConnection,
  association: DeclaredAssociation,
  counters: RunCounters,
  changes: OpenChanges = {},
): Promise<StartedSession> {
  const answer = await sendAarq(connection, association, counters, changes);
  const { aare, error } = answer;
  if (aare.result !== associationResult.accepted) {
    const { source, value } = aare.diagnostic;
    const initiateError = error === undefined ? "" : `, initiate error ${error.value}`;
    throw new AssociationRefused(
      `association rejected: result ${aare.result}, ${source} diagnostic ${value}${initiateError}`,
    );
  }
  return { session: new Session(connection, association, answer), answer };
}

const currentAssociationName = logicalName("0-0:40.0.0*255");

/** Pass 3, and the check of pass 4. @throws Misbehaviour where the server's answer to our challenge is wrong */
export async function proveIdentity(session: Session, answer: AarqAnswer, changes: OpenChanges = {}) {
  if (usesShortNames(session.association))
    throw new Inapplicable("high level authentication with short names is not run");
  const exchange = hlsExchange(session, answer);
  const own = answerChallenge(exchange);
  if (!own.ok) throw new Inapplicable(`the declared keys do not serve the mechanism: ${own.reason}`);
  const value = changes.alterAnswer?.(own.value) ?? own.value;
  const apdu = await session.exchange(
    encodeActionRequest({
      kind: "normal",
      invokeIdAndPriority: session.invokeIdAndPriority,
      method: { classId: 15, logicalName: currentAssociationName, methodIndex: 1 },
      parameters: { type: "octet-string", value },
    }),
  );
  if (apdu[0] !== apduTag.actionResponse) return { result: -1, answer: apdu };
  const response = decodeActionResponse(apdu);
  if (response.kind !== "normal") throw new Misbehaviour(`action-response ${response.kind} to pass 3`);
  const { result, returned } = response.response;
  if (result !== actionResult.success) return { result, answer: apdu };
  const proof = returned?.kind === "data" && returned.data.type === "octet-string" ? returned.data.value : undefined;
  if (proof === undefined) throw new Misbehaviour("pass 4 without an octet-string");
  const check = checkAnswer(exchange, proof);
  if (!check.ok) throw new Misbehaviour("the server's answer to the client's challenge is wrong");
  return { result, answer: apdu };
}

function hlsExchange(session: Session, answer: AarqAnswer): HlsExchange {
  const { association } = session;
  const { aare, challenge } = answer;
  const { mechanism } = association;
  if (!isHlsMechanism(mechanism)) throw new Inapplicable(`mechanism ${mechanism} cannot be run`);
  if (aare.diagnostic.value !== userDiagnostic.authenticationRequired) {
    throw new Misbehaviour(`diagnostic ${aare.diagnostic.value} where authentication-required (14) is due`);
  }
  const peerChallenge = aare.respondingAuthenticationValue;
  if (peerChallenge === undefined || challenge === undefined) throw new Misbehaviour("an AARE without challenge");
  const fault = challengeFault(challenge, peerChallenge);
  if (fault !== undefined) throw new Misbehaviour(`the server's challenge: ${fault}`);
  const protection = answer.protection;
  return {
    mechanism,
    secret: association.secret,
    keys: keyRing(association.security),
    counters: protection?.counters ?? noCounters,
    ownTitle: association.security?.clientTitle ?? new Uint8Array(0),
    peerTitle: protection?.serverTitle ?? new Uint8Array(0),
    ownChallenge: challenge,
    peerChallenge,
  };
}

const noCounters = { next: () => undefined, lastReceived: () => undefined, accept: () => undefined };

function keyRing(security: DeclaredSecurity | undefined): KeyRing {
  const suite = security?.suite ?? 0;
  const curve = suiteAlgorithms[suite].curve ?? "P-256";
  const symmetric = (key: Uint8Array | undefined) => (key === undefined ? undefined : new SymmetricKey(key));
  const own = (key: Uint8Array | undefined) => (key === undefined ? undefined : privateKeyFromScalar(curve, key));
  const peer = (key: Uint8Array | undefined) => (key === undefined ? undefined : publicKeyFromPoint(curve, key));
  return {
    suite,
    encryptionKey: (which) => symmetric(which === "broadcast" ? security?.broadcastKey : security?.encryptionKey),
    authenticationKey: symmetric(security?.authenticationKey),
    masterKey: symmetric(security?.masterKey),
    ownSigningKey: own(security?.clientSigningKey),
    peerSigningKey: peer(security?.serverSigningKey),
    ownAgreementKey: own(security?.clientAgreementKey),
    peerAgreementKey: peer(security?.serverAgreementKey),
  };
}

/** Opening an association at the client: AARQ, what the AARE says to it, and passes 3 and 4 of high level security. */
import { type Aare, associationResult, decodeAare, userDiagnostic } from "../apdu/aare.js";
import { encodeAarq } from "../apdu/aarq.js";
import { type ActionResponse, decodeActionResponse, encodeActionRequest } from "../apdu/action.js";
import { decodeConfirmedServiceError } from "../apdu/confirmed-service-error.js";
import { conformanceBit, proposedConformance, proposedShortNameConformance } from "../apdu/conformance.js";
import { decodeInitiateResponse, dlmsVersion, encodeInitiateRequest, type InitiateResponse } from "../apdu/initiate.js";
import {
  type ApplicationContext,
  type AuthenticationMechanism,
  applicationContext,
  applicationContextName,
  authenticationMechanism,
  authenticationMechanismName,
} from "../apdu/object-identifiers.js";
import { actionResult } from "../apdu/results.js";
import { apduTag } from "../apdu/tags.js";
import { logicalName } from "../model/logical-name.js";
import {
  answerChallenge,
  challengeFault,
  checkAnswer,
  type HlsExchange,
  isHlsMechanism,
  needsSystemTitle,
} from "../security/hls.js";
import { noKeys } from "../security/key-ring.js";
import type { RandomBytes } from "../security/random-bytes.js";
import type { Secret } from "../security/secret.js";
import { isSnContext } from "./aare-answers.js";
import type { AssociationRejection } from "./client-events.js";
import type { ClientProtection, ClientSecurity } from "./client-security.js";
import { decodeShortNamePassFour, encodeShortNamePassThree } from "./client-sn-hls.js";

export interface ClientOpeningOptions {
  /** Password of mechanism low, or the secret of MD5, SHA-1 and SHA-256. */
  readonly password?: Secret;
  /** Default: low with a password, else none. */
  readonly mechanism?: AuthenticationMechanism;
  /** Keys, title and protection; needed for ciphered contexts and for GMAC, SHA-256 and ECDSA. */
  readonly security?: ClientSecurity;
  /** Of the challenges of MD5 and SHA-1 where there is no `security`. */
  readonly random?: RandomBytes;
  /** 8 to 64 octets; default 16. */
  readonly challengeLength?: number;
  /** calling-AE-invocation-id: who of the client's users this is. */
  readonly userId?: number;
  /** Default: what this client can use. */
  readonly proposedConformance?: number;
  /** Longest APDU taken; default 65,535. */
  readonly maxReceivePduSize?: number;
  /** Default: logical names, ciphered where `security` asks for protection. */
  readonly applicationContext?: ApplicationContext;
  readonly proposedDlmsVersionNumber?: number;
}

/** What the AARE says. `prove` carries the APDU of pass 3, not yet protected. */
export type OpeningStep =
  | { readonly kind: "opened"; readonly negotiated: InitiateResponse }
  | { readonly kind: "prove"; readonly negotiated: InitiateResponse; readonly apdu: Uint8Array }
  | { readonly kind: "rejected"; readonly rejection: AssociationRejection };

/** The server could not prove that it knows the secret or the keys. */
export class ServerNotAuthentic extends Error {}

const currentAssociation = logicalName("0-0:40.0.0*255");
const replyToHls = { classId: 15, logicalName: currentAssociation, methodIndex: 1 } as const;
const defaultChallengeLength = 16;

export class ClientOpening {
  private readonly options: ClientOpeningOptions;
  private readonly protection: ClientProtection | undefined;
  private readonly mechanism: AuthenticationMechanism;
  private challenge: Uint8Array | undefined;
  private exchange: HlsExchange | undefined;

  constructor(options: ClientOpeningOptions, protection: ClientProtection | undefined) {
    this.options = options;
    this.protection = protection;
    this.mechanism =
      options.mechanism ??
      (options.password === undefined ? authenticationMechanism.none : authenticationMechanism.low);
  }

  get context(): ApplicationContext {
    const isCiphered = (this.options.security?.protection ?? 0) !== 0;
    return this.options.applicationContext ?? (isCiphered ? applicationContext.lnCiphered : applicationContext.ln);
  }

  private get isCiphered(): boolean {
    return this.context === applicationContext.lnCiphered || this.context === applicationContext.snCiphered;
  }

  /** InitiateRequest of AARQ and RLRQ, ciphered where the association is. */
  initiate(): Uint8Array {
    const { options } = this;
    const bytes = encodeInitiateRequest({
      dedicatedKey: this.isCiphered ? options.security?.dedicatedKey : undefined,
      responseAllowed: true,
      proposedQualityOfService: undefined,
      proposedDlmsVersionNumber: options.proposedDlmsVersionNumber ?? dlmsVersion,
      proposedConformance: options.proposedConformance ?? this.defaultConformance(),
      clientMaxReceivePduSize: options.maxReceivePduSize ?? 0xffff,
    });
    return this.isCiphered && this.protection !== undefined ? this.protection.closeInitiate(bytes) : bytes;
  }

  private defaultConformance(): number {
    const isGeneral = this.options.security?.style?.startsWith("general") === true;
    const own = isSnContext(this.context) ? proposedShortNameConformance : proposedConformance;
    return own | (isGeneral ? conformanceBit.generalProtection : 0);
  }

  aarq(): Uint8Array {
    const { options, mechanism } = this;
    const isAuthenticated = mechanism !== authenticationMechanism.none;
    this.challenge = isHlsMechanism(mechanism) ? this.newChallenge() : undefined;
    const hasTitle = this.isCiphered || needsSystemTitle(mechanism);
    return encodeAarq({
      hasProtocolVersion1: true,
      applicationContextName: applicationContextName(this.context),
      callingApTitle: hasTitle ? options.security?.ownTitle : undefined,
      callingAeQualifier: undefined,
      callingAeInvocationId: options.userId,
      requiresAuthentication: isAuthenticated,
      mechanismName: isAuthenticated ? authenticationMechanismName(mechanism) : undefined,
      callingAuthenticationValue: this.challenge ?? (isAuthenticated ? options.password?.reveal() : undefined),
      userInformation: this.initiate(),
    });
  }

  private newChallenge(): Uint8Array {
    const random = this.options.security?.random ?? this.options.random;
    if (random === undefined) throw new Error(`mechanism ${this.mechanism} wants a source of random octets`);
    return random(this.options.challengeLength ?? defaultChallengeLength);
  }

  /** @throws DecodeError, ProtectionFault, ServerNotAuthentic */
  take(apdu: Uint8Array): OpeningStep {
    const aare = decodeAare(apdu);
    this.protection?.learnTitle(aare.respondingApTitle);
    const information = aare.userInformation;
    if (aare.result !== associationResult.accepted || information === undefined) {
      return { kind: "rejected", rejection: this.rejectionOf(aare) };
    }
    const initiate = this.protection === undefined ? information : this.protection.openInitiate(information);
    const negotiated = decodeInitiateResponse(initiate);
    if (!isHlsMechanism(this.mechanism)) return { kind: "opened", negotiated };
    return { kind: "prove", negotiated, apdu: this.passThree(aare) };
  }

  private rejectionOf({
    result,
    diagnostic,
    applicationContextName: name,
    userInformation,
  }: Aare): AssociationRejection {
    const isError = userInformation?.[0] === apduTag.confirmedServiceError;
    const initiateError = isError ? decodeConfirmedServiceError(userInformation) : undefined;
    return { result, diagnostic, applicationContextName: name, initiateError };
  }

  private passThree(aare: Aare): Uint8Array {
    const { mechanism, challenge, options } = this;
    const peerChallenge = aare.respondingAuthenticationValue;
    if (!isHlsMechanism(mechanism) || challenge === undefined || peerChallenge === undefined) {
      throw new ServerNotAuthentic("the server accepts without the challenge that the mechanism wants");
    }
    const fault = challengeFault(challenge, peerChallenge);
    if (fault !== undefined) throw new ServerNotAuthentic(`the server's challenge cannot be used: ${fault}`);
    this.exchange = {
      mechanism,
      secret: options.password,
      keys: this.protection?.context.keys ?? noKeys,
      counters: options.security?.counters ?? noCounters,
      ownTitle: options.security?.ownTitle ?? noOctets,
      peerTitle: this.protection?.peerTitle ?? noOctets,
      ownChallenge: challenge,
      peerChallenge: new Uint8Array(peerChallenge),
    };
    const answer = answerChallenge(this.exchange);
    if (!answer.ok) throw new Error(`what mechanism ${mechanism} wants is missing: ${answer.reason}`);
    if (isSnContext(this.context)) return encodeShortNamePassThree(answer.value);
    const parameters = { type: "octet-string", value: answer.value } as const;
    return encodeActionRequest({ kind: "normal", invokeIdAndPriority: 0xc1, method: replyToHls, parameters });
  }

  /** Pass 4. @returns why the server does not let us in @throws ServerNotAuthentic */
  takePassFour(apdu: Uint8Array): AssociationRejection | undefined {
    const value = isSnContext(this.context) ? decodeShortNamePassFour(apdu) : passFourOf(decodeActionResponse(apdu));
    if (value === undefined) {
      return {
        result: associationResult.rejectedPermanent,
        diagnostic: { source: "user", value: userDiagnostic.authenticationFailure },
        applicationContextName: applicationContextName(this.context),
        initiateError: undefined,
      };
    }
    if (this.exchange === undefined || !checkAnswer(this.exchange, value).ok) {
      throw new ServerNotAuthentic("the server's answer to our challenge is wrong: it is not who it says");
    }
    return undefined;
  }
}

/** @returns undefined where the server refuses us */
function passFourOf(response: ActionResponse): Uint8Array | undefined {
  if (response.kind !== "normal") throw new ServerNotAuthentic("pass 4 is no ordinary ACTION response");
  const { result, returned } = response.response;
  if (result !== actionResult.success) return undefined;
  return returned?.kind === "data" && returned.data.type === "octet-string" ? returned.data.value : noOctets;
}

const noOctets = new Uint8Array(0);
const noCounters = { next: () => undefined, lastReceived: () => undefined, accept: () => undefined };

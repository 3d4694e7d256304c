/** Our client in the place of a recorded one: its set-up, what it is asked, and what it sends. */
import {
  type AuthenticationMechanism,
  apduTag,
  applicationContextOf,
  type ClientAssociation,
  type ClientAssociationOptions,
  type ClientEvent,
  createClientAssociation,
  createMemoryCounters,
  type Data,
  type DataBlock,
  decodeAarq,
  decodeAccessRequest,
  decodeActionRequest,
  decodeCipheredApdu,
  decodeData,
  decodeGetRequest,
  decodeInitiateRequest,
  decodeRlrq,
  decodeSetRequest,
  fromHex,
  type InvocationCounters,
  isProtectedTag,
  type ProtectionStyle,
  requestProtection,
  Secret,
  securityPolicyFromVersion0,
  toHex,
} from "../../cosem/index.js";
import { bytesOf, contextOf, type SecurityStep, type SecurityTranscript, sentApdu } from "./security-transcripts.js";

const mechanisms: Readonly<Record<string, AuthenticationMechanism>> = {
  none: 0,
  low: 1,
  "high-md5": 3,
  "high-sha1": 4,
  "high-gmac": 5,
  "high-sha256": 6,
  "high-ecdsa": 7,
};
const policies: Readonly<Record<string, number>> = { authentication: 1, encryption: 2, "authentication+encryption": 3 };

const isService = ({ direction, apdu }: SecurityStep) => direction === ">" && /^c[0-3]/.test(apdu);

function styleOf({ steps }: SecurityTranscript): ProtectionStyle {
  const services = steps.filter(isService).map((step) => sentApdu(step)[0] ?? 0);
  const last = services.at(-1) ?? 0;
  if (last === 0xdb) return "generalGlo";
  if (last === 0xdc) return "generalDed";
  if (last === 0xdf) return "generalSigning";
  return last >= 0xd0 && last <= 0xd7 ? "ded" : "glo";
}

/** The recorded client left counters out now and then: ours gets those that it used, in its order. */
function recordedCounters({ steps, parameters }: SecurityTranscript): InvocationCounters {
  const used: number[] = [];
  const take = (bytes: Uint8Array, at: number) => used.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(at));
  for (const step of steps.filter(({ direction }) => direction === ">")) {
    const sent = sentApdu(step);
    if (step.initiate !== undefined) {
      const { userInformation } = sent[0] === apduTag.aarq ? decodeAarq(sent) : decodeRlrq(sent);
      if (userInformation !== undefined) take(decodeCipheredApdu(userInformation).content, 1);
      continue;
    }
    const plain = fromHex(step.apdu);
    const isPassThree = step.apdu.startsWith("c301c1000f0000280000ff01") && parameters["auth"] === "high-gmac";
    // GMAC: security control, counter, tag as an octet-string of 17.
    if (isPassThree) take(plain, plain.length - 16);
    // Inside a signature: the one after the last.
    if (sent[0] === 0xdf) used.push((used.at(-1) ?? 0) + 1);
    else if (isProtectedTag(sent[0])) take(decodeCipheredApdu(sent).content, 1);
  }
  const next = () => used.shift();
  return { ...createMemoryCounters(), next };
}

/** What the recorded client was set up with: its keys, counters, challenge and proposals. */
function recordedClientOptions(transcript: SecurityTranscript): ClientAssociationOptions {
  const { parameters, steps } = transcript;
  const first = steps.find(({ apdu }) => apdu.startsWith("60"));
  if (first === undefined) throw new Error("no AARQ");
  const aarq = decodeAarq(recordedApdu(transcript, first));
  const initiate = decodeInitiateRequest(
    first.initiate === undefined ? (aarq.userInformation ?? new Uint8Array(0)) : fromHex(first.initiate),
  );
  const context = contextOf(transcript, "client", recordedCounters(transcript), (count) =>
    (bytesOf(transcript, "clientChallenge") ?? new Uint8Array(count)).slice(),
  );
  const policy = securityPolicyFromVersion0(policies[parameters["policy"] ?? ""] ?? 0);
  const style = styleOf(transcript);
  const password = bytesOf(transcript, "password");
  return {
    mechanism: mechanisms[parameters["auth"] ?? "none"] ?? 0,
    ...(password === undefined ? {} : { password: new Secret(password) }),
    proposedConformance: initiate.proposedConformance,
    maxReceivePduSize: initiate.clientMaxReceivePduSize,
    applicationContext: applicationContextOf(aarq.applicationContextName) === 3 ? 3 : 1,
    proposedDlmsVersionNumber: initiate.proposedDlmsVersionNumber,
    security: {
      ownTitle: context.ownTitle,
      keys: context.keys,
      counters: context.counters,
      random: context.random,
      protection: requestProtection(policy) | (style === "generalSigning" ? 0x10 : 0),
      style,
      ...(initiate.dedicatedKey === undefined ? {} : { dedicatedKey: initiate.dedicatedKey }),
    },
  };
}

/** Starts what the recorded client asked; undefined where the request belongs to one that runs. */
function start(
  client: ClientAssociation,
  apdu: Uint8Array,
  later: readonly SecurityStep[],
): readonly ClientEvent[] | undefined {
  switch (apdu[0]) {
    case apduTag.aarq:
      return client.open();
    case apduTag.rlrq:
      return client.release();
    case apduTag.getRequest: {
      const request = decodeGetRequest(apdu);
      if (request.kind === "next") return undefined;
      return client.get(request.kind === "normal" ? [request.attribute] : request.attributes);
    }
    case apduTag.setRequest: {
      const request = decodeSetRequest(apdu);
      if (request.kind === "normal") return client.set([request.attribute], [request.value]);
      if (request.kind === "withList") return client.set(request.attributes, request.values);
      if (request.kind === "withFirstDatablock")
        return client.set([request.attribute], [assembled(request.block, later)]);
      return undefined;
    }
    case apduTag.accessRequest:
      return client.access(decodeAccessRequest(apdu));
    case apduTag.actionRequest: {
      // Pass 3 is the client's own.
      if (client.state !== "open") return undefined;
      const request = decodeActionRequest(apdu);
      if (request.kind === "normal") return client.invoke([request.method], [request.parameters]);
      if (request.kind === "withFirstPblock") return client.invoke([request.method], [assembled(request.block, later)]);
      return undefined;
    }
    default:
      return undefined;
  }
}

/** The value that was sent in this block and those after it. */
function assembled(first: DataBlock, later: readonly SecurityStep[]): Data {
  const blocks = [first.rawData];
  for (const { apdu } of later.filter(({ direction }) => direction === ">")) {
    const request = apdu.startsWith("c103")
      ? decodeSetRequest(fromHex(apdu))
      : apdu.startsWith("c306") && decodeActionRequest(fromHex(apdu));
    if (request && (request.kind === "withDatablock" || request.kind === "withPblock")) {
      blocks.push(request.block.rawData);
    }
  }
  return decodeData(new Uint8Array(Buffer.concat(blocks)));
}

/** In HDLC the APDU that the frame completes, if any. */
export function recordedApdu({ transport }: SecurityTranscript, step: SecurityStep): Uint8Array {
  return transport === "hdlc" ? fromHex(step.apdu) : sentApdu(step);
}

/** Whole APDUs of one side, in order, in hex. */
export function recordedApdus(transcript: SecurityTranscript, direction: SecurityStep["direction"]): readonly string[] {
  const steps = transcript.steps.filter((step) => step.direction === direction);
  return steps.map((step) => toHex(recordedApdu(transcript, step))).filter((apdu) => apdu !== "");
}

/**
 * What our client sends and what comes of the answers. With `change`, which is handed each answer with its number, it
 * goes on to the first request that does not end, as the recorded one did.
 */
export function replayAtClient(
  transcript: SecurityTranscript,
  change?: (answer: Uint8Array, number: number) => Uint8Array,
) {
  const client = createClientAssociation(recordedClientOptions(transcript));
  const sent: string[] = [];
  const outcomes: string[] = [];
  const results: ClientEvent[] = [];
  const note = (events: readonly ClientEvent[]) => {
    for (const event of events) {
      if (event.kind === "send") sent.push(toHex(event.apdu));
      else {
        outcomes.push(event.kind === "failed" ? `failed: ${event.error.message}` : event.kind);
        results.push(event);
      }
    }
  };
  for (const [index, step] of transcript.steps.entries()) {
    const bytes = recordedApdu(transcript, step);
    if (bytes.length === 0) continue;
    const later = transcript.steps.slice(index + 1);
    if (change !== undefined && outcomes.some((outcome) => /^(failed|rejected|exception)/.test(outcome))) break;
    if (step.direction === "<") note(client.receive(change === undefined ? bytes : change(bytes, index)));
    else {
      const plain = step.initiate === undefined ? fromHex(step.apdu) : bytes;
      try {
        note(start(client, plain, later) ?? []);
      } catch (error) {
        const isIdle = error instanceof Error && /no association is open|another request/.test(error.message);
        if (change === undefined || !isIdle) throw error;
        break;
      }
    }
  }
  return { sent, outcomes, results };
}

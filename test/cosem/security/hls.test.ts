/** Passes 3 and 4 of every recorded association. */
import { describe, expect, it } from "vitest";
import {
  answerChallenge,
  challengeFault,
  checkAnswer,
  createMemoryCounters,
  fromHex,
  type HlsExchange,
  type HlsMechanism,
  hlsMechanism,
  Secret,
  toHex,
} from "../../../cosem/index.js";
import {
  bytesOf,
  contextOf,
  fixedCounter,
  type SecurityTranscript,
  type Side,
  securityTranscripts,
} from "../../support/security-transcripts.js";

const mechanisms: Readonly<Record<string, HlsMechanism>> = {
  "high-md5": hlsMechanism.md5,
  "high-sha1": hlsMechanism.sha1,
  "high-gmac": hlsMechanism.gmac,
  "high-sha256": hlsMechanism.sha256,
  "high-ecdsa": hlsMechanism.ecdsa,
};
const titledPass3 = "c301c1000f0000280000ff010109";
const pass4 = "c701c100010009";

interface RecordedPass {
  readonly transcript: SecurityTranscript;
  readonly side: Side;
  readonly value: Uint8Array;
}

/** f(challenge) of either side: an octet string behind the method or the result. */
function passes(transcript: SecurityTranscript): readonly RecordedPass[] {
  return transcript.steps.flatMap((step): RecordedPass[] => {
    const start = [titledPass3, pass4].find((prefix) => step.apdu.startsWith(prefix));
    if (start === undefined) return [];
    const side = start === pass4 ? "server" : "client";
    return [{ transcript, side, value: fromHex(step.apdu.slice(start.length + 2)) }];
  });
}

function exchangeOf(transcript: SecurityTranscript, side: Side, counters = createMemoryCounters()): HlsExchange {
  const peer = side === "client" ? "server" : "client";
  const { ownTitle, peerTitle, keys } = contextOf(transcript, side, counters);
  const password = bytesOf(transcript, "password");
  return {
    mechanism: mechanisms[String(transcript.parameters["auth"])] ?? hlsMechanism.md5,
    secret: password === undefined ? undefined : new Secret(password),
    keys,
    counters,
    ownTitle,
    peerTitle: peerTitle ?? new Uint8Array(0),
    ownChallenge: bytesOf(transcript, `${side}Challenge`) ?? new Uint8Array(0),
    peerChallenge: bytesOf(transcript, `${peer}Challenge`) ?? new Uint8Array(0),
  };
}

const recorded = ["acse-security", "ciphered", "java-client", "recorded-c"]
  .flatMap(securityTranscripts)
  .filter((transcript) => String(transcript.parameters["auth"]) in mechanisms)
  .flatMap(passes);
const isWrong = ({ transcript, side }: RecordedPass) =>
  transcript.name === "hls-sha256-wrong-secret" && side === "client";
const right = recorded.filter((pass) => !isWrong(pass));

describe("recorded passes", () => {
  it("are many, of each mechanism, of both sides", () => {
    expect(right.length).toBeGreaterThan(100);
    const seen = new Set(right.map(({ transcript, side }) => `${String(transcript.parameters["auth"])} ${side}`));
    expect([...seen].sort()).toEqual(
      Object.keys(mechanisms)
        .flatMap((name) => [`${name} client`, `${name} server`])
        .sort(),
    );
  });

  it.each(right.map((pass) => [pass.transcript.name, pass.side, pass] as const))(
    "%s, f sent by the %s: accepted, refused when changed, and made again",
    (_name, side, { transcript, value }) => {
      const receiver = exchangeOf(transcript, side === "client" ? "server" : "client");
      expect(checkAnswer(receiver, value)).toEqual({ ok: true });
      for (const index of [0, 1, value.length - 1]) {
        const changed = new Uint8Array(value);
        changed[index] = (changed[index] ?? 0) ^ 1;
        expect(checkAnswer(receiver, changed)).toEqual({ ok: false, reason: "wrongAnswer" });
      }
      expect(checkAnswer(receiver, value.subarray(1))).toEqual({ ok: false, reason: "wrongAnswer" });
      const counter = new DataView(value.buffer, value.byteOffset).getUint32(1);
      const sender = exchangeOf(transcript, side, fixedCounter(counter));
      const made = answerChallenge(sender);
      if (!made.ok) throw new Error(made.reason);
      if (sender.mechanism === hlsMechanism.ecdsa) expect(checkAnswer(receiver, made.value)).toEqual({ ok: true });
      else expect(toHex(made.value)).toBe(toHex(value));
    },
  );

  it("a value made with another secret is refused", () => {
    const wrong = recorded.find(isWrong);
    if (wrong === undefined) throw new Error("not recorded");
    const server = exchangeOf(wrong.transcript, "server");
    expect(checkAnswer(server, wrong.value)).toEqual({ ok: false, reason: "wrongAnswer" });
  });
});

/** The DLMS UA's Green Book, example of HLS with GMAC: both titles, both challenges, both values. */
describe("the Green Book's example of GMAC", () => {
  const transcript: SecurityTranscript = {
    name: "Green Book",
    transport: "none",
    parameters: {
      auth: "high-gmac",
      suite: 0,
      clientSystemTitle: "4d4d4d0000000001",
      serverSystemTitle: "4d4d4d0000bc614e",
      clientChallenge: "4b35366956616759",
      serverChallenge: "503677524a323146",
      blockCipherKey: "000102030405060708090a0b0c0d0e0f",
      authenticationKey: "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
    },
    steps: [],
  };
  it.each([
    ["client", 1, "10000000011a52fe7dd3e72748973c1e28"],
    ["server", 0x01234567, "1001234567fe1466afb3dbcd4f9389e2b7"],
  ] as const)("%s", (side, counter, value) => {
    const made = answerChallenge(exchangeOf(transcript, side, fixedCounter(counter)));
    expect(made.ok && toHex(made.value)).toBe(value);
  });
});

describe("without keys", () => {
  it.each([hlsMechanism.md5, hlsMechanism.sha256, hlsMechanism.gmac, hlsMechanism.ecdsa])(
    "mechanism %i",
    (mechanism) => {
      const exchange = { ...exchangeOf(exchangeNamed("aarq-hls-sha256"), "server"), secret: undefined, mechanism };
      expect(answerChallenge(exchange)).toEqual({ ok: false, reason: "unknownKey" });
      expect(checkAnswer(exchange, new Uint8Array(17))).toEqual({ ok: false, reason: "unknownKey" });
    },
  );

  it("GMAC refuses when the counter is used up", () => {
    const counters = createMemoryCounters(0xffffffff);
    const exchange = exchangeOf(exchangeNamed("aarq-hls-gmac-plain-context"), "server", counters);
    expect(answerChallenge(exchange)).toMatchObject({ ok: true });
    expect(answerChallenge(exchange)).toEqual({ ok: false, reason: "counterExhausted" });
  });
});

describe("challenges", () => {
  const octets = (length: number, fill = 1) => new Uint8Array(length).fill(fill);
  it("have 8 to 64 octets, and differ", () => {
    expect(challengeFault(octets(8), octets(64))).toBeUndefined();
    expect(challengeFault(octets(8), octets(8, 2))).toBeUndefined();
    expect(challengeFault(octets(8), octets(7))).toBe("badLength");
    expect(challengeFault(octets(65), octets(8))).toBe("badLength");
    expect(challengeFault(octets(16), octets(16))).toBe("equalChallenges");
  });
});

function exchangeNamed(name: string): SecurityTranscript {
  const found = securityTranscripts("acse-security").find((transcript) => transcript.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

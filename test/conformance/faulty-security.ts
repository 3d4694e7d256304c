/** Secured servers with one fault each. Suite 0 with GMAC and ciphering, but where `mechanism` says otherwise. */

import { sealText } from "../../conformance/session/ciphered-text.js";
import { decodeCipheredApdu, encodeCipheredApdu, fromHex, toHex } from "../../cosem/index.js";
import { acceptance, anyValue, endingWith, exception, holds, isAarq, isAction, isGet } from "./faulty-answers.js";
import type { Fault, Memory } from "./faulty-proxy.js";
import { serverTitle, symmetricKeys } from "./secured-client.js";

export interface SecurityFault extends Fault {
  /** Default: GMAC, ciphered. `sha256`: with high level authentication alone, in a plain context. */
  readonly mechanism?: "sha256";
}

const gloGet = 0xc8;
const dedGet = 0xd0;
const gloAction = 0xcb;

/** A glo- answer as only the server's keys make it, with a counter far ahead. */
let ahead = 0x4000_0000;
function sealed(tag: number, plain: Uint8Array): Uint8Array {
  const { unicast, authentication } = symmetricKeys(0);
  const keys = { encryptionKey: unicast, authenticationKey: authentication };
  ahead += 1;
  return encodeCipheredApdu(tag, undefined, sealText(plain, keys, serverTitle, 0x30, ahead));
}

const keyOf = (apdu: Uint8Array): string => toHex(apdu);

/** Answers every message that it has answered before with the same answer. */
function repeating(answer: Uint8Array, asked: Uint8Array, memory: Memory): Uint8Array {
  const before = memory.seen.get(keyOf(asked));
  if (before === undefined) memory.seen.set(keyOf(asked), answer);
  return before ?? answer;
}

/** Beyond one connection. */
const acceptances = new Map<string, Uint8Array>();

export const securityFaults: readonly SecurityFault[] = [
  {
    name: "answers a replayed message",
    caughtBy: "SYMSEC_0_FraCount_1",
    answer: repeating,
  },
  {
    name: "answers a replayed message in plain",
    caughtBy: "SYMSEC_0_FraCount_1",
    answer: (answer, asked, memory) => {
      const isReplay = memory.seen.has(keyOf(asked));
      memory.seen.set(keyOf(asked), answer);
      return isReplay ? anyValue : answer;
    },
  },
  {
    name: "accepts an AARQ with a used counter",
    caughtBy: "SYMSEC_0_FraCount_1_AARQ",
    answer: (answer, asked) => {
      if (!isAarq(asked)) return answer;
      if (holds(answer, "a203020100")) acceptances.set("newest", answer);
      return acceptances.get("newest") ?? answer;
    },
  },
  {
    name: "uses a counter twice",
    caughtBy: "SYMSEC_0_FraCount_3",
    answer: (answer, asked, memory) => {
      if (asked[0] !== gloGet) return answer;
      const first = memory.seen.get("first") ?? answer;
      memory.seen.set("first", first);
      return first;
    },
  },
  {
    name: "answers a plain GET where its policy asks for more (e8)",
    caughtBy: "SYMSEC_0_SecDataX_N1",
    answer: (answer, asked) => (isGet(asked) ? anyValue : answer),
  },
  {
    name: "does not look at authentication tags",
    caughtBy: "SYMSEC_0_SecDataX_N1",
    answer: (answer, asked) => (asked[0] === gloGet && answer[0] === 0xd8 ? sealed(0xcc, anyValue) : answer),
  },
  {
    name: "answers in plain what came ciphered",
    caughtBy: "SYMSEC_0_SecDataX_P1",
    answer: (answer, asked) => (asked[0] === gloGet ? anyValue : answer),
  },
  {
    name: "answers glo- in the general form (e9)",
    caughtBy: "NAIVE_9",
    answer: (answer, asked) =>
      asked[0] === gloGet && answer[0] === 0xcc
        ? encodeCipheredApdu(0xdb, serverTitle, decodeCipheredApdu(answer).content)
        : answer,
  },
  {
    name: "takes ded- without a dedicated key",
    caughtBy: "SYMSEC_0_DedKey_N1",
    answer: (answer, asked) => (asked[0] === dedGet ? anyValue : answer),
  },
  {
    name: "does not serve its dedicated key",
    caughtBy: "APPL_OPEN_9",
    answer: (answer, asked) => (asked[0] === dedGet ? exception : answer),
  },
  {
    name: "releases for an RLRQ in plain (e9)",
    caughtBy: "SYMSEC_0_REL_N1",
    instead: (apdu) => (apdu[0] === 0x62 ? fromHex("6303800100") : undefined),
  },
  {
    name: "remembers forged counters (e8)",
    caughtBy: "NAIVE_8",
    answer: (answer, asked, memory) => {
      if (asked[0] === gloGet && answer[0] === 0xd8) memory.isBroken = true;
      return memory.isBroken ? exception : answer;
    },
  },
  {
    name: "keeps its title to itself",
    caughtBy: "SYMSEC_0_BasicCap_1",
    answer: (answer) => {
      const text = toHex(answer);
      const title = `a40a0408${toHex(serverTitle)}`;
      if (answer[0] !== 0x61 || !text.includes(title)) return answer;
      const shorter = fromHex(text.replace(title, ""));
      return Uint8Array.from(shorter, (byte, at) => (at === 1 ? byte - 12 : byte));
    },
  },
  {
    name: "accepts a client without title",
    caughtBy: "APPL_OPEN_6",
    answer: (answer, asked) =>
      isAarq(asked) && !holds(asked, "a60a0408") && holds(asked, "60857405080103") ? acceptance : answer,
  },
  {
    name: "takes keys that were wrapped wrongly",
    caughtBy: "SYMSEC_0_Key_Tx_N2",
    answer: (answer, asked) =>
      asked[0] === gloAction && !isPass3(answer) ? sealed(0xcf, fromHex("c701c10000")) : answer,
  },
  {
    name: "takes key ids that are not defined",
    caughtBy: "SYMSEC_0_Key_Tx_N1",
    answer: (answer, asked) =>
      asked[0] === gloAction && !isPass3(answer) ? sealed(0xcf, fromHex("c701c10000")) : answer,
  },
  {
    name: "refuses keys that were wrapped rightly",
    caughtBy: "SYMSEC_0_Key_Tx_P1",
    instead: (apdu) => (apdu[0] === gloAction && apdu.length > 60 ? sealed(0xcf, fromHex("c701c10300")) : undefined),
  },
  {
    name: "lets its policy be weakened",
    caughtBy: "SYMSEC_0_SecPol_2",
    answer: (answer, asked) =>
      asked[0] === gloAction && !isPass3(answer) ? sealed(0xcf, fromHex("c701c10000")) : answer,
  },
  {
    name: "refuses the policy that it has",
    caughtBy: "SYMSEC_0_SecPol_1",
    answer: (answer, asked) =>
      asked[0] === gloAction && !isPass3(answer) ? sealed(0xcf, fromHex("c701c10300")) : answer,
  },
  {
    name: "accepts every answer to its challenge (e7)",
    mechanism: "sha256",
    caughtBy: "APPL_OPEN_3",
    answer: (answer, asked) =>
      isAction(asked) && answer[3] !== 0 ? fromHex(`c701c1000100 0920${"00".repeat(32)}`.replace(" ", "")) : answer,
  },
  {
    name: "answers the client's challenge wrongly",
    mechanism: "sha256",
    caughtBy: "APPL_OPEN_3",
    answer: (answer, asked) => (isAction(asked) ? endingWith(answer, [0, 0, 0, 0]) : answer),
  },
  {
    name: "does not say that authentication goes on (e7)",
    mechanism: "sha256",
    caughtBy: "APPL_OPEN_3",
    answer: (answer) =>
      answer[0] === 0x61 ? fromHex(toHex(answer).replace("a305a10302010e", "a305a103020100")) : answer,
  },
  {
    name: "gives data before pass 3 (e7)",
    mechanism: "sha256",
    caughtBy: "NAIVE_7",
    answer: (answer, asked) => (isGet(asked) ? anyValue : answer),
  },
  {
    name: "takes the client's challenge for its own",
    mechanism: "sha256",
    caughtBy: "APPL_OPEN_3",
    answer: (answer, asked) => (isAarq(asked) ? withChallengeOf(answer, asked) : answer),
  },
];

/** Pass 4 carries a proof, and is longer than a bare result. */
const isPass3 = (answer: Uint8Array): boolean => answer.length > 40;

/** The challenge of an AARQ and of an AARE stands behind 80 10. */
function withChallengeOf(aare: Uint8Array, aarq: Uint8Array): Uint8Array {
  const challenge = /ac128010([0-9a-f]{32})/.exec(toHex(aarq))?.[1] ?? "";
  return fromHex(toHex(aare).replace(/aa128010[0-9a-f]{32}/, `aa128010${challenge}`));
}

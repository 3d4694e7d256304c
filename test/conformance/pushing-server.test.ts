/** Notifications: our server behind a proxy that has a push setup, and pushes well or wrongly. */
import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { sealText } from "../../conformance/session/ciphered-text.js";
import { encodeCipheredApdu, encodeWrapperFrame, fromHex } from "../../cosem/index.js";
import { isAction } from "./faulty-answers.js";
import { startFaulty } from "./faulty-proxy.js";
import { startOurServer } from "./our-server.js";
import { securedClient, serverTitle, symmetricKeys } from "./secured-client.js";

const pushSetup = "0004190900ff";
/** push_object_list: the push setup's own name, and a register's value. */
const objectList = fromHex(
  `c401c1000102020412002809 06${pushSetup} 0f01120000 0204120003 0906080001 0000ff0f02120000`.replaceAll(" ", ""),
);
/** long-invoke-id 1, no date-time, structure of the name and 103000. */
const good = `0f00000001 00 0202 0906${pushSetup} 0600019258`;

interface Sender {
  readonly about: string;
  /** Of plain bytes, hex with blanks. */
  readonly notification: string;
  readonly sourceSap?: number;
  readonly caughtBy?: string;
}

const senders: readonly Sender[] = [
  { about: "a good notification", notification: good },
  { about: "a good one with time", notification: good.replace(" 00 ", " 0c07ea0b16070b000000ffc400 ") },
  { about: "no length before the time", notification: good.replace(" 00 ", " "), caughtBy: "PUSH_1" },
  { about: "a stray byte", notification: `${good}00`, caughtBy: "PUSH_1" },
  { about: "an element too few", notification: `0f00000001 00 0201 0906${pushSetup}`, caughtBy: "PUSH_1" },
  { about: "another setup's name", notification: good.replace(pushSetup, "0008190900ff"), caughtBy: "PUSH_1" },
  { about: "another APDU", notification: "c401c1000600000001", caughtBy: "PUSH_1" },
  { about: "reserved bits of the id", notification: good.replace("0f00000001", "0f0f000001"), caughtBy: "NAIVE_13" },
  { about: "a time of five bytes", notification: good.replace(" 00 ", " 0507ea0b1607 "), caughtBy: "NAIVE_13" },
  { about: "another device's SAP", notification: good, sourceSap: 9, caughtBy: "NAIVE_13" },
  { about: "nothing at all", notification: "", caughtBy: "PUSH_1" },
];

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function send(port: number, apdu: Uint8Array, sourceWPort: number): void {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => socket.destroy());
  socket.end(encodeWrapperFrame({ sourceWPort, destinationWPort: 16, apdu }));
}

describe("notifications", () => {
  it.each(senders)("$about", async ({ notification, sourceSap = 1, caughtBy }) => {
    const listenPort = await freePort();
    const ours = await startOurServer();
    const proxy = await startFaulty(ours.port, {
      instead: (apdu) => {
        const text = Buffer.from(apdu).toString("hex");
        if (!text.includes(pushSetup)) return undefined;
        if (!isAction(apdu)) return objectList;
        if (notification !== "") send(listenPort, fromHex(notification.replaceAll(" ", "")), sourceSap);
        return fromHex("c701c10000");
      },
    });
    try {
      const declaration = resolveDeclaration({
        connection: { host: "127.0.0.1", port: proxy.port },
        associations: [{ clientSap: 16 }],
        extras: {
          push: {
            listenHost: "127.0.0.1",
            listenPort,
            pushSetup: "0-4:25.9.0",
            clientSap: 16,
            timeoutSeconds: notification === "" ? 0.3 : 5,
          },
        },
      });
      const results = await runConformance({ declaration, only: ["PUSH_1", "NAIVE_13"] }, () => undefined);
      const failed = results.filter(({ verdict }) => verdict === "fail").map((result) => result.case.name);
      if (caughtBy === undefined)
        expect(results.map(formatResult).filter((text) => !text.startsWith("pass"))).toEqual([]);
      else expect(failed).toContain(caughtBy);
    } finally {
      await proxy.stop();
      await ours.stop();
    }
  });

  it.each([
    { about: "protected", isProtected: true, verdict: "pass" },
    { about: "in plain, where protection is declared", isProtected: false, verdict: "fail" },
  ])("$about", async ({ isProtected, verdict }) => {
    const listenPort = await freePort();
    const secured = securedClient({ suite: 0, mechanism: "gmac" });
    const ours = await startOurServer({ secured });
    const { unicast, authentication } = symmetricKeys(0);
    const keys = { encryptionKey: unicast, authenticationKey: authentication };
    const plain = fromHex(good.replaceAll(" ", ""));
    const proxy = await startFaulty(ours.port, {
      // The first ACTION is pass 3, and goes through.
      instead: (apdu, memory) => {
        if (apdu[0] !== 0xcb) return undefined;
        if (!memory.seen.has("pass3")) {
          memory.seen.set("pass3", apdu);
          return undefined;
        }
        const content = sealText(plain, keys, serverTitle, 0x30, 2000);
        send(listenPort, isProtected ? encodeCipheredApdu(0xdb, serverTitle, content) : plain, 1);
        return encodeCipheredApdu(0xcf, undefined, sealText(fromHex("c701c10000"), keys, serverTitle, 0x30, 1000));
      },
    });
    try {
      const declaration = resolveDeclaration({
        connection: { host: "127.0.0.1", port: proxy.port },
        associations: [secured.declared],
        extras: {
          push: { listenHost: "127.0.0.1", listenPort, pushSetup: "0-4:25.9.0", protected: true, timeoutSeconds: 5 },
        },
      });
      const [result] = await runConformance({ declaration, only: ["PUSH_2"] }, () => undefined);
      expect(result?.verdict, result?.reason).toBe(verdict);
    } finally {
      await proxy.stop();
      await ours.stop();
    }
  });
});

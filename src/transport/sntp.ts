/**
 * A client of SNTP, the simple use of NTP version 4 over UDP: one question, one answer, the difference of both clocks.
 * RFC 4330 (checks of clause 5), packet of RFC 5905.
 */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Clock } from "../ports/index.js";
import { TransportError } from "./transport-error.js";

export interface SntpServer {
  readonly host: string;
  readonly port: number;
}

export interface SntpAnswer {
  /** To be added to our time to have the server's, in milliseconds. */
  readonly offsetMs: number;
  /** How long question and answer were on the way. */
  readonly roundTripMs: number;
  /** Hops to the reference clock, 1 to 15. */
  readonly stratum: number;
}

const packetBytes = 48;
const modeClient = 3;
const modeServer = 4;
const version = 4;
/** Leap indicator of a server that has no time itself. */
const notSynchronized = 3;
/** Seconds from 1900, where NTP's era 0 begins, to 1970. */
const ntpToUnixSeconds = 2_208_988_800;
const eraSeconds = 2 ** 32;

/** The question: all zero but version, mode and a random transmit timestamp that the answer must repeat. */
export function encodeSntpRequest(nonce: Uint8Array): Uint8Array {
  const packet = new Uint8Array(packetBytes);
  packet[0] = (version << 3) | modeClient;
  packet.set(nonce.subarray(0, 8), 40);
  return packet;
}

/**
 * @param sentAtMs, receivedAtMs  of our clock, milliseconds since 1970 UTC
 * @returns words where the answer is not to be trusted
 */
export function readSntpAnswer(
  packet: Uint8Array,
  nonce: Uint8Array,
  sentAtMs: number,
  receivedAtMs: number,
): SntpAnswer | string {
  if (packet.length < packetBytes) return "the answer is too short";
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const first = view.getUint8(0);
  const stratum = view.getUint8(1);
  if ((first & 7) !== modeServer) return "the answer is not a server's";
  if (nonce.subarray(0, 8).some((byte, index) => byte !== packet[24 + index]))
    return "the answer is to another question";
  if (stratum === 0) {
    const code = new TextDecoder("latin1").decode(packet.subarray(12, 16)).replace(/[^A-Z]/g, "");
    return `the server refuses (${code})`;
  }
  if (first >> 6 === notSynchronized || stratum > 15) return "the server has no time itself";
  const receivedThere = timestampMs(view, 32, receivedAtMs);
  const sentThere = timestampMs(view, 40, receivedAtMs);
  if (receivedThere === undefined || sentThere === undefined) return "the server has no time itself";
  const offsetMs = (receivedThere - sentAtMs + (sentThere - receivedAtMs)) / 2;
  const roundTripMs = Math.max(0, receivedAtMs - sentAtMs - (sentThere - receivedThere));
  return { offsetMs, roundTripMs, stratum };
}

/** Of the era, 136 years long, that begins in 1968 and not before: our own clock may be anywhere (RFC 4330, clause 3). */
function timestampMs(view: DataView, offset: number, _nowMs: number): number | undefined {
  const seconds = view.getUint32(offset);
  const fraction = view.getUint32(offset + 4);
  if (seconds === 0 && fraction === 0) return undefined;
  const era = seconds >= 0x8000_0000 ? 0 : 1;
  return (seconds + era * eraSeconds - ntpToUnixSeconds) * 1000 + (fraction / eraSeconds) * 1000;
}

/**
 * Asks one server once.
 * @param clock  the offset is to its now(); the way is measured with its monotonic()
 * @throws TransportError with cause and next step
 */
export function askSntp(
  server: SntpServer,
  options: { readonly clock: Clock; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<SntpAnswer> {
  const { host, port } = server;
  const { clock, timeoutMs, signal } = options;
  const where = `time server ${host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    const nonce = randomBytes(8);
    let sentAtMs = 0;
    let sentAt = 0;
    const end = (outcome: SntpAnswer | TransportError) => {
      cancel();
      signal?.removeEventListener("abort", stopped);
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      socket.close();
      if (outcome instanceof TransportError) reject(outcome);
      else resolve(outcome);
    };
    const stopped = () => end(new TransportError("closed", `${where}: stopped`));
    const cancel = clock.after(timeoutMs, () =>
      end(
        new TransportError(
          "timeout",
          `${where} does not answer within ${timeoutMs / 1000} s; check address and firewall`,
        ),
      ),
    );
    signal?.addEventListener("abort", stopped, { once: true });
    socket.once("error", (error) => end(new TransportError("unreachable", `${where}: ${error.message}`)));
    socket.on("message", (packet) => {
      const answer = readSntpAnswer(packet, nonce, sentAtMs, sentAtMs + (clock.monotonic() - sentAt));
      // Somebody else's packet does not end the waiting; a server's word does.
      if (answer === "the answer is to another question") return;
      end(typeof answer === "string" ? new TransportError("refused", `${where}: ${answer}`) : answer);
    });
    socket.connect(port, host, () => {
      sentAtMs = clock.now();
      sentAt = clock.monotonic();
      socket.send(encodeSntpRequest(nonce));
    });
  });
}

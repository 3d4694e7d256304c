/** HDLC servers with one fault each: ours behind a proxy of frames. */
import { connect, createServer, type Socket } from "node:net";
import { makeFrame } from "../../conformance/cases/hdlc-frames.js";
import { createHdlcDecoder, encodeHdlcFrame, type HdlcFrame } from "../../cosem/index.js";
import type { FaultyServer } from "./faulty-proxy.js";

export interface LinkFault {
  readonly name: string;
  readonly caughtBy: string;
  /** Bytes of the client, as the server behind gets them. */
  request?(bytes: Uint8Array): Uint8Array;
  /** A frame without asking the server behind; undefined: ask it. */
  instead?(bytes: Uint8Array): Uint8Array | undefined;
  /** A frame of the server as the client gets it; undefined: it gets none. */
  answer?(frame: HdlcFrame): HdlcFrame | undefined;
}

export async function startFaultyLink(port: number, fault: Partial<LinkFault>): Promise<FaultyServer> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect({ host: "127.0.0.1", port, noDelay: true });
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    client.on("close", () => behind.destroy());
    behind.on("close", () => client.destroySoon());
    const decoder = createHdlcDecoder();
    client.on("data", (bytes) => {
      const instead = fault.instead?.(bytes);
      if (instead !== undefined) client.write(instead);
      else behind.write(fault.request?.(bytes) ?? bytes);
    });
    behind.on("data", (chunk) => {
      for (const one of decoder.push(chunk)) {
        if (one.kind !== "frame") continue;
        const frame = fault.answer === undefined ? one.frame : fault.answer(one.frame);
        if (frame !== undefined) client.write(encodeHdlcFrame(frame));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

// Server addresses of one octet: destination at 3, source at 4, control at 5, HCS at 6, information at 8.
const destination = Uint8Array.of(0x03);
const controlAt = 5;
const isOneFrame = (bytes: Uint8Array): boolean => bytes[0] === 0x7e && bytes.at(-1) === 0x7e && bytes.length > 8;

/** The frame made anew, with right check sequences and what is changed. */
function remade(bytes: Uint8Array, changes: Partial<Parameters<typeof makeFrame>[0]> = {}): Uint8Array {
  if (!isOneFrame(bytes)) return bytes;
  const source = Uint8Array.of(bytes[4] ?? 0);
  const information = bytes.subarray(8, -3);
  return makeFrame({ destination, source, control: bytes[controlAt] ?? 0, information, ...changes });
}

const controlOf = (bytes: Uint8Array): number => bytes[controlAt] ?? 0;
const answerTo = (bytes: Uint8Array, control: number): Uint8Array =>
  makeFrame({ destination: Uint8Array.of(bytes[4] ?? 0), source: destination, control });

export const linkFaults: readonly LinkFault[] = [
  {
    name: "does not answer DISC without a link",
    caughtBy: "HDLC_FRAME_P1",
    answer: (frame) => (frame.control.kind === "DM" ? undefined : frame),
  },
  {
    name: "does not look at header check sequences",
    caughtBy: "HDLC_FRAME_N7",
    request: (bytes) => remade(bytes),
  },
  {
    name: "does not look at frame check sequences",
    caughtBy: "HDLC_FRAME_N8",
    request: (bytes) => remade(bytes),
  },
  {
    name: "takes frames without flags",
    caughtBy: "HDLC_FRAME_N1",
    request: (bytes) => (bytes[0] === 0x7e ? bytes : Buffer.concat([Uint8Array.of(0x7e), bytes])),
  },
  {
    name: "takes every format type",
    caughtBy: "HDLC_FRAME_N3",
    request: (bytes) =>
      bytes[0] === 0x7e && (bytes[1] ?? 0) >> 4 !== 0xa ? remade(bytes, { information: new Uint8Array(0) }) : bytes,
  },
  {
    name: "acknowledges control fields that are not defined",
    caughtBy: "HDLC_FRAME_N5",
    instead: (bytes) => (controlOf(bytes) === 0x19 ? answerTo(bytes, 0x11) : undefined),
  },
  {
    name: "answers from another address",
    caughtBy: "HDLC_ADDRESS_P1",
    answer: (frame) => ({ ...frame, source: { ...frame.source, upper: 2 } }),
  },
  {
    name: "answers for devices that are not there",
    caughtBy: "HDLC_ADDRESS_N4",
    request: (bytes) =>
      bytes[3] === 0x03 || !isOneFrame(bytes) ? bytes : remade(bytes, { information: new Uint8Array(0) }),
  },
  {
    name: "takes no notice of the client's information field",
    caughtBy: "HDLC_NDM2NRM_P1",
    request: (bytes) =>
      controlOf(bytes) === 0x93 && isOneFrame(bytes) ? remade(bytes, { information: new Uint8Array(0) }) : bytes,
  },
  {
    name: "serves frames out of turn",
    caughtBy: "HDLC_INFO_N3",
    request: (bytes) => (controlOf(bytes) === 0x14 ? remade(bytes, { control: 0x10 }) : bytes),
  },
  {
    name: "serves frames that acknowledge what was never sent",
    caughtBy: "HDLC_INFO_N2",
    request: (bytes) => (controlOf(bytes) === 0x70 ? remade(bytes, { control: 0x10 }) : bytes),
  },
  {
    name: "serves without a link",
    caughtBy: "HDLC_NDMOP_N1",
    instead: (bytes) => (controlOf(bytes) === 0x10 ? answerTo(bytes, 0x30) : undefined),
  },
];

/** A TCP server that gives the answers of the recorded C server: by request, whatever the order; all else is undefined. */
import { createServer, type Socket } from "node:net";
import { createWrapperDecoder, encodeWrapperFrame, fromHex, toHex } from "../../cosem/index.js";
import { recordedApdus } from "./client-replay.js";
import { securityTranscripts } from "./security-transcripts.js";

const objectUndefined = "c401c10104";

export interface RecordedServer {
  readonly port: number;
  /** APDUs of the client, in hex. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

/** @param silentTo  start of a request, in hex, that is never answered */
export async function startRecordedServer(names: readonly string[], silentTo?: string): Promise<RecordedServer> {
  const exchanges = securityTranscripts("recorded-c").filter(({ name }) => names.includes(name));
  const answers = new Map<string, string>();
  for (const exchange of exchanges) {
    const requests = recordedApdus(exchange, ">");
    const responses = recordedApdus(exchange, "<");
    // Which services are proposed is each client's own: an AARQ is known by its tag.
    for (const [index, request] of requests.entries()) {
      answers.set(request.startsWith("60") ? "60" : request, responses[index] ?? "");
    }
  }
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const decoder = createWrapperDecoder(0xffff);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      for (const { apdu: bytes, sourceWPort, destinationWPort } of decoder.push(chunk)) {
        const apdu = toHex(bytes);
        received.push(apdu);
        if (silentTo !== undefined && apdu.startsWith(silentTo)) continue;
        const answer = answers.get(apdu.startsWith("60") ? "60" : apdu) ?? objectUndefined;
        const ports = { sourceWPort: destinationWPort, destinationWPort: sourceWPort };
        socket.write(encodeWrapperFrame({ ...ports, apdu: fromHex(answer) }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    received,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

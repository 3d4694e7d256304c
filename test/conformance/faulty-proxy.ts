/** A server with one fault: ours behind a proxy that changes what goes in, or what comes out. */
import { connect, createServer, type Socket } from "node:net";
import { createWrapperDecoder, encodeWrapperFrame, type WrapperFrame } from "../../cosem/index.js";

/** What one connection remembers for its fault. */
export interface Memory {
  readonly seen: Map<string, Uint8Array>;
  isAssociated: boolean;
  isBroken: boolean;
}

export interface Fault {
  /** What such a server does. */
  readonly name: string;
  /** Name of the case that has to catch it. */
  readonly caughtBy: string;
  /** The request as the server behind gets it. */
  request?(apdu: Uint8Array, memory: Memory): Uint8Array;
  /** The answer without asking the server behind; undefined: ask it. */
  instead?(apdu: Uint8Array, memory: Memory): Uint8Array | undefined;
  /** The answer as the client gets it. */
  answer?(apdu: Uint8Array, asked: Uint8Array, memory: Memory): Uint8Array;
  /** Client SAP under which the server behind is asked. */
  clientSap?(sap: number): number;
  /** The frame as the client gets it. */
  frame?(bytes: Uint8Array): Uint8Array;
  /** What of a chunk is taken. */
  chunk?(bytes: Uint8Array): Uint8Array;
}

export interface FaultyServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Listens on a free port in front of the server on `port`. */
export async function startFaulty(port: number, fault: Partial<Fault>): Promise<FaultyServer> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect({ host: "127.0.0.1", port, noDelay: true });
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    client.on("close", () => behind.destroy());
    behind.on("close", () => client.destroySoon());
    relay(client, behind, fault);
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

function relay(client: Socket, behind: Socket, fault: Partial<Fault>): void {
  const memory: Memory = { seen: new Map(), isAssociated: false, isBroken: false };
  const asked: { readonly apdu: Uint8Array; readonly clientSap: number }[] = [];
  const incoming = createWrapperDecoder(0xffff);
  const outgoing = createWrapperDecoder(0xffff);

  function reply(frame: WrapperFrame, apdu: Uint8Array): void {
    const bytes = encodeWrapperFrame({ ...frame, apdu });
    client.write(fault.frame?.(bytes) ?? bytes);
  }

  function take(frame: WrapperFrame): void {
    const apdu = new Uint8Array(frame.apdu);
    const instead = fault.instead?.(apdu, memory);
    if (instead !== undefined) {
      reply({ ...frame, sourceWPort: frame.destinationWPort, destinationWPort: frame.sourceWPort }, instead);
      return;
    }
    asked.push({ apdu, clientSap: frame.sourceWPort });
    const sourceWPort = fault.clientSap?.(frame.sourceWPort) ?? frame.sourceWPort;
    behind.write(encodeWrapperFrame({ ...frame, sourceWPort, apdu: fault.request?.(apdu, memory) ?? apdu }));
  }

  client.on("data", (chunk) => {
    try {
      for (const frame of incoming.push(fault.chunk?.(chunk) ?? chunk)) take(frame);
    } catch {
      client.destroySoon();
    }
  });
  behind.on("data", (chunk) => {
    for (const frame of outgoing.push(chunk)) {
      const request = asked.shift();
      if (request === undefined) continue;
      const apdu = new Uint8Array(frame.apdu);
      const changed = fault.answer?.(apdu, request.apdu, memory) ?? apdu;
      if (request.apdu[0] === 0x60 && apdu[0] === 0x61) memory.isAssociated = true;
      reply({ ...frame, destinationWPort: request.clientSap }, changed);
    }
  });
}

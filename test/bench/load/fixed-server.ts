/**
 * The bare reference: a Node TCP server that answers every `requestLength` bytes with the same bytes.
 * Argument: `{"requestLength": n, "responseHex": "…"}`; sends `{port}`.
 */
import { type AddressInfo, createServer } from "node:net";
import { argumentOf, serve } from "./process.js";

const { requestLength, responseHex } = argumentOf<{ requestLength: number; responseHex: string }>();
const response = Buffer.from(responseHex, "hex");

const server = createServer({ noDelay: true }, (socket) => {
  let received = 0;
  socket.on("data", (chunk) => {
    received += chunk.length;
    const answers = Math.floor(received / requestLength);
    received -= answers * requestLength;
    if (answers === 1) socket.write(response);
    else if (answers > 1) socket.write(Buffer.concat(Array.from({ length: answers }, () => response)));
  });
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => serve({ port: (server.address() as AddressInfo).port }));

/**
 * The bare reference: a Node TCP server that answers every `requestLength` bytes with the same bytes.
 * Started by fork(); argument: `{"requestLength": n, "responseHex": "…"}`; sends its port, then CPU time when asked.
 */
import { createServer } from "node:net";
import { serveCpuTime } from "./process.js";

const { requestLength, responseHex } = JSON.parse(process.argv[2] ?? "{}") as {
  requestLength: number;
  responseHex: string;
};
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
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
serveCpuTime();

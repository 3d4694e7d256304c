/**
 * Reads a whole profile in blocks, looking only at the block headers. Message: ProfileRequest; answers ProfileAnswer.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { createWrapperDecoder, decodeGetResponse, encodeGetRequest, encodeWrapperFrame } from "../../../cosem/index.js";
import type { ProfileRequest } from "./profile-server.js";

export interface ProfileAnswer {
  readonly seconds: number;
  readonly bytes: number;
  readonly blocks: number;
}

async function read({ port, aarq, get, ports }: ProfileRequest): Promise<ProfileAnswer> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  socket.write(Buffer.from(aarq, "hex"));
  await once(socket, "data");
  const decoder = createWrapperDecoder(0xffff);
  let bytes = 0;
  let blocks = 0;
  const started = performance.now();
  await new Promise<void>((resolve, reject) => {
    socket.on("data", (chunk) => {
      for (const { apdu } of decoder.push(chunk)) {
        const response = decodeGetResponse(apdu);
        if (response.kind !== "withDatablock") return reject(new Error(`${response.kind} where a block was awaited`));
        const { block } = response;
        bytes += block.rawData.length;
        blocks += 1;
        if (block.lastBlock) return resolve();
        const next = encodeGetRequest({ kind: "next", invokeIdAndPriority: 0xc1, blockNumber: block.blockNumber });
        socket.write(encodeWrapperFrame({ ...ports, apdu: next }));
      }
    });
    socket.write(Buffer.from(get, "hex"));
  });
  const seconds = (performance.now() - started) / 1000;
  socket.destroy();
  return { seconds, bytes, blocks };
}

process.on("message", (request: ProfileRequest) => {
  void read(request).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit(0));

import type { Socket } from "node:net";
import { wrapperHeaderLength, wrapperVersion } from "../../../cosem/index.js";

const capacity = 65_536 + wrapperHeaderLength;

/**
 * Where all answers of one turn are put together: one write a turn and connection, and the memory is used again as
 * soon as the operating system has taken it. Shared by the connections of a view.
 */
export interface Output {
  /** Bytes collected and not yet written. */
  readonly length: number;
  /** Adds one wrapper frame; first writes what is another connection's, or would not fit. */
  addFrame(socket: Socket, sourceWPort: number, destinationWPort: number, apdu: Uint8Array): void;
  /** Writes what was collected for this connection. @returns false where the peer should read first */
  flush(socket: Socket): boolean;
}

export function createOutput(): Output {
  let buffer = Buffer.allocUnsafeSlow(capacity);
  let length = 0;
  /** Whose bytes are collected. */
  let owner: Socket | undefined;

  function write(): void {
    if (length === 0 || owner === undefined) return;
    const bytes = buffer.subarray(0, length);
    length = 0;
    if (owner.destroyed) return;
    owner.write(bytes);
    // Still queued: Node holds on to these bytes until the peer has read.
    if (owner.writableLength !== 0) buffer = Buffer.allocUnsafeSlow(capacity);
  }

  return {
    get length() {
      return length;
    },
    flush(socket) {
      if (owner === socket) write();
      return !socket.writableNeedDrain;
    },
    addFrame(socket, sourceWPort, destinationWPort, apdu) {
      if (owner !== socket || length + wrapperHeaderLength + apdu.length > capacity) write();
      owner = socket;
      buffer[length] = 0;
      buffer[length + 1] = wrapperVersion;
      buffer[length + 2] = sourceWPort >> 8;
      buffer[length + 3] = sourceWPort;
      buffer[length + 4] = destinationWPort >> 8;
      buffer[length + 5] = destinationWPort;
      buffer[length + 6] = apdu.length >> 8;
      buffer[length + 7] = apdu.length;
      buffer.set(apdu, length + wrapperHeaderLength);
      length += wrapperHeaderLength + apdu.length;
    },
  };
}

import type { Data } from "../codec/data.js";
import type { ArrayStream } from "./contract.js";

/** Above this many elements an array is handed out in pieces. */
export const streamThreshold = 256;

const pieceLength = 128;

/** A stream over elements that are at hand; each piece becomes `Data` when it is asked for. */
export function streamElements<T>(elements: readonly T[], toData: (element: T) => Data): ArrayStream {
  let position = 0;
  let isClosed = false;
  return {
    type: "array-stream",
    count: elements.length,
    async next() {
      if (isClosed || position >= elements.length) return undefined;
      const piece = elements.slice(position, position + pieceLength).map(toData);
      position += piece.length;
      return piece;
    },
    close() {
      isClosed = true;
    },
  };
}

/** An array at once where it is short, else as a stream. */
export function arrayOrStream<T>(elements: readonly T[], toData: (element: T) => Data): Data | ArrayStream {
  if (elements.length > streamThreshold) return streamElements(elements, toData);
  return { type: "array", value: elements.map(toData) };
}

/**
 * HDLC frames out of a stream of bytes. It hunts for a flag; what behind it is no frame is thrown away, and the hunt goes
 * on right behind that flag, so a broken frame costs nobody else's. It keeps no more than one unfinished frame.
 * Time is the caller's: where the next octet does not come in time it calls expire().
 */
import { type HdlcFault, type HdlcFrame, hdlcFlag, scanHdlcFrame } from "./frame.js";

export type HdlcReceived =
  | { readonly kind: "frame"; readonly frame: HdlcFrame }
  | { readonly kind: "discarded"; readonly fault: HdlcFault };

export interface HdlcDecoder {
  /** Takes the next bytes; what they complete, in order. Frames are views into them where they came in one piece. */
  push(chunk: Uint8Array): readonly HdlcReceived[];
  /** A frame has begun and not ended. */
  readonly isMidFrame: boolean;
  /** Gives the unfinished frame up; whole frames that stand in what it had swallowed are found. */
  expire(): readonly HdlcReceived[];
}

const nothing = new Uint8Array(0);

export function createHdlcDecoder(): HdlcDecoder {
  /** From the flag on which a frame may have begun. */
  let held: Uint8Array = nothing;

  function scan(bytes: Uint8Array, from: number, received: HdlcReceived[]): void {
    let at = bytes.indexOf(hdlcFlag, from);
    while (at !== -1) {
      while (bytes[at + 1] === hdlcFlag) at++;
      const found = scanHdlcFrame(bytes, at);
      if (found.kind === "incomplete") break;
      if (found.kind === "frame") received.push({ kind: "frame", frame: found.frame });
      else received.push({ kind: "discarded", fault: found.fault });
      at = bytes.indexOf(hdlcFlag, found.next);
    }
    // Not slice(): that of a Buffer is a view of memory that is used again.
    held = at === -1 ? nothing : new Uint8Array(bytes.subarray(at));
  }

  return {
    get isMidFrame() {
      return held.length > 1;
    },
    push(chunk) {
      const received: HdlcReceived[] = [];
      if (held.length === 0) scan(chunk, 0, received);
      else {
        const bytes = new Uint8Array(held.length + chunk.length);
        bytes.set(held);
        bytes.set(chunk, held.length);
        scan(bytes, 0, received);
      }
      return received;
    },
    expire() {
      const received: HdlcReceived[] = [];
      while (held.length > 1) {
        received.push({ kind: "discarded", fault: "interOctetTimeout" });
        scan(held, 1, received);
      }
      held = nothing;
      return received;
    },
  };
}

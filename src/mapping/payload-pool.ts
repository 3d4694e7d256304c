/**
 * Where the newest payloads of all meters lie: many in one piece of memory, because a buffer of its own costs more than
 * the hundred bytes in it. A piece is given back once every meter in it has a newer payload; all are read in turn, so
 * that what dead meters hold on to stays small: a piece each at most.
 */
const pieceLength = 4096;

export class PayloadPool {
  private piece = new Uint8Array(0);
  private used = 0;

  /** @returns a copy to keep, as long as the payload and never written again */
  keep(payload: Uint8Array): Uint8Array {
    const { length } = payload;
    // Large ones would waste the rest of a piece.
    if (length > pieceLength / 4) return new Uint8Array(payload);
    if (this.used + length > this.piece.length) {
      this.piece = new Uint8Array(pieceLength);
      this.used = 0;
    }
    const kept = this.piece.subarray(this.used, this.used + length);
    kept.set(payload);
    this.used += length;
    return kept;
  }
}

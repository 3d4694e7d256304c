import { createHash, timingSafeEqual } from "node:crypto";

/** A password or other shared secret: it can be compared, prints as `[secret]`, and is never handed out again. */
export class Secret {
  readonly #digest: Buffer;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes);
    this.#digest = digest(bytes);
  }

  /** Takes the same time whatever `offered` holds; digests are compared, so its length does not show either. */
  equals(offered: Uint8Array): boolean {
    return timingSafeEqual(this.#digest, digest(offered));
  }

  /** A copy of the bytes, for the side that must send them or hash with them. */
  reveal(): Uint8Array {
    return new Uint8Array(this.#bytes);
  }

  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

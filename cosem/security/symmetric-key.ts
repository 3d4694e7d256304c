import { createHash, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

/**
 * A block cipher key, authentication key or master key of 16, 24 or 32 octets. Made once and kept: what AES-GCM needs of
 * it is prepared at the first use. It prints as `[secret]`.
 */
export class SymmetricKey {
  readonly #bytes: Uint8Array;
  readonly #associatedData = new Map<number, Uint8Array>();
  #keyObject: KeyObject | undefined;
  #fingerprint: string | undefined;
  readonly length: number;
  /**
   * True for a key that came wrapped or agreed with one message: its counters have to be remembered against replay as
   * long as is reasonable, yet there can be one of these a message, so that the oldest may be forgotten.
   */
  readonly isSessionKey: boolean;

  /** Keeps a copy of `bytes`. @throws RangeError for another length than 16, 24 or 32 */
  constructor(bytes: Uint8Array, isSessionKey = false) {
    if (bytes.length !== 16 && bytes.length !== 24 && bytes.length !== 32) {
      throw new RangeError(`a key has 16, 24 or 32 octets, not ${bytes.length}`);
    }
    this.#bytes = new Uint8Array(bytes);
    this.length = bytes.length;
    this.isSessionKey = isSessionKey;
  }

  /** For the ciphers of node:crypto. */
  get keyObject(): KeyObject {
    this.#keyObject ??= createSecretKey(this.#bytes);
    return this.#keyObject;
  }

  /** Names the key value without telling it: 32 hex digits, the same after a restart. Counters are kept under it. */
  get fingerprint(): string {
    this.#fingerprint ??= createHash("sha256").update("cosem key").update(this.#bytes).digest("hex").slice(0, 32);
    return this.#fingerprint;
  }

  /** `security control || this key`, the additional authenticated data of an authentication key. Not to be changed. */
  associatedData(securityControl: number): Uint8Array {
    const known = this.#associatedData.get(securityControl);
    if (known !== undefined) return known;
    const made = new Uint8Array(1 + this.length);
    made[0] = securityControl;
    made.set(this.#bytes, 1);
    this.#associatedData.set(securityControl, made);
    return made;
  }

  /** Takes the same time wherever the two differ. */
  equals(other: SymmetricKey): boolean {
    return this.length === other.length && timingSafeEqual(this.#bytes, other.#bytes);
  }

  /** A copy of the octets, for wrapping and for the vault. */
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

/**
 * AES-128 as the wireless layers use it: CBC, CTR, CCM, CMAC (RFC 4493) and the key derivation of EN 13757-7.
 *
 * A key keeps its two ECB contexts: making a cipher object costs several times what the few blocks of a telegram do,
 * and ECB with padding off carries nothing from one call to the next.
 */
import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from "node:crypto";

export const blockBytes = 16;

/** One AES-128 key with its expanded schedules. Make it once for each meter and hand out the same one. */
export class AesKey {
  readonly #bytes: Uint8Array;
  #encryptor: Cipher | undefined;
  #decryptor: Decipher | undefined;

  /** @throws RangeError unless there are 16 bytes; they are copied */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== blockBytes) throw new RangeError(`an AES-128 key has 16 bytes, not ${bytes.length}`);
    this.#bytes = new Uint8Array(bytes);
  }

  /** Whole blocks, each on its own (ECB). */
  encryptBlocks(blocks: Uint8Array): Uint8Array {
    this.#encryptor ??= createCipheriv("aes-128-ecb", this.#bytes, null).setAutoPadding(false);
    return this.#encryptor.update(blocks);
  }

  /** Whole blocks, each on its own (ECB). */
  decryptBlocks(blocks: Uint8Array): Uint8Array {
    this.#decryptor ??= createDecipheriv("aes-128-ecb", this.#bytes, null).setAutoPadding(false);
    return this.#decryptor.update(blocks);
  }

  /** AES-CCM (RFC 3610); undefined when the tag is not that of nonce, associated data and ciphertext. */
  openCcm(nonce: Uint8Array, associated: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
    const decipher = createDecipheriv("aes-128-ccm", this.#bytes, nonce, { authTagLength: tag.length });
    decipher.setAuthTag(tag);
    decipher.setAAD(associated, { plaintextLength: ciphertext.length });
    try {
      const plain = decipher.update(ciphertext);
      decipher.final();
      return plain;
    } catch {
      // Node has no other way to say that the tag differs: update() or final() throws, with the version of OpenSSL.
      return undefined;
    }
  }

  /** Keys are not for logs or answers. */
  toJSON(): string {
    return "[secret]";
  }
}

/** CBC without padding; `ciphertext` is a whole number of blocks. */
export function decryptCbc(key: AesKey, initializationVector: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const plain = key.decryptBlocks(ciphertext);
  for (let index = 0; index < blockBytes; index++) {
    plain[index] = (plain[index] as number) ^ (initializationVector[index] as number);
  }
  for (let index = blockBytes; index < plain.length; index++) {
    plain[index] = (plain[index] as number) ^ (ciphertext[index - blockBytes] as number);
  }
  return plain;
}

/**
 * CTR, encryption and decryption alike.
 * @param initialBlock  the first counter block; its last byte counts on, for at most 256 blocks
 */
export function applyCtr(key: AesKey, initialBlock: Uint8Array, data: Uint8Array): Uint8Array {
  const count = Math.ceil(data.length / blockBytes);
  const counters = new Uint8Array(count * blockBytes);
  for (let block = 0; block < count; block++) {
    counters.set(initialBlock, block * blockBytes);
    counters[block * blockBytes + 15] = ((initialBlock[15] as number) + block) & 0xff;
  }
  const stream = key.encryptBlocks(counters);
  const result = new Uint8Array(data.length);
  for (let index = 0; index < data.length; index++) {
    result[index] = (data[index] as number) ^ (stream[index] as number);
  }
  return result;
}

/** AES-CMAC, 16 bytes. @see RFC 4493 */
export function cmac(key: AesKey, message: Uint8Array): Uint8Array {
  const first = doubled(key.encryptBlocks(new Uint8Array(blockBytes)));
  const blocks = Math.max(1, Math.ceil(message.length / blockBytes));
  const rest = message.length - (blocks - 1) * blockBytes;
  const last = new Uint8Array(blockBytes);
  last.set(message.subarray((blocks - 1) * blockBytes));
  if (rest < blockBytes) last[rest] = 0x80;
  xorInto(last, rest < blockBytes ? doubled(first) : first);
  let state = new Uint8Array(blockBytes);
  for (let block = 0; block < blocks; block++) {
    const from = block * blockBytes;
    xorInto(state, block === blocks - 1 ? last : message.subarray(from, from + blockBytes));
    state = new Uint8Array(key.encryptBlocks(state));
  }
  return state;
}

function xorInto(target: Uint8Array, other: Uint8Array): void {
  for (let index = 0; index < blockBytes; index++) {
    target[index] = (target[index] as number) ^ (other[index] as number);
  }
}

/** Times x in GF(2^128), as the subkeys of CMAC are made. */
function doubled(block: Uint8Array): Uint8Array {
  const result = new Uint8Array(blockBytes);
  for (let index = 0; index < blockBytes; index++) {
    result[index] = ((block[index] as number) << 1) | ((block[index + 1] ?? 0) >> 7);
  }
  if ((block[0] as number) >= 0x80) result[15] = (result[15] as number) ^ 0x87;
  return result;
}

/** What a derived key is for; to be or-ed with `toMeter` for messages to the meter. */
export const derivation = { encryption: 0x00, mac: 0x01, toMeter: 0x10 } as const;

/**
 * Key derivation function A: CMAC(key, constant | counter | id4 | 07×7).
 * @param counter  message counter as sent, 4 bytes
 * @param address  M2 id4 V T: only the identification number goes in
 * @see EN 13757-7, 9.6.1, as CEN/TR 17167 works it out in its example F.3
 */
export function deriveKey(key: AesKey, constant: number, counter: Uint8Array, address: Uint8Array): AesKey {
  const input = new Uint8Array(blockBytes).fill(0x07);
  input[0] = constant;
  input.set(counter, 1);
  input.set(address.subarray(2, 6), 5);
  return new AesKey(cmac(key, input));
}

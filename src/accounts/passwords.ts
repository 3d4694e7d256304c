/** Passwords: scrypt off the event loop, a few at a time; the check of new ones in a thread that ends afterwards. */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { Worker } from "node:worker_threads";

/** 32 MiB for one; N = 2^15, r = 8, p = 3 as OWASP's table has it. */
const cost = { N: 32_768, r: 8, p: 3 } as const;
const keyBytes = 32;
const saltBytes = 16;
/** Of any cost kept in the database. */
const maxMemoryBytes = 256 * 1024 * 1024;
/** At once; the rest wait, and past `maxWaiting` are turned away: memory stays bounded. */
const maxRunning = 2;
const maxWaiting = 32;
const checkTimeoutMs = 20_000;

/** Too many passwords wait to be checked. */
export class PasswordsBusy extends Error {}

export interface Passwords {
  /** @returns `scrypt$N$r$p$salt$key`, base64url. @throws PasswordsBusy */
  hash(password: string): Promise<string>;
  /** Takes the same time whatever is wrong; `hash` undefined (no such user, or none set): false, as slowly. @throws PasswordsBusy */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Undefined: good enough; else what is wrong with it. @param words what its owner would think of first: names */
  weakness(password: string, words: readonly string[]): Promise<string | undefined>;
}

/** @param scryptKey  the derivation, for tests that count it */
export function createPasswords(scryptKey: typeof scryptOf = scryptOf): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function derive(password: string, salt: Uint8Array, options: Cost): Promise<Buffer> {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting) throw new PasswordsBusy("too many passwords are being checked");
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running++;
    try {
      return await scryptKey(password, salt, options);
    } finally {
      running--;
      waiting.shift()?.();
    }
  }

  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      const key = await derive(password, salt, cost);
      return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), key.toString("base64url")].join("$");
    },
    async verify(password, hash) {
      const kept = hash === undefined ? undefined : parse(hash);
      const { salt, key, options } = kept ?? nobody;
      const derived = await derive(password, salt, options);
      return timingSafeEqual(derived, key) && kept !== undefined;
    },
    weakness: (password, words) => ruleBroken(password) ?? checkInThread(password, words),
  };
}

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** No password has it. */
const nobody = { salt: new Uint8Array(saltBytes), key: new Uint8Array(keyBytes), options: cost };

function parse(hash: string): { salt: Uint8Array; key: Uint8Array; options: Cost } | undefined {
  const [name, blocks, size, parallel, salt, key] = hash.split("$");
  if (name !== "scrypt" || salt === undefined || key === undefined) return undefined;
  const bytes = Buffer.from(key, "base64url");
  if (bytes.length !== keyBytes) return undefined;
  const options = { N: Number(blocks), r: Number(size), p: Number(parallel) };
  return { salt: Buffer.from(salt, "base64url"), key: bytes, options };
}

function scryptOf(password: string, salt: Uint8Array, options: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, keyBytes, { ...options, maxmem: maxMemoryBytes }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

export const leastPasswordLength = 8;
export const mostPasswordLength = 128;

/** What needs no dictionary (PRODUCT row 26). */
function ruleBroken(password: string): Promise<string> | undefined {
  const length = [...password].length;
  if (length < leastPasswordLength) return Promise.resolve(`it wants at least ${leastPasswordLength} characters`);
  if (length > mostPasswordLength) return Promise.resolve(`it may have ${mostPasswordLength} characters at most`);
  if (!/\p{L}/u.test(password) || !/\p{N}/u.test(password)) return Promise.resolve("it wants letters and digits");
  return undefined;
}

/** The dictionaries are large: they are held only while a new password is looked at. */
function checkInThread(password: string, words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./password-check-worker.js", import.meta.url), {
      workerData: { password, words },
    });
    const timer = setTimeout(() => reject(new PasswordsBusy("the password check took too long")), checkTimeoutMs);
    const end = () => {
      clearTimeout(timer);
      void worker.terminate();
    };
    worker.once("message", (problem: string | undefined) => {
      end();
      resolve(problem);
    });
    worker.once("error", (error) => {
      end();
      reject(error);
    });
  });
}

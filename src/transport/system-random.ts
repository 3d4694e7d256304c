import { randomBytes } from "node:crypto";
import type { Random } from "../ports/index.js";

/** Random bytes fit for keys and challenges. */
export const systemRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };

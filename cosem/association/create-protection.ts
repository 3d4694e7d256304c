import type { SecurityContext } from "../security/key-ring.js";
import { protect } from "./protect.js";
import type { Protection } from "./protection.js";
import { maxPlainLength } from "./protection-size.js";
import { createUnprotect } from "./unprotect.js";

/**
 * Protection of one association. Keys and titles are looked up in `context` at each message.
 * Make a new one for each association: it remembers the counter of the dedicated key.
 */
export function createProtection(context: SecurityContext): Protection {
  return {
    unprotect: createUnprotect(context),
    protect: (apdu, form, protection) => protect(context, apdu, form, protection),
    maxPlainLength: (form, protection, maxLength) => maxPlainLength(context, form, protection, maxLength),
  };
}

/** How long a plain APDU may be, so that its protected form keeps to a PDU size. */
import { encodeGeneralHeader, type GeneralHeader } from "../apdu/general-ciphering.js";
import { coordinateLength } from "../security/curve-keys.js";
import type { SecurityContext } from "../security/key-ring.js";
import { wrapOverhead } from "../security/key-wrap.js";
import { sealOverhead } from "../security/sealed-text.js";
import { securityControlFor, suiteAlgorithms } from "../security/suite.js";
import type { GeneralKeyChoice, ProtectionForm } from "./protection.js";

/** @returns octets, 0 or less where nothing fits */
export function maxPlainLength(
  context: SecurityContext,
  form: ProtectionForm,
  protection: number,
  maxLength: number,
): number {
  const { suite } = context.keys;
  const overhead = sealOverhead(securityControlFor(suite, protection));
  switch (form.kind) {
    case "glo":
    case "ded":
      return longestOctets(maxLength - 1) - overhead;
    case "generalGlo":
    case "generalDed": {
      const plain = longestOctets(maxLength - 2 - context.ownTitle.length) - overhead;
      return form.inner === undefined ? plain : maxPlainLength(context, form.inner, protection, plain);
    }
    case "generalCiphering": {
      const head = 1 + headerLength(form.header) + keyInfoLength(context, form.key);
      const plain = longestOctets(maxLength - head) - overhead;
      return form.inner === undefined ? plain : maxPlainLength(context, form.inner, protection, plain);
    }
    case "generalSigning": {
      const head = 1 + headerLength(form.header) + signatureLength(context);
      const content = longestOctets(maxLength - head);
      return form.inner === undefined ? content : maxPlainLength(context, form.inner, protection, content);
    }
  }
}

/** The longest octet string that fits with its length into `room`. */
function longestOctets(room: number): number {
  if (room <= 0x80) return room - 1;
  if (room <= 0x101) return Math.max(room - 2, 0x7f);
  if (room <= 0x10002) return Math.max(room - 3, 0xff);
  if (room <= 0x1000003) return Math.max(room - 4, 0xffff);
  return Math.max(room - 5, 0xffffff);
}

function headerLength(header: GeneralHeader): number {
  return encodeGeneralHeader(header).length;
}

/** With its own length: 64 or 96 octets. */
function signatureLength({ keys }: SecurityContext): number {
  const curve = keys.ownSigningKey?.curve ?? "P-384";
  return 1 + 2 * coordinateLength[curve];
}

function keyInfoLength({ keys }: SecurityContext, choice: GeneralKeyChoice): number {
  switch (choice.kind) {
    case "none":
      return 1;
    case "unicast":
    case "broadcast":
      return 3;
    case "wrapped":
      return 4 + suiteAlgorithms[keys.suite].keyLength + wrapOverhead;
    case "static":
      return 5;
    case "onePass": {
      const curve = keys.ownSigningKey?.curve ?? "P-384";
      return 6 + 4 * coordinateLength[curve];
    }
  }
}

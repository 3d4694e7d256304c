/** Forms of protection as values, and the form that answers a request in its own style. */
import type { GeneralHeader } from "../apdu/general-ciphering.js";
import type { ProtectionForm, SigningForm } from "./protection.js";

/** Made once, so that a request in one of the plain forms allocates none. */
export const simpleForms = {
  glo: { kind: "glo" },
  ded: { kind: "ded" },
  generalGlo: { kind: "generalGlo" },
  generalDed: { kind: "generalDed" },
} as const satisfies Record<string, ProtectionForm>;

const nothing = new Uint8Array(0);

/** A head with nothing but the parties and the transaction. */
export function generalHeader(
  transactionId: Uint8Array,
  originatorSystemTitle: Uint8Array,
  recipientSystemTitle: Uint8Array,
): GeneralHeader {
  return {
    transactionId,
    originatorSystemTitle,
    recipientSystemTitle,
    dateTime: nothing,
    otherInformation: nothing,
  };
}

/**
 * The same form with the parties turned and the transaction id kept. A plain APDU inside glo- that has no such form
 * itself (an exception-response) needs the caller's decision: protect() then says `noSuchForm`.
 */
export function answerForm(form: ProtectionForm): ProtectionForm {
  switch (form.kind) {
    case "glo":
    case "ded":
      return form;
    case "generalGlo":
    case "generalDed":
      return form.inner === undefined ? form : { kind: form.kind, inner: answerSigning(form.inner) };
    case "generalCiphering": {
      const inner = form.inner === undefined ? undefined : answerSigning(form.inner);
      return { kind: "generalCiphering", header: turned(form.header), key: form.key, inner };
    }
    case "generalSigning":
      return answerSigning(form);
  }
}

function answerSigning(form: SigningForm): SigningForm {
  const inner = form.inner === undefined ? undefined : answerForm(form.inner);
  return { kind: "generalSigning", header: turned(form.header), inner };
}

function turned(header: GeneralHeader): GeneralHeader {
  return generalHeader(header.transactionId, header.recipientSystemTitle, header.originatorSystemTitle);
}

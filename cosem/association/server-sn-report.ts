import { conformanceBit } from "../apdu/conformance.js";
import { encodeInformationReport, type InformationReport } from "../apdu/information-report.js";
import type { OpenAssociation } from "./open-association.js";

/**
 * The InformationReport that goes out unasked in an open association, protected as the policy wants answers to be.
 * @returns undefined where it was not negotiated, cannot be protected or does not fit a PDU: nobody would hear why
 */
export function informationReportOf(open: OpenAssociation, report: InformationReport): Uint8Array | undefined {
  if (!open.isNegotiated(conformanceBit.informationReport)) return undefined;
  const { secured, session } = open;
  const plain = encodeInformationReport(report);
  const protection = secured?.answerTo(undefined);
  const mayUseGeneral = open.isNegotiated(conformanceBit.generalProtection);
  const apdu =
    secured === undefined || protection === undefined ? plain : secured.close(plain, protection, mayUseGeneral);
  return apdu !== undefined && apdu.length <= session.maxSendPduSize ? apdu : undefined;
}

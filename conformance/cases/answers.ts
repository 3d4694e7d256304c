/** What comes back, in the words of a verdict. */
import {
  type AttributeDescriptor,
  actionResult,
  apduTag,
  associationResult,
  conformanceNames,
  type Data,
  dataAccessResult,
  dataAccessResultName,
  decodeGetResponse,
  encodeGetRequest,
  type GetDataResult,
  type LogicalName,
  logicalName,
  logicalNameFromBytes,
  toHex,
} from "../../cosem/index.js";
import { fail, type Outcome, pass } from "../case.js";
import type { AarqAnswer } from "../session/open.js";
import type { Session } from "../session/session.js";

export const attributeAt = (classId: number, name: string, attributeIndex: number): AttributeDescriptor => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex,
  selectiveAccess: undefined,
});

export const logicalDeviceName = attributeAt(1, "0-0:42.0.0*255", 2);
export const currentAssociation = (index: number) => attributeAt(15, "0-0:40.0.0*255", index);
export const sapAssignment = attributeAt(17, "0-0:41.0.0*255", 2);
export const undefinedObject = attributeAt(1, "0-0:199.199.199*255", 2);

/** A GET of the logical device name. */
export const readName = (invokeIdAndPriority = 0xc1): Uint8Array =>
  encodeGetRequest({ kind: "normal", invokeIdAndPriority, attribute: logicalDeviceName });

/** `what` says which request it answers. */
export function expectException(answer: Uint8Array, what: string): Outcome {
  if (answer[0] === apduTag.exceptionResponse) return pass(`${what}: exception-response`);
  return fail(`${what}: exception-response expected, got ${toHex(answer.subarray(0, 16))}`);
}

export interface ExpectedRejection {
  readonly source?: "user" | "provider";
  readonly diagnostic?: number;
  /** Value of the initiate error in the user-information. */
  readonly initiateError?: number;
}

export function expectRejection(answer: AarqAnswer, what: string, expected: ExpectedRejection = {}): Outcome {
  const { aare, error } = answer;
  if (aare.result === associationResult.accepted) return fail(`${what}: accepted`);
  const { source, value } = aare.diagnostic;
  const isOther =
    (expected.source !== undefined && source !== expected.source) ||
    (expected.diagnostic !== undefined && value !== expected.diagnostic);
  if (isOther) return fail(`${what}: rejected with ${source} diagnostic ${value}, not ${expected.diagnostic}`);
  if (expected.initiateError === undefined) return pass(`${what}: rejected, ${source} diagnostic ${value}`);
  if (error?.value === expected.initiateError) return pass(`${what}: rejected with initiate error ${error.value}`);
  return fail(`${what}: initiate error ${error?.value ?? "missing"}, not ${expected.initiateError}`);
}

export function expectAccepted(answer: AarqAnswer, what: string): Outcome {
  const { result, diagnostic } = answer.aare;
  if (result === associationResult.accepted) return pass(`${what}: accepted`);
  return fail(`${what}: rejected, result ${result}, ${diagnostic.source} diagnostic ${diagnostic.value}`);
}

export function expectResult(result: GetDataResult, code: number, what: string): Outcome {
  if (result.kind === "data") return fail(`${what}: data instead of ${dataAccessResultName(code)}`);
  return expectCode(result.error, code, what);
}

/** For results of SETs and ACTIONs. */
export function expectCode(result: number, code: number, what: string): Outcome {
  if (result === code) return pass(`${what}: ${dataAccessResultName(code)}`);
  return fail(`${what}: ${dataAccessResultName(result)} instead of ${dataAccessResultName(code)}`);
}

/** A refusal, whichever. */
export function expectRefusal(result: GetDataResult, what: string): Outcome {
  if (result.kind === "data") return fail(`${what}: answered with data`);
  return pass(`${what}: ${dataAccessResultName(result.error)}`);
}

export function expectBlockError(answer: Uint8Array, code: number, what: string): Outcome {
  if (answer[0] !== apduTag.getResponse) return fail(`${what}: get-response expected, got ${toHex(answer)}`);
  const response = decodeGetResponse(answer);
  if (response.kind !== "blockError") return fail(`${what}: a block with an error expected, got ${response.kind}`);
  return expectCode(response.error, code, what);
}

export function expectWithin(conformance: number, proposed: number): Outcome {
  const extra = conformanceNames(conformance & ~proposed);
  if (extra.length === 0) return pass("nothing beyond the proposal was negotiated");
  return fail(`negotiated without being proposed: ${extra.join(", ")}`);
}

/** An answer refuses where it is an exception, or a response with an error; an answer with data or success does not. */
export function isRefusal(answer: Uint8Array): boolean {
  if (answer[0] === apduTag.exceptionResponse || answer[0] === apduTag.confirmedServiceError) return true;
  if (answer[0] === apduTag.getResponse) {
    const response = decodeGetResponse(answer);
    return response.kind === "blockError" || (response.kind === "normal" && response.result.kind === "error");
  }
  const hasResultByte = answer[0] === apduTag.setResponse || answer[0] === apduTag.actionResponse;
  return hasResultByte && answer[1] === 1 && answer[3] !== actionResult.success;
}

export function expectRefused(answer: Uint8Array, what: string): Outcome {
  if (isRefusal(answer)) return pass(`${what}: refused`);
  return fail(`${what}: not refused, ${toHex(answer.subarray(0, 24))}`);
}

/** The association still serves. */
export async function expectAlive(session: Session): Promise<Outcome> {
  const result = await session.get(logicalDeviceName);
  return result.kind === "data" ? pass("the association goes on") : fail("the association is gone");
}

/** The security setup of an association: as declared, else by its attribute 9 (from version 1 on), else 0-0:43.0.0. */
export async function securitySetupOf(session: Session): Promise<LogicalName> {
  const declared = session.association.security?.securitySetup;
  if (declared !== undefined) return declared;
  const reference = await session.get(currentAssociation(9));
  const isName =
    reference.kind === "data" && reference.data.type === "octet-string" && reference.data.value.length === 6;
  return isName ? logicalNameFromBytes(reference.data.value) : logicalName("0-0:43.0.0*255");
}

export function textOf(data: Data | undefined): string | undefined {
  if (data?.type === "visible-string") return data.value;
  return data?.type === "octet-string" ? Buffer.from(data.value).toString("latin1") : undefined;
}

export function memberOf(data: Data, index: number): Data {
  const member = data.type === "structure" || data.type === "array" ? data.value[index] : undefined;
  return member ?? { type: "null-data" };
}

export function numberOf(data: Data): number | undefined {
  return "value" in data && typeof data.value === "number" ? data.value : undefined;
}

/** @returns the data, or a text that says what came instead */
export function dataOf(result: GetDataResult): Data | string {
  return result.kind === "data" ? result.data : dataAccessResultName(result.error);
}

export const { success } = dataAccessResult;

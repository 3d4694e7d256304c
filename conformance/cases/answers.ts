/** What comes back, in the words of a verdict. */
import {
  type AttributeDescriptor,
  apduTag,
  associationResult,
  conformanceNames,
  type Data,
  dataAccessResultName,
  decodeAare,
  decodeConfirmedServiceError,
  decodeGetResponse,
  type GetDataResult,
  logicalName,
  toHex,
} from "../../cosem/index.js";
import { fail, type Outcome, pass } from "../case.js";

export const attributeAt = (classId: number, name: string, attributeIndex: number): AttributeDescriptor => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex,
  selectiveAccess: undefined,
});

export const logicalDeviceName = attributeAt(1, "0-0:42.0.0*255", 2);
export const currentAssociation = (index: number) => attributeAt(15, "0-0:40.0.0*255", index);
export const sapAssignment = attributeAt(17, "0-0:41.0.0*255", 2);

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

export function expectRejection(answer: Uint8Array, what: string, expected: ExpectedRejection = {}): Outcome {
  if (answer[0] !== apduTag.aare) return fail(`${what}: AARE expected, got ${toHex(answer.subarray(0, 16))}`);
  const aare = decodeAare(answer);
  if (aare.result === associationResult.accepted) return fail(`${what}: accepted`);
  const { source, value } = aare.diagnostic;
  const isOther =
    (expected.source !== undefined && source !== expected.source) ||
    (expected.diagnostic !== undefined && value !== expected.diagnostic);
  if (isOther) return fail(`${what}: rejected with ${source} diagnostic ${value}, not ${expected.diagnostic}`);
  if (expected.initiateError === undefined) return pass(`${what}: rejected, ${source} diagnostic ${value}`);
  const error = aare.userInformation === undefined ? undefined : decodeConfirmedServiceError(aare.userInformation);
  if (error?.value === expected.initiateError) return pass(`${what}: rejected with initiate error ${error.value}`);
  return fail(`${what}: initiate error ${error?.value ?? "missing"}, not ${expected.initiateError}`);
}

export function expectResult(result: GetDataResult, code: number, what: string): Outcome {
  if (result.kind === "data") return fail(`${what}: data instead of ${dataAccessResultName(code)}`);
  if (result.error === code) return pass(`${what}: ${dataAccessResultName(code)}`);
  return fail(`${what}: ${dataAccessResultName(result.error)} instead of ${dataAccessResultName(code)}`);
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
  if (response.error === code) return pass(`${what}: ${dataAccessResultName(code)}`);
  return fail(`${what}: ${dataAccessResultName(response.error)} instead of ${dataAccessResultName(code)}`);
}

export function expectWithin(conformance: number, proposed: number): Outcome {
  const extra = conformanceNames(conformance & ~proposed);
  if (extra.length === 0) return pass("nothing beyond the proposal was negotiated");
  return fail(`negotiated without being proposed: ${extra.join(", ")}`);
}

export function textOf(data: Data): string | undefined {
  if (data.type === "visible-string") return data.value;
  return data.type === "octet-string" ? Buffer.from(data.value).toString("latin1") : undefined;
}

import { describe, expect, it } from "vitest";
import {
  DecodeError,
  decodeAare,
  decodeAarq,
  decodeAccessRequest,
  decodeAccessResponse,
  decodeActionRequest,
  decodeActionResponse,
  decodeConfirmedServiceError,
  decodeDataNotification,
  decodeEventNotification,
  decodeExceptionResponse,
  decodeGeneralBlock,
  decodeGetRequest,
  decodeGetResponse,
  decodeInformationReport,
  decodeInitiateRequest,
  decodeInitiateResponse,
  decodeReadRequest,
  decodeReadResponse,
  decodeRlre,
  decodeRlrq,
  decodeSetRequest,
  decodeSetResponse,
  decodeUnconfirmedWriteRequest,
  decodeWriteRequest,
  decodeWriteResponse,
  encodeAare,
  encodeAarq,
  encodeAccessRequest,
  encodeAccessResponse,
  encodeActionRequest,
  encodeActionResponse,
  encodeConfirmedServiceError,
  encodeDataNotification,
  encodeEventNotification,
  encodeExceptionResponse,
  encodeGeneralBlock,
  encodeGetRequest,
  encodeGetResponse,
  encodeInformationReport,
  encodeInitiateRequest,
  encodeInitiateResponse,
  encodeReadRequest,
  encodeReadResponse,
  encodeRlre,
  encodeRlrq,
  encodeSetRequest,
  encodeSetResponse,
  encodeUnconfirmedWriteRequest,
  encodeWriteRequest,
  encodeWriteResponse,
  fromHex,
  toHex,
} from "../../../cosem/index.js";
import { blockTranscripts, shortNameTranscripts, transcripts } from "../../support/dlms-transcripts.js";
import { securityTranscripts } from "../../support/security-transcripts.js";

/** Decodes and encodes again, by the first byte. */
const again: Readonly<Record<string, (apdu: Uint8Array) => Uint8Array>> = {
  "05": (apdu) => encodeReadRequest(decodeReadRequest(apdu)),
  "06": (apdu) => encodeWriteRequest(decodeWriteRequest(apdu)),
  "0c": (apdu) => encodeReadResponse(decodeReadResponse(apdu)),
  "0d": (apdu) => encodeWriteResponse(decodeWriteResponse(apdu)),
  "0f": (apdu) => encodeDataNotification(decodeDataNotification(apdu)),
  "16": (apdu) => encodeUnconfirmedWriteRequest(decodeUnconfirmedWriteRequest(apdu)),
  "18": (apdu) => encodeInformationReport(decodeInformationReport(apdu)),
  "60": (apdu) => encodeAarq(decodeAarq(apdu)),
  "61": (apdu) => encodeAare(decodeAare(apdu)),
  "62": (apdu) => encodeRlrq(decodeRlrq(apdu)),
  "63": (apdu) => encodeRlre(decodeRlre(apdu)),
  c0: (apdu) => encodeGetRequest(decodeGetRequest(apdu)),
  c1: (apdu) => encodeSetRequest(decodeSetRequest(apdu)),
  c2: (apdu) => encodeEventNotification(decodeEventNotification(apdu)),
  c3: (apdu) => encodeActionRequest(decodeActionRequest(apdu)),
  c4: (apdu) => encodeGetResponse(decodeGetResponse(apdu)),
  c5: (apdu) => encodeSetResponse(decodeSetResponse(apdu)),
  c7: (apdu) => encodeActionResponse(decodeActionResponse(apdu)),
  d8: (apdu) => encodeExceptionResponse(decodeExceptionResponse(apdu)),
  d9: (apdu) => encodeAccessRequest(decodeAccessRequest(apdu)),
  da: (apdu) => encodeAccessResponse(decodeAccessResponse(apdu)),
  e0: (apdu) => encodeGeneralBlock(decodeGeneralBlock(apdu)),
};

/** Malformed on purpose: the recorded server refused them. */
const malformed = ["55010203", "c001c10001", "c009c100", "c001c1000100002a0000ff020000"];
/** Of pushes what the library wrote wrongly is left out: see each `suspect`. */
const pushes = securityTranscripts("push").filter(({ name }) => name !== "event-notification-time");
const all = [...transcripts, ...blockTranscripts, ...shortNameTranscripts, ...pushes];
const recorded = [
  ...new Set(all.flatMap(({ steps }) => steps.map(({ apdu }) => apdu).filter((apdu) => apdu.length > 0))),
];

describe("recorded APDUs", () => {
  it.each(recorded.filter((apdu) => !malformed.includes(apdu)).map((apdu) => [apdu.slice(0, 60), apdu]))(
    "%s… decodes, and encodes to the same bytes",
    (_, apdu) => {
      expect(toHex(again[apdu.slice(0, 2)]?.(fromHex(apdu)) ?? new Uint8Array(0))).toBe(apdu);
    },
  );

  it.each(malformed.slice(1))("%s is refused", (apdu) => {
    expect(() => decodeGetRequest(fromHex(apdu))).toThrow(DecodeError);
  });
});

describe("initiate", () => {
  it("reads and writes dedicated key, response-allowed and quality of service", () => {
    const hex = "01" + "0104aabbccdd" + "0100" + "0105" + "06" + "5f1f0400001e5d" + "0400";
    const request = decodeInitiateRequest(fromHex(hex));
    expect(request).toEqual({
      dedicatedKey: fromHex("aabbccdd"),
      responseAllowed: false,
      proposedQualityOfService: 5,
      proposedDlmsVersionNumber: 6,
      proposedConformance: 0x001e5d,
      clientMaxReceivePduSize: 1024,
    });
    expect(toHex(encodeInitiateRequest(request))).toBe(hex);
  });

  it("reads the conformance tag without its second byte, as old clients send it", () => {
    expect(decodeInitiateRequest(fromHex("01000000065f0400001e5d0400")).proposedConformance).toBe(0x001e5d);
  });

  it("reads and writes the response", () => {
    const hex = "0800065f1f0400001e5d04000007";
    expect(toHex(encodeInitiateResponse(decodeInitiateResponse(fromHex(hex))))).toBe(hex);
  });

  it.each([
    "21",
    "0100000006",
    "01000000065f1f0300001e5dffff",
    "01020000065f1f0400001e5dffff",
    "01000000065f1f0400001e5dffff00",
  ])("refuses %s", (hex) => {
    expect(() => decodeInitiateRequest(fromHex(hex))).toThrow(DecodeError);
  });
});

describe("service errors", () => {
  it("carry what failed", () => {
    const error = decodeConfirmedServiceError(fromHex("0e010601"));
    expect(error).toEqual({ service: 1, errorClass: 6, value: 1 });
    expect(toHex(encodeConfirmedServiceError(error))).toBe("0e010601");
  });

  it("carry the expected invocation counter where it was wrong", () => {
    const exception = decodeExceptionResponse(fromHex("d8010600001001"));
    expect(exception.invocationCounter).toBe(0x1001);
    expect(toHex(encodeExceptionResponse(exception))).toBe("d8010600001001");
  });
});

/** Choices that no exchange shows; bytes from the COSEMpdu module, IEC 62056-5-3, 8.5. */
describe("other choices", () => {
  it.each([
    ["c105c1", "c105c101000100006001" + "00ff0200" + "010000000102" + "0111"],
    ["c303c1", "c303c10200090000" + "0a006aff01" + "000900000a006aff01" + "02" + "120001" + "00"],
    ["c305c1", "c305c101000900000a006aff01" + "0100000001" + "0401120001"],
    ["c302c1", "c302c100000001"],
    ["c504c1", "c504c102000300000002"],
    ["c505c1", "c505c103000300"],
    ["c702c1", "c702c1000000000103000100"],
    ["c703c1", "c703c10200000c0101fa"],
    ["read with block-number-access", "0501" + "050003"],
    ["read in blocks", "0501" + "06" + "00" + "0001" + "04" + "0302fd08"],
    ["read-response, a block", "0c01" + "02" + "01" + "0002" + "03" + "112233"],
    ["read-response, a block acknowledged", "0c01" + "03" + "0001"],
    ["write in blocks", "0601" + "07" + "01" + "0002" + "01" + "0903112233"],
    ["write-response, mixed", "0d03" + "00" + "010c" + "020001"],
    ["unconfirmed write", "1602" + "020108" + "040208" + "02" + "00" + "02" + "1105" + "1106"],
    ["information report", "18" + "00" + "01" + "020108" + "01" + "1105"],
    [
      "information report with time",
      "18" + "01" + "0f" + "32303236313132333031303530305a" + "01" + "020108" + "01" + "1105",
    ],
  ])("%s decodes, and encodes to the same bytes", (_, hex) => {
    expect(toHex(again[hex.slice(0, 2)]?.(fromHex(hex)) ?? new Uint8Array(0))).toBe(hex);
  });

  it.each([
    ["c104c102000100006001" + "00ff0200000100006001" + "00ff0200" + "011101"],
    ["c303c101000900000a006aff0100"],
    ["c101c100010000600100ff02021101"],
    ["c703c1ff"],
    ["0501030108"],
    ["0502020108"],
    ["050102010800"],
    ["0c0104"],
    ["0d0103"],
    ["0601020108021105" + "1106"],
    ["1601020108"],
    ["1802"],
    ["1801ff"],
  ])("%s is refused", (hex) => {
    expect(() => again[hex.slice(0, 2)]?.(fromHex(hex))).toThrow(DecodeError);
  });
});

/**
 * Bad records: a DIF or an LVAR that no meter sends. Where its length is known the records behind it are read; where it
 * is not, all bytes to the telegram's end are the bad record's (EN 13757-3, data field, special functions, LVAR).
 *
 * They have headers as good records do, so that decoder, layouts and explanation all read them the same way.
 */
import type { RecordFault } from "../record.js";
import { Coding } from "./coding.js";
import { badIdentity, type RecordHeader, restOfTelegram } from "./record-header.js";

/** A DIF alone, sent to meters: "read all out". The one reserved code here whose length is known. */
const globalReadoutRequest = 0x7f;

const information = Object.freeze({
  quantity: "Reserved",
  unit: "",
  exponent: 0,
  addend: 0,
  addendExponent: 0,
  modifiers: Object.freeze([]),
  recordError: undefined,
  manufacturerSpecific: false,
});

/** The header of a reserved special function: a DIF with data field F that is none of 0F, 1F and 2F. */
export function reservedDataField(dif: number): RecordHeader {
  const isRequest = dif === globalReadoutRequest;
  const bytes = Uint8Array.of(dif);
  const words = isRequest ? "DIF 7F, a request of masters" : `reserved DIF ${hex(dif)}`;
  return {
    bytes,
    function: "inst",
    storage: 0,
    tariff: 0,
    subunit: 0,
    dataField: 0xf,
    information,
    coding: Coding.none,
    dataLength: isRequest ? 0 : restOfTelegram,
    profile: false,
    fault: { reason: "reservedDataField", offset: 0, words },
    identity: badIdentity(bytes),
  };
}

/** A good header, before an LVAR that is reserved: the LVAR is the first of the record's raw bytes. */
export function withReservedLength(header: RecordHeader, lvar: number): RecordHeader {
  const fault: RecordFault = {
    reason: "badLength",
    offset: header.bytes.length,
    words: `reserved LVAR ${hex(lvar)}`,
  };
  const identity = badIdentity(header.bytes);
  return { ...header, coding: Coding.none, dataLength: restOfTelegram, profile: false, fault, identity };
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0").toUpperCase();

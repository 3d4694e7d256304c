/** From a command as people give it to what the bus master does, and what it says when it is done. */
import {
  applicationReset,
  type LinkCommand,
  linkBaudRates,
  type MeterTarget,
  parseSecondaryAddress,
  setClock,
  setPrimaryAddress,
} from "../../mbus/index.js";
import { accepted, type Refusable, refusal } from "../refusal.js";
import type { SendCommand, SendTarget } from "./contract.js";

/** What the master is told. */
export type MasterOrder =
  | { readonly kind: "command"; readonly command: LinkCommand; readonly done: string }
  /** REQ_UD2, `before` sent first. */
  | { readonly kind: "ask"; readonly before?: Uint8Array | undefined; readonly done: string };

/** Local time of the gateway's zone. */
export type LocalTimeOf = (atMs: number) => { readonly deviation: number; readonly isDaylightSaving: boolean };

const mostPayloadBytes = 253;

export function orderOf(command: SendCommand, nowMs: number, localTimeOf: LocalTimeOf): Refusable<MasterOrder> {
  const send = (applicationData: Uint8Array, done: string) =>
    accepted({ kind: "command", command: { kind: "send", applicationData }, done } as const);
  switch (command.kind) {
    case "initialise":
      return accepted({ kind: "command", command: { kind: "probe" }, done: "The meter answered" });
    case "requestUserData1":
      return accepted({ kind: "command", command: { kind: "requestAlarm" }, done: "The meter answered" });
    case "requestUserData2":
      return accepted({ kind: "ask", done: "The meter sent its data" });
    case "sendUserData": {
      const bytes = bytesOf(command.hex);
      if (bytes === undefined) {
        return refusal(
          "invalid",
          `hex wants 1 to ${mostPayloadBytes} bytes in hex digits, from the CI field on`,
          "hex",
        );
      }
      if (command.thenRequest === true)
        return accepted({ kind: "ask", before: bytes, done: "Sent; the meter answered" });
      return send(bytes, "The meter acknowledged");
    }
    case "setPrimaryAddress":
      if (!isWithin(command.address, 0, 250)) return refusal("invalid", "a primary address is 0 to 250", "address");
      return send(
        setPrimaryAddress(command.address),
        `The meter acknowledged primary address ${command.address}; a meter that is listed by its old one is to be changed in the meter list`,
      );
    case "setBaudRate":
      if (!(linkBaudRates as readonly number[]).includes(command.baudRate)) {
        return refusal("invalid", `a baud rate is one of ${linkBaudRates.join(", ")}`, "baudRate");
      }
      return accepted({
        kind: "command",
        command: { kind: "setBaudRate", baudRate: command.baudRate },
        done: `The meter answers at ${command.baudRate} baud; give it that rate in the meter list`,
      });
    case "setClock":
      return clockOrder(command.atMs ?? nowMs, localTimeOf, send);
    case "applicationReset":
      if (command.subcode !== undefined && !isWithin(command.subcode, 0, 255)) {
        return refusal("invalid", "a subcode is 0 to 255", "subcode");
      }
      return send(applicationReset(command.subcode), "The meter acknowledged the application reset");
  }
}

function clockOrder(
  atMs: number,
  localTimeOf: LocalTimeOf,
  send: (applicationData: Uint8Array, done: string) => Refusable<MasterOrder>,
): Refusable<MasterOrder> {
  const { deviation, isDaylightSaving } = localTimeOf(atMs);
  // UTC fields of the shifted moment are those of the local one.
  const local = new Date(atMs - deviation * 60_000);
  try {
    const time = {
      year: local.getUTCFullYear(),
      month: local.getUTCMonth() + 1,
      day: local.getUTCDate(),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
      summerTime: isDaylightSaving,
    };
    const shown = local.toISOString().slice(0, 16).replace("T", " ");
    return send(setClock(time), `The meter acknowledged ${shown}, local time of the gateway`);
  } catch (error) {
    if (error instanceof RangeError) return refusal("invalid", error.message, "at");
    throw error;
  }
}

/** The target on an interface, as given. */
export function targetOf(target: Exclude<SendTarget, { device: string }>): Refusable<MeterTarget> {
  if ("primaryAddress" in target) {
    const { primaryAddress: address } = target;
    if (!isWithin(address, 0, 255)) return refusal("invalid", "a primary address is 0 to 255", "primaryAddress");
    return accepted({ kind: "primary", address });
  }
  try {
    return accepted({ kind: "secondary", mask: parseSecondaryAddress(target.secondaryAddress) });
  } catch {
    return refusal("invalid", "a secondary address has 8 or 16 hex digits, F for any", "secondaryAddress");
  }
}

function bytesOf(hex: string): Uint8Array | undefined {
  const digits = hex.replaceAll(/[\s:]/g, "");
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(digits) && digits.length <= 2 * mostPayloadBytes;
  return isHex ? Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) : undefined;
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

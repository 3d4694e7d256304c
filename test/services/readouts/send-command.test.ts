import { expect, it } from "vitest";
import { orderOf } from "../../../src/services/readouts/send-command.js";

const zone = () => ({ deviation: -120, isDaylightSaving: true });
/** 2026-07-01T10:30:00Z, 12:30 summer time where UTC = local - 120 minutes. */
const now = Date.UTC(2026, 6, 1, 10, 30);
const sentBy = (command: Parameters<typeof orderOf>[0]) => {
  const order = orderOf(command, now, zone);
  if (!order.ok || order.value.kind !== "command" || order.value.command.kind !== "send") return undefined;
  return Buffer.from(order.value.command.applicationData).toString("hex");
};

it("makes the bytes of EN 13757-3 from commands", () => {
  expect(sentBy({ kind: "setPrimaryAddress", address: 17 })).toBe("51017a11");
  // Type F: minute 30, hour 12 with the summer time bit, day 1 and year 26 = 0b0011010 split 010 | 0011, month 7.
  expect(sentBy({ kind: "setClock" })).toBe("51046d1e8c4137");
  expect(sentBy({ kind: "applicationReset" })).toBe("50");
  expect(sentBy({ kind: "applicationReset", subcode: 0x10 })).toBe("5010");
  expect(sentBy({ kind: "sendUserData", hex: "51 01 7A 05" })).toBe("51017a05");
});

it("refuses what cannot be, and says in which field", () => {
  const field = (command: Parameters<typeof orderOf>[0]) => {
    const order = orderOf(command, now, zone);
    return order.ok ? undefined : order.refusal.field;
  };
  expect(field({ kind: "setPrimaryAddress", address: 251 })).toBe("address");
  expect(field({ kind: "setBaudRate", baudRate: 1000 })).toBe("baudRate");
  expect(field({ kind: "sendUserData", hex: "5" })).toBe("hex");
  expect(field({ kind: "sendUserData", hex: "00".repeat(254) })).toBe("hex");
  expect(field({ kind: "setClock", atMs: Date.UTC(2150, 0, 1) })).toBe("at");
});

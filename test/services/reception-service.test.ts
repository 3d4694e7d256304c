import { expect, it } from "vitest";
import { createAssociation, type Principal } from "../../cosem/index.js";
import { createReceptionService, type Reception } from "../../src/services/reception/index.js";

const principal = (name: string): Principal => ({
  association: createAssociation({ name, clientSap: undefined, rules: [{ access: "read" }] }),
  user: "test",
  door: "test",
  peer: "test",
});

const reception: Reception = {
  number: 1,
  meter: "SEN332255440768",
  manufacturer: "SEN",
  identification: "33225544",
  version: 0x68,
  medium: 7,
  firstAtMs: 1,
  lastAtMs: 2,
  count: 3,
  isEncrypted: true,
  isRepeated: false,
  accessNumber: undefined,
  links: [],
};
const receiver = {
  name: "stick",
  group: "air",
  isOpen: true,
  lastHeardAtMs: 2,
  telegrams: 3,
  rejected: 0,
  resets: 0,
  failedResets: 0,
  failures: 0,
  cause: undefined,
};
const service = createReceptionService({
  source: { page: () => ({ receptions: [reception], nextAfterNumber: 1, total: 2 }), receivers: () => [receiver] },
  deviceOf: ({ identification }) => (identification === "33225544" ? "sap16" : undefined),
});

it("tells what is heard, what it is and as what it is installed", () => {
  const page = service.list(principal("rest:viewer"), { limit: 1 });
  expect(page).toEqual({
    receptions: [{ ...reception, mediumName: "Water", device: "sap16" }],
    nextAfterNumber: 1,
    total: 2,
  });
  expect(service.receivers(principal("management"))).toEqual([receiver]);
});

it("tells nothing to a caller without the right", () => {
  for (const name of ["public", "push", "modbus", "somebody"]) {
    expect(service.list(principal(name), { limit: 1 })).toEqual({
      receptions: [],
      nextAfterNumber: undefined,
      total: 0,
    });
    expect(service.receivers(principal(name))).toEqual([]);
  }
});

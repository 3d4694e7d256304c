/** What callers may ask of services: one table from an association's name to its rights (DESIGN, decision 2). */
import type { Principal } from "../../cosem/index.js";

export type Right =
  | "meters.read"
  | "receptions.read"
  | "meters.write"
  | "keys.write"
  | "search.start"
  | "reports.read"
  | "series.write";

const rightsOf: Readonly<Record<string, readonly Right[]>> = {
  management: [
    "meters.read",
    "receptions.read",
    "meters.write",
    "keys.write",
    "search.start",
    "reports.read",
    "series.write",
  ],
  "rest:viewer": ["meters.read", "receptions.read"],
  modbus: ["meters.read"],
  push: ["meters.read"],
  // The public client learns of the gateway alone.
  public: [],
};

/** False for an association that the table does not name. */
export function hasRight(principal: Principal, right: Right): boolean {
  const { name } = principal.association;
  return Object.hasOwn(rightsOf, name) && rightsOf[name]?.includes(right) === true;
}

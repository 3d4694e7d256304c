/**
 * Who may what: one table for commands and for objects (DESIGN, decision 2). An association's name is its role; a
 * token may narrow it further by `Principal.scope`. Each part adds its own rights here.
 */
import {
  type AccessRule,
  type Association,
  createAssociation,
  internalReaderRules,
  type Principal,
} from "../../cosem/index.js";

/** Rights to see. */
const readRights = [
  "meters.read",
  "receptions.read",
  "history.read",
  "series.read",
  "readout.read",
  "jobs.read",
  "reports.read",
  "log.read",
  "licences.read",
] as const;

/** Rights to let the gateway work; nothing is changed for good. */
const operateRights = ["readout.start", "jobs.start", "reports.send", "series.write"] as const;

/** Rights of who puts meters in. */
const installRights = ["meters.write", "keys.read", "keys.write", "search.start", "bus.send", "settings.read"] as const;

/** Rights of who runs the gateway. */
const adminRights = [
  "jobs.write",
  "settings.write",
  "files.read",
  "files.write",
  "files.backup",
  "files.restore",
  "files.reset",
  "log.write",
  "licences.write",
  "clock.write",
  "users.read",
  "users.write",
  "tokens.write",
  "audit.read",
] as const;

export const rights = [...readRights, ...operateRights, ...installRights, ...adminRights] as const;
export type Right = (typeof rights)[number];

/** From the least to the most; each role has what its rows name. */
export const roles = ["viewer", "operator", "installer", "admin"] as const;
export type Role = (typeof roles)[number];

interface RoleRow {
  readonly commands: readonly Right[];
  /** On the objects of all logical devices. */
  readonly objects: readonly AccessRule[];
}

/** Settings as objects are for those who have `settings.read`. */
export const settingsHidden: AccessRule = { device: "management", logicalName: "0-128:97.d.e*255", access: "none" };
const readerRules: readonly AccessRule[] = [settingsHidden, ...internalReaderRules()];

const roleTable: Readonly<Record<Role, RoleRow>> = {
  viewer: { commands: readRights, objects: readerRules },
  operator: { commands: [...readRights, ...operateRights], objects: readerRules },
  installer: { commands: [...readRights, ...operateRights, ...installRights], objects: internalReaderRules() },
  admin: {
    commands: rights,
    objects: [{ classId: 15, logicalName: "0-0:40.0.0*255", access: "none" }, { access: "declared" }],
  },
};

/** Callers that are no users, by the name of their association. */
const otherCallers: Readonly<Record<string, readonly Right[]>> = {
  management: rights.filter((right) => !right.startsWith("users.") && right !== "tokens.write"),
  /** The gateway itself: schedules, start-up. */
  gateway: rights,
  modbus: ["meters.read"],
  push: ["meters.read", "history.read", "series.read", "reports.read"],
  // The public client learns of the gateway alone.
  public: [],
};

const rightsOf: ReadonlyMap<string, ReadonlySet<Right>> = new Map([
  ...roles.map((role) => [associationNameOf(role), new Set(roleTable[role].commands)] as const),
  ...Object.entries(otherCallers).map(([name, commands]) => [name, new Set(commands)] as const),
]);

/** The name of a role's association, `rest:viewer`. */
export function associationNameOf(role: Role): string {
  return `rest:${role}`;
}

const associations = new Map<Role, Association>();

/** What a role may do with objects, the same one each time. */
export function associationOf(role: Role): Association {
  const made = associations.get(role) ?? createRoleAssociation(role);
  associations.set(role, made);
  return made;
}

function createRoleAssociation(role: Role): Association {
  return createAssociation({ name: associationNameOf(role), clientSap: undefined, rules: roleTable[role].objects });
}

/** A caller with a scope sees no objects unless it names `meters.read`, and changes none unless it has all rights. */
export function scopedAssociationOf(role: Role, scope: readonly Right[] | undefined): Association {
  if (scope === undefined) return associationOf(role);
  const seesSettings = scope.includes("settings.read") && roleTable[role].commands.includes("settings.read");
  const rules = scope.includes("meters.read") ? (seesSettings ? internalReaderRules() : readerRules) : [];
  return createAssociation({ name: associationNameOf(role), clientSap: undefined, rules });
}

/** All rights of a role. */
export function rightsOfRole(role: Role): readonly Right[] {
  return roleTable[role].commands;
}

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

export function isRight(text: string): text is Right {
  return (rights as readonly string[]).includes(text);
}

/** The role that has less of the two. */
export function lesserRole(one: Role, other: Role): Role {
  return roles.indexOf(one) <= roles.indexOf(other) ? one : other;
}

/** False for an association that the table does not name. */
export function hasRight(principal: Principal, right: Right): boolean {
  if (principal.scope !== undefined && !principal.scope.includes(right)) return false;
  return rightsOf.get(principal.association.name)?.has(right) === true;
}

/** The user of a call without a login. */
export const anonymousUser = "anonymous";

/**
 * Logical devices as clients with short names see them: with Association SN in place of the Association LN objects, and
 * a base name for each object. One for a process, so that all its doors give the same names.
 */
import { logicalName } from "../model/logical-name.js";
import { type ShortNameMember, shortNameLayout } from "../model/short-name-layout.js";
import { type BaseNames, createBaseNames, type FixedBaseName } from "./base-names.js";
import type { CosemObject, LogicalDevice } from "./contract.js";
import { createAssociationSnObject } from "./objects/association-sn.js";
import type { AssociationSnVersion } from "./objects/association-sn-rights.js";

/** An object and the name of its first attribute. */
export interface ShortNamedObject {
  readonly baseName: number;
  readonly object: CosemObject;
}

/** What a short name stands for. */
export interface ShortNameTarget extends ShortNameMember {
  readonly object: CosemObject;
}

export interface ShortNameDevice {
  /** With Association SN and without Association LN. */
  readonly device: LogicalDevice;
  /** All objects that have a name, in order of name, as they are now. */
  list(): readonly ShortNamedObject[];
  /** In order of the names asked for; undefined where nothing has that name. */
  resolve(names: readonly number[]): readonly (ShortNameTarget | undefined)[];
}

export interface ShortNamesParts {
  /** Of Association SN; default: 2. */
  readonly version?: AssociationSnVersion;
  /** Base names given beforehand. */
  readonly fixed?: readonly FixedBaseName[];
}

export interface ShortNames {
  /** The same one for as long as the device lives. */
  of(device: LogicalDevice): ShortNameDevice;
}

/** @throws RangeError for fixed names that cannot be base names */
export function createShortNames(parts: ShortNamesParts = {}): ShortNames {
  createBaseNames(parts.fixed);
  const devices = new WeakMap<LogicalDevice, ShortNameDevice>();
  return {
    of(device) {
      const known = devices.get(device);
      if (known !== undefined) return known;
      const made = new NamedDevice(device, parts);
      devices.set(device, made);
      return made;
    },
  };
}

const associationSn = 12;
const associationLn = 15;
const currentAssociation = logicalName("0-0:40.0.0*255");

class NamedDevice implements ShortNameDevice {
  readonly device: LogicalDevice;
  private readonly names: BaseNames;

  constructor(device: LogicalDevice, { version, fixed }: ShortNamesParts) {
    this.names = createBaseNames(fixed);
    const association = createAssociationSnObject({
      list: () => this.list(),
      // The Association LN of the same device knows secret, users and security setup.
      associationLn: () => device.find(currentAssociation, associationLn),
      ...(version === undefined ? {} : { version }),
    });
    this.device = withAssociation(device, association);
  }

  list(): readonly ShortNamedObject[] {
    this.names.refresh(this.device.objects());
    return this.names.entries.flatMap(({ baseName, classId, logicalName: name }) => {
      const object = this.device.find(name, classId);
      return object === undefined ? [] : [{ baseName, object }];
    });
  }

  /** The device is looked through once at most, and only where a name is not known. */
  resolve(names: readonly number[]): readonly (ShortNameTarget | undefined)[] {
    const targets = names.map((name) => this.targetAt(name));
    if (!targets.includes(undefined)) return targets;
    this.names.refresh(this.device.objects());
    return names.map((name) => this.targetAt(name));
  }

  private targetAt(name: number): ShortNameTarget | undefined {
    const entry = this.names.entryAt(name);
    const object = entry === undefined ? undefined : this.device.find(entry.logicalName, entry.classId);
    if (entry === undefined || object === undefined) return undefined;
    const member = shortNameLayout(object.interfaceClass).memberAt(name - entry.baseName);
    return member === undefined ? undefined : { ...member, object };
  }
}

function withAssociation(device: LogicalDevice, association: CosemObject): LogicalDevice {
  function* objects(): Iterable<CosemObject> {
    yield association;
    for (const object of device.objects()) if (object.interfaceClass.classId !== associationLn) yield object;
  }
  return {
    get name() {
      return device.name;
    },
    sap: device.sap,
    kind: device.kind,
    find(name, classId) {
      if (name === currentAssociation && (classId === undefined || classId === associationSn)) return association;
      if (classId === associationLn) return undefined;
      const found = device.find(name, classId);
      return found?.interfaceClass.classId === associationLn ? undefined : found;
    },
    objects,
  };
}

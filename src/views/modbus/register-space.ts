/**
 * The 65,536 registers as the map lays them out: which line holds a register, and where its value comes from. Blocks of
 * the automatic rule are made when they are first read. Function codes 3 and 4 share this one space.
 */
import type { CosemObject, LogicalDevice, Principal, Registry } from "../../../cosem/index.js";
import type { MeterSummary } from "../../services/meters/contract.js";
import { type AutomaticRule, addressSpace, type MeterFact, type RegisterMap, type ValueForm } from "./register-map.js";
import { type RegisterForm, registerCount } from "./register-type.js";
import { AttributeSource, type Generations, numberOf, readScalerUnit } from "./value-source.js";

const firstMeterSap = 16;
const reservedSap = 127;
const registerClass = 3;
const extendedRegisterClass = 4;
const countUnit = 255;

/** Whose values a line shows. The name is asked for when it is needed: a meter gets its own at its first readout. */
export interface NamedDevice {
  readonly name: string;
}

/** A line at its address: a value with its form, or a fact about a meter. */
export type BoundLine =
  | {
      readonly kind: "value";
      readonly address: number;
      readonly form: ValueForm;
      /** Undefined: a place of a block that no value has taken yet. */
      readonly source: AttributeSource | undefined;
      /** Its age decides whether the value is too old. */
      readonly device: NamedDevice;
    }
  | {
      readonly kind: "fact";
      readonly address: number;
      readonly form: RegisterForm;
      readonly show: MeterFact;
      readonly device: NamedDevice;
    };

/** Undefined where the fact is not known. */
export function meterFact(
  summary: MeterSummary | undefined,
  show: MeterFact,
  nowMs: number,
  staleAfterSeconds: number,
): number | undefined {
  const age = ageSeconds(summary, nowMs);
  if (show === "ageSeconds") return age;
  if (show === "mbusStatus") return summary?.statusByte;
  if (age === undefined) return 3;
  if (staleAfterSeconds > 0 && age > staleAfterSeconds) return 2;
  return summary?.lastReadout?.ok === false ? 1 : 0;
}

/** Seconds since the newest reading; undefined when there is none. */
export function ageSeconds(summary: MeterSummary | undefined, nowMs: number): number | undefined {
  return summary?.readAtMs === undefined ? undefined : Math.max(0, Math.floor((nowMs - summary.readAtMs) / 1000));
}

/** Block number of a SAP, and back: SAPs from 16 on, without the all-station address. */
function sapOfBlock(block: number): number {
  const sap = firstMeterSap + block;
  return sap < reservedSap ? sap : sap + 1;
}

interface MeterBlock {
  readonly device: LogicalDevice;
  /** By register within the block. */
  lines: readonly (BoundLine | undefined)[];
  objects: CosemObject[];
  devicesSeen: number;
  noticesSeen: number;
}

export interface PlacedBlock {
  readonly device: LogicalDevice;
  readonly objects: readonly CosemObject[];
}

export interface RegisterSpace {
  /** The line that holds this register. */
  lineAt(address: number, principal: Principal): BoundLine | undefined;
  /** A block of the automatic rule as it stands: its meter, and the objects that have its places, in order. */
  blockAt(index: number, principal: Principal): PlacedBlock | undefined;
  /** Follows the registry from now on; the result ends that. */
  follow(): () => void;
}

export function createRegisterSpace(options: { registry: Registry; map: RegisterMap }): RegisterSpace {
  const { registry, map } = options;
  const { automatic } = map;
  const generations: Generations = { devices: 0, notices: 0 };
  const declared = bindLines(registry, map, generations);
  const blocks: (MeterBlock | undefined)[] = [];

  function blockAt(index: number, rule: AutomaticRule, principal: Principal): MeterBlock | undefined {
    let block = blocks[index];
    if (block === undefined || block.devicesSeen !== generations.devices) {
      const device = registry.deviceBySap(sapOfBlock(index));
      if (device === undefined) {
        blocks[index] = undefined;
        return undefined;
      }
      if (block?.device !== device) block = { device, lines: [], objects: [], devicesSeen: -1, noticesSeen: -1 };
      block.devicesSeen = generations.devices;
      blocks[index] = block;
    }
    const isGrowing = block.objects.length < rule.values || block.lines.length === 0;
    if (isGrowing && block.noticesSeen !== generations.notices) {
      block.noticesSeen = generations.notices;
      growBlock(block, rule.start + index * rule.registersPerMeter, rule, { registry, generations, principal });
    }
    return block;
  }

  return {
    blockAt: (index, principal) => (automatic === undefined ? undefined : blockAt(index, automatic, principal)),
    lineAt(address, principal) {
      const line = declared[address];
      if (line !== undefined || automatic === undefined || address < automatic.start) return line;
      const index = Math.floor((address - automatic.start) / automatic.registersPerMeter);
      if (index >= automatic.meters) return undefined;
      const block = blockAt(index, automatic, principal);
      return block?.lines[address - automatic.start - index * automatic.registersPerMeter];
    },
    follow() {
      const subscription = registry.subscribe(({ kind }) => {
        generations.notices++;
        if (kind !== "readingCommitted") generations.devices++;
      });
      return () => subscription.close();
    },
  };
}

function bindLines(registry: Registry, map: RegisterMap, generations: Generations): readonly (BoundLine | undefined)[] {
  const bound: (BoundLine | undefined)[] = map.lines.length === 0 ? [] : new Array(addressSpace);
  for (const line of map.lines) {
    const { address } = line;
    const entry: BoundLine =
      "show" in line
        ? { kind: "fact", address, form: line, show: line.show, device: { name: line.device } }
        : {
            kind: "value",
            address,
            form: line,
            device: { name: line.object.device },
            source: new AttributeSource(
              registry,
              {
                device: () => registry.device(line.object.device),
                logicalName: line.object.logicalName,
                classId: line.object.classId,
                attributeIndex: line.object.attributeIndex,
              },
              generations,
            ),
          };
    bound.fill(entry, address, address + registerCount[line.type]);
  }
  return bound;
}

interface GrowContext {
  readonly registry: Registry;
  readonly generations: Generations;
  readonly principal: Principal;
}

/** Gives the block's free places to values that appeared; what has a place keeps it. */
function growBlock(block: MeterBlock, start: number, rule: AutomaticRule, context: GrowContext): void {
  const { device } = block;
  const before = block.objects.length;
  for (const object of numericObjects(device, context)) {
    if (block.objects.length >= rule.values) break;
    const isPlaced = block.objects.some(
      ({ logicalName, interfaceClass }) =>
        logicalName === object.logicalName && interfaceClass.classId === object.interfaceClass.classId,
    );
    if (!isPlaced) block.objects.push(object);
  }
  if (block.objects.length === before && block.lines.length > 0) return;
  const lines: (BoundLine | undefined)[] = new Array(rule.registersPerMeter).fill(undefined);
  const place = (at: number, line: BoundLine) => lines.fill(line, at, at + registerCount[line.form.type]);
  for (let index = 0; index < rule.values; index++) {
    const source = sourceOf(block.objects[index], device, context);
    for (const form of rule.forms) {
      const at = index * rule.registersPerValue + form.at;
      place(at, { kind: "value", address: start + at, form, source, device });
    }
  }
  for (const { at, show, ...form } of rule.meter) {
    place(at, { kind: "fact", address: start + at, form, show, device });
  }
  block.lines = lines;
}

function sourceOf(object: CosemObject | undefined, device: LogicalDevice, context: GrowContext) {
  if (object === undefined) return undefined;
  const { logicalName, interfaceClass } = object;
  return new AttributeSource(
    context.registry,
    { device: () => device, logicalName, classId: interfaceClass.classId, attributeIndex: 2 },
    context.generations,
  );
}

/**
 * Registers and extended registers that hold a number. One without a value just now counts as a number when it has a
 * unit: dates and texts have none.
 */
function* numericObjects(
  device: LogicalDevice,
  { registry, principal }: { readonly registry: Registry; readonly principal: Principal },
): Generator<CosemObject> {
  for (const object of registry.visibleObjects(device, principal)) {
    const { classId } = object.interfaceClass;
    if (classId !== registerClass && classId !== extendedRegisterClass) continue;
    const answer = registry.read({ device, logicalName: object.logicalName, classId, attributeIndex: 2 }, principal);
    if (answer instanceof Promise || !answer.ok) continue;
    if (numberOf(answer.value) !== undefined) yield object;
    else if (answer.value.type === "null-data") {
      const scalerUnit = readScalerUnit(registry, device, object, principal);
      if (!(scalerUnit instanceof Promise) && (scalerUnit?.unit ?? countUnit) !== countUnit) yield object;
    }
  }
}

/**
 * A register map as declared in obis-maps/modbus/: single lines, an automatic rule that gives every meter a block, or
 * both. Examples prove how values are written. Reading a map checks all of it; nothing is looked up in the registry.
 */
import Type, { type Static } from "typebox";
import { type CosemAddress, formatAddress, fromHex, parseAddress, toHex } from "../../../cosem/index.js";
import { readCheckedYaml, YamlError } from "../../settings/checked-yaml.js";
import { encodeRegisters, invalidIntegers, type RegisterForm, registerCount, registerTypes } from "./register-type.js";
import { multiply, parseScaledNumber, type ScaledNumber } from "./scaled-number.js";

export const addressSpace = 0x10000;
const closed = { additionalProperties: false } as const;

const Scaler = Type.Union([Type.Integer({ minimum: -128, maximum: 127 }), Type.Literal("own")], {
  description: "power of ten of one count; own: the scaler of the object, which is the default of integers",
});
const DecimalNumber = Type.Union([Type.Number(), Type.String()]);
const form = {
  type: Type.Enum(registerTypes),
  wordSwap: Type.Optional(Type.Boolean()),
  byteSwap: Type.Optional(Type.Boolean()),
  invalid: Type.Optional(Type.Enum(invalidIntegers)),
};
const scaling = {
  scaler: Type.Optional(Scaler),
  constant: Type.Optional(DecimalNumber),
};
/** What a line can show of a meter beside its values. */
export const meterFacts = ["ageSeconds", "quality", "mbusStatus"] as const;
export type MeterFact = (typeof meterFacts)[number];

const Register = Type.Integer({ minimum: 0, maximum: addressSpace - 1 });
const RegisterMapSchema = Type.Object(
  {
    title: Type.String(),
    automatic: Type.Optional(
      Type.Object(
        {
          start: Register,
          registersPerMeter: Type.Integer({ minimum: 1, maximum: addressSpace }),
          meters: Type.Optional(Type.Integer({ minimum: 1, maximum: addressSpace })),
          values: Type.Integer({ minimum: 1, maximum: 1000 }),
          registersPerValue: Type.Integer({ minimum: 1, maximum: addressSpace }),
          forms: Type.Array(Type.Object({ at: Register, ...form, ...scaling }, closed), { minItems: 1 }),
          meter: Type.Optional(Type.Array(Type.Object({ at: Register, ...form, show: Type.Enum(meterFacts) }, closed))),
        },
        closed,
      ),
    ),
    lines: Type.Optional(
      Type.Array(
        Type.Object(
          {
            address: Register,
            ...form,
            ...scaling,
            object: Type.Optional(Type.String()),
            device: Type.Optional(Type.String()),
            show: Type.Optional(Type.Enum(meterFacts)),
          },
          closed,
        ),
      ),
    ),
    examples: Type.Array(
      Type.Object(
        {
          ...form,
          ...scaling,
          value: Type.Union([DecimalNumber, Type.Null()]),
          objectScaler: Type.Optional(Type.Integer({ minimum: -128, maximum: 127 })),
          registers: Type.Union([Type.String({ pattern: "^[0-9A-Fa-f ]+$" }), Type.Integer()]),
        },
        closed,
      ),
      { minItems: 1 },
    ),
  },
  closed,
);
type Written = Static<typeof RegisterMapSchema>;
type WrittenForm = Pick<Written["examples"][number], keyof typeof form | keyof typeof scaling>;

/** How a line scales and writes its value. */
export interface ValueForm extends RegisterForm {
  /** `own`: the object's scaler, so that the register holds the integer as the meter sent it. */
  readonly scaler: number | "own";
  /** Undefined: 1. */
  readonly constant: ScaledNumber | undefined;
}

/** A form at its place in a block. */
export interface PlacedForm extends ValueForm {
  readonly at: number;
}

export interface PlacedFact extends RegisterForm {
  readonly at: number;
  readonly show: MeterFact;
}

export type RegisterLine =
  | (ValueForm & { readonly address: number; readonly object: CosemAddress & { attributeIndex: number } })
  | (RegisterForm & { readonly address: number; readonly device: string; readonly show: MeterFact });

/** Blocks of one size, one a meter in order of SAP; see obis-maps/modbus/auto.yaml. */
export interface AutomaticRule {
  readonly start: number;
  readonly registersPerMeter: number;
  /** Blocks: as many as fit, or fewer. */
  readonly meters: number;
  readonly values: number;
  readonly registersPerValue: number;
  readonly forms: readonly PlacedForm[];
  readonly meter: readonly PlacedFact[];
}

export interface RegisterMap {
  readonly title: string;
  readonly automatic: AutomaticRule | undefined;
  /** In order of address, without overlaps. */
  readonly lines: readonly RegisterLine[];
}

/** The value that a form writes, from the object's number and scaler. */
export function scaledFor(form: ValueForm, integer: number | bigint, objectScaler: number): ScaledNumber {
  const exponent = form.scaler === "own" ? 0 : objectScaler - form.scaler;
  return form.constant === undefined ? { integer, exponent } : multiply({ integer, exponent }, form.constant);
}

/**
 * Reads one file of obis-maps/modbus/ and proves its examples.
 * @throws YamlError naming each problem with its line
 */
export function readRegisterMap(yamlText: string, fileName: string): RegisterMap {
  const { value: written, lineOf } = readCheckedYaml(RegisterMapSchema, yamlText, fileName);
  const problems: { fileName: string; line: number; path: string; message: string }[] = [];
  const refuse = (path: (string | number)[], message: string) =>
    void problems.push({ fileName, line: lineOf(path), path: path.join("."), message });

  const automatic = written.automatic === undefined ? undefined : automaticRule(written.automatic, refuse);
  const lines = (written.lines ?? []).flatMap((line, index) => registerLine(line, ["lines", index], refuse) ?? []);
  const blocksEnd = automatic === undefined ? 0 : automatic.start + automatic.meters * automatic.registersPerMeter;
  lines.forEach((line, index) => {
    const isInside = line.address < blocksEnd && line.address + registerCount[line.type] > (automatic?.start ?? 0);
    if (isInside) refuse(["lines", index], `lies within the automatic blocks, which end before ${blocksEnd}`);
  });
  if (automatic === undefined && lines.length === 0) refuse([], "declares no register: give automatic or lines");
  checkOverlaps(lines, (index, message) => refuse(["lines", index], message));
  written.examples.forEach((example, index) => {
    proveExample(example, ["examples", index], refuse);
  });
  if (problems.length > 0) throw new YamlError(problems);
  return { title: written.title, automatic, lines: lines.toSorted((a, b) => a.address - b.address) };
}

type Refuse = (path: (string | number)[], message: string) => void;

function automaticRule(written: NonNullable<Written["automatic"]>, refuse: Refuse): AutomaticRule {
  const path = ["automatic"];
  const forms = written.forms.map((each, index) => ({
    ...valueForm(each, [...path, "forms", index], refuse),
    at: each.at,
  }));
  const meter = (written.meter ?? []).map((each) => ({ ...registerForm(each), at: each.at, show: each.show }));
  checkBlock(forms, written.registersPerValue, (index, message) => refuse([...path, "forms", index], message));
  const values = Array.from({ length: written.values }, (_, index) => ({
    at: index * written.registersPerValue,
    count: written.registersPerValue,
  }));
  if (written.values * written.registersPerValue > written.registersPerMeter) {
    refuse([...path, "values"], "do not fit into registersPerMeter");
  }
  checkBlock([...meter, ...values], written.registersPerMeter, (index, message) => {
    if (index < meter.length) refuse([...path, "meter", index], message);
  });
  const room = Math.floor((addressSpace - written.start) / written.registersPerMeter);
  if (room === 0 || room < (written.meters ?? 1)) refuse([...path, "meters"], `only ${room} fit behind start`);
  return { ...written, meters: written.meters ?? room, forms, meter };
}

function checkBlock(
  entries: readonly (PlacedForm | PlacedFact | { at: number; count: number })[],
  size: number,
  refuse: (index: number, message: string) => void,
): void {
  const owner = new Map<number, number>();
  for (const [index, entry] of entries.entries()) {
    const end = entry.at + ("count" in entry ? entry.count : registerCount[entry.type]);
    if (end > size) refuse(index, `ends at register ${end} of a block of ${size}`);
    for (let register = entry.at; register < end; register++) {
      const first = owner.get(register);
      if (first !== undefined && first !== index) {
        refuse(first, `overlaps another at register ${register}`);
        return;
      }
      owner.set(register, index);
    }
  }
}

function registerLine(
  written: NonNullable<Written["lines"]>[number],
  path: (string | number)[],
  refuse: Refuse,
): RegisterLine | undefined {
  const { address } = written;
  if (address + registerCount[written.type] > addressSpace) refuse(path, "ends behind register 65535");
  if (written.show !== undefined) {
    if (written.object !== undefined || written.device === undefined) {
      refuse(path, "show wants a device, and no object");
      return undefined;
    }
    return { ...registerForm(written), address, device: written.device, show: written.show };
  }
  const object = parseAddress(written.object ?? "");
  if (object?.attributeIndex === undefined || written.device !== undefined) {
    refuse(path, "wants object: <device>/<OBIS>/<attribute>, or device and show");
    return undefined;
  }
  const { attributeIndex } = object;
  return { ...valueForm(written, path, refuse), address, object: { ...object, attributeIndex } };
}

function registerForm(written: WrittenForm): RegisterForm {
  const { type, wordSwap = false, byteSwap = false, invalid = "minimum" } = written;
  return { type, wordSwap, byteSwap, invalid };
}

function valueForm(written: WrittenForm, path: (string | number)[], refuse: Refuse): ValueForm {
  const isFloat = written.type === "f32" || written.type === "f64";
  const constant = parseScaledNumber(String(written.constant ?? "1"));
  if (constant === undefined) refuse([...path, "constant"], `"${written.constant}" is not a decimal number`);
  return {
    ...registerForm(written),
    scaler: written.scaler ?? (isFloat ? 0 : "own"),
    constant: written.constant === undefined ? undefined : constant,
  };
}

function checkOverlaps(lines: readonly RegisterLine[], refuse: (index: number, message: string) => void): void {
  const order = lines.map((line, index) => ({ line, index })).toSorted((a, b) => a.line.address - b.line.address);
  for (const [position, { line, index }] of order.entries()) {
    const before = order[position - 1]?.line;
    if (before !== undefined && before.address + registerCount[before.type] > line.address) {
      refuse(index, `register ${line.address} already belongs to ${lineName(before)} at ${before.address}`);
    }
  }
}

/** What a line shows, in words. */
export function lineName(line: RegisterLine): string {
  return "object" in line ? formatAddress(line.object) : `${line.show} of ${line.device}`;
}

function proveExample(example: Written["examples"][number], path: (string | number)[], refuse: Refuse): void {
  const form = valueForm(example, path, refuse);
  const view = new DataView(new ArrayBuffer(2 * registerCount[form.type]));
  const number = example.value === null ? undefined : parseScaledNumber(String(example.value));
  if (example.value !== null && number === undefined) {
    refuse(path, `"${example.value}" is not a decimal number`);
    return;
  }
  const whole =
    number !== undefined && number.exponent >= 0 ? BigInt(number.integer) * 10n ** BigInt(number.exponent) : undefined;
  const integer = number === undefined ? undefined : (whole ?? Number(example.value));
  const scaled = integer === undefined ? undefined : scaledFor(form, integer, example.objectScaler ?? 0);
  encodeRegisters(view, 0, form, scaled);
  const got = toHex(new Uint8Array(view.buffer));
  const wanted = toHex(fromHex(String(example.registers)));
  if (got !== wanted) refuse([...path, "registers"], `is ${got.toUpperCase()}, not ${wanted.toUpperCase()}`);
}

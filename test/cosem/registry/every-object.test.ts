/** What holds for each attribute and method of every object: types, refusals, and no exception whatever comes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CosemObject, type Data, decodeData, encodeData, toHex, type types } from "../../../cosem/index.js";
import { createEveryObject, type EveryObject } from "../../support/every-object.js";

const indexes = (list: readonly unknown[] | undefined) =>
  [...(list ?? []).keys()].filter((index) => list?.[index] !== undefined);

function label({ interfaceClass, logicalName }: CosemObject): string {
  return `${interfaceClass.classId}/${interfaceClass.version} ${logicalName}`;
}

async function read({ registry, device, principal }: EveryObject, object: CosemObject, attributeIndex: number) {
  const { logicalName, interfaceClass } = object;
  const target = { device, logicalName, classId: interfaceClass.classId, attributeIndex };
  return await registry.read(target, principal);
}

async function readHex(every: EveryObject, object: CosemObject, attributeIndex: number): Promise<string | undefined> {
  const answer = await read(every, object, attributeIndex);
  return answer.ok && answer.value.type !== "array-stream" ? toHex(encodeData(answer.value)) : undefined;
}

async function write(every: EveryObject, object: CosemObject, attributeIndex: number, value: Data) {
  const { logicalName, interfaceClass } = object;
  const target = { device: every.device, logicalName, classId: interfaceClass.classId, attributeIndex };
  return await every.registry.write(target, value, every.principal);
}

async function invoke(every: EveryObject, object: CosemObject, methodIndex: number, parameters: Data) {
  const { logicalName, interfaceClass } = object;
  const target = { device: every.device, logicalName, classId: interfaceClass.classId, methodIndex };
  return await every.registry.invoke(target, parameters, every.principal);
}

const isReadable = (object: CosemObject, index: number) => ((object.offer?.attributes[index] ?? 0) & 1) !== 0;
const isWritable = (object: CosemObject, index: number) => ((object.offer?.attributes[index] ?? 0) & 2) !== 0;

const objects = createEveryObject().objects.map((object, index) => [label(object), index] as const);

describe.each(objects)("object %s", (_, place) => {
  function fresh() {
    const every = createEveryObject();
    const object = every.objects[place];
    if (object === undefined) throw new Error("a fixture makes the same objects each time");
    return { every, object };
  }

  it("reads what its class declares", async () => {
    const { every, object } = fresh();
    for (const index of indexes(object.interfaceClass.attributeAt)) {
      const answer = await read(every, object, index);
      expect(answer.ok).toBe(isReadable(object, index));
      if (!answer.ok || answer.value.type === "array-stream") continue;
      const type = object.interfaceClass.attributeAt[index]?.[1].type as types.CosemType<unknown>;
      const bytes = encodeData(answer.value);
      expect(type.toData(type.fromData(decodeData(bytes)))).toEqual(answer.value);
    }
  });

  it("refuses another type by name, and keeps the value", async () => {
    const { every, object } = fresh();
    for (const index of indexes(object.interfaceClass.attributeAt)) {
      if (!isWritable(object, index)) continue;
      const before = await readHex(every, object, index);
      const wrong: Data = { type: "structure", value: [{ type: "float64", value: 1 }] };
      const takesAny = object.interfaceClass.attributeAt[index]?.[1].type.name === "CHOICE";
      const answer = await write(every, object, index, wrong);
      if (!takesAny) {
        expect(answer).toEqual({ ok: false, refusal: "typeUnmatched" });
        expect(await readHex(every, object, index)).toBe(before);
      }
    }
  });

  it("takes back what it has given", async () => {
    const { every, object } = fresh();
    for (const index of indexes(object.interfaceClass.attributeAt)) {
      if (!isWritable(object, index) || !isReadable(object, index)) continue;
      const answer = await read(every, object, index);
      if (!answer.ok || answer.value.type === "array-stream") continue;
      expect(await write(every, object, index, answer.value)).toEqual({ ok: true });
      expect(await readHex(every, object, index)).toBe(toHex(encodeData(answer.value)));
    }
  });

  it("refuses a method's parameters of another type", async () => {
    const { every, object } = fresh();
    for (const index of indexes(object.offer?.methods)) {
      if (object.offer?.methods[index] !== 1) continue;
      const wrong: Data = { type: "float64", value: 1 };
      expect(await invoke(every, object, index, wrong)).toEqual({ ok: false, refusal: "typeUnmatched" });
    }
  });

  it("answers any data with success or a refusal", async () => {
    const { every, object } = fresh();
    const attributes = indexes(object.interfaceClass.attributeAt);
    const methods = indexes(object.interfaceClass.methodAt);
    await fc.assert(
      fc.asyncProperty(anyDataNear(every, object), fc.nat(20), fc.nat(20), async (data, attribute, method) => {
        const index = attributes[attribute % attributes.length] ?? 1;
        expect(typeof (await write(every, object, index, data)).ok).toBe("boolean");
        expect(typeof (await read(every, object, index)).ok).toBe("boolean");
        const methodIndex = methods[method % Math.max(methods.length, 1)];
        if (methodIndex !== undefined) {
          expect(typeof (await invoke(every, object, methodIndex, data)).ok).toBe("boolean");
        }
      }),
      { numRuns: 60 },
    );
  });
});

const number = (
  type: "integer" | "long" | "unsigned" | "long-unsigned" | "double-long-unsigned" | "enum",
  max: number,
) => fc.nat(max).map((value): Data => ({ type, value }));

const leaf: fc.Arbitrary<Data> = fc.oneof(
  fc.constant<Data>({ type: "null-data" }),
  fc.boolean().map((value): Data => ({ type: "boolean", value })),
  number("integer", 127),
  number("long", 32_767),
  number("unsigned", 255),
  number("long-unsigned", 65_535),
  number("double-long-unsigned", 0xffffffff),
  number("enum", 9),
  fc.double().map((value): Data => ({ type: "float64", value })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Data => ({ type: "long64-unsigned", value })),
  fc.uint8Array({ maxLength: 17 }).map((value): Data => ({ type: "octet-string", value })),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((value): Data => ({ type: "octet-string", value })),
  fc.string({ maxLength: 5 }).map((value): Data => ({ type: "visible-string", value })),
);

const tree: fc.Arbitrary<Data> = fc.oneof(
  { depthSize: "small", maxDepth: 4 },
  leaf,
  fc.record({
    type: fc.constantFrom("array" as const, "structure" as const),
    value: fc.array(leaf, { maxLength: 5 }),
  }),
);

/** Random data, and data of the object's own shapes with one place changed. */
function anyDataNear(every: EveryObject, object: CosemObject): fc.Arbitrary<Data> {
  const own: Data[] = [];
  const context = { principal: every.principal, device: every.device, selectiveAccess: undefined };
  for (const index of indexes(object.interfaceClass.attributeAt)) {
    const answer = object.read(index, context);
    if (!(answer instanceof Promise) && answer.ok && answer.value.type !== "array-stream") own.push(answer.value);
  }
  const near = fc
    .tuple(fc.constantFrom(...own), leaf, fc.nat(50))
    .map(([data, other, place]) => replace(data, other, place));
  return fc.oneof(tree, near);
}

function replace(data: Data, other: Data, place: number): Data {
  if ((data.type !== "array" && data.type !== "structure") || data.value.length === 0) return other;
  const index = place % data.value.length;
  const inner = data.value[index];
  const rest = Math.floor(place / data.value.length);
  return { type: data.type, value: data.value.with(index, inner === undefined ? other : replace(inner, other, rest)) };
}

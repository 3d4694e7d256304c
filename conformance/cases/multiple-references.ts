/** GET with list: many values at once, small with large, the attributes of one object. */
import { type AttributeDescriptor, conformanceBit, encodeData, type GetDataResult } from "../../cosem/index.js";
import { type ConformanceCase, fail, type Outcome, pass } from "../case.js";
import { type ListedObject, readObjectList } from "../object-list.js";
import type { Session } from "../session/session.js";
import { Inapplicable } from "../session/verdict-errors.js";

const reference = "IEC 62056-5-3, 6.6, GET with list";
const needs = { referencing: "ln" } as const;
/** So many attributes are looked at for their sizes. */
const mostLookedAt = 120;

const profileGeneric = 7;

function readableOf({ classId, logicalName, attributes }: ListedObject): AttributeDescriptor[] {
  return attributes
    .filter(({ canRead, index }) => canRead === true && !(classId === profileGeneric && index === 2))
    .map(({ index }) => ({ classId, logicalName, attributeIndex: index, selectiveAccess: undefined }));
}

async function openForLists(open: () => Promise<Session>): Promise<Session> {
  const session = await open();
  session.require(conformanceBit.multipleReferences, "GET with list");
  return session;
}

/** Types and sizes of what single GETs give, since values may change between two requests. */
const shapeOf = (result: GetDataResult): string =>
  result.kind === "error" ? `error ${result.error}` : result.data.type;

async function compare(session: Session, attributes: readonly AttributeDescriptor[]): Promise<Outcome> {
  const together = await session.getList(attributes);
  for (const [index, attribute] of attributes.entries()) {
    const alone = await session.get(attribute);
    const seen = together[index];
    if (seen !== undefined && shapeOf(seen) === shapeOf(alone)) continue;
    const name = `${attribute.classId}/${attribute.logicalName}/${attribute.attributeIndex}`;
    return fail(`${name}: ${seen === undefined ? "nothing" : shapeOf(seen)} in the list, ${shapeOf(alone)} alone`);
  }
  return pass(`${attributes.length} values as each alone`);
}

export const multipleReferenceCases: readonly ConformanceCase[] = [
  {
    name: "MULTI_1",
    about: "Ten values together",
    reference,
    needs,
    async run(context) {
      const session = await openForLists(() => context.shared());
      const all = (await readObjectList(session)).objects.flatMap(readableOf);
      if (all.length === 0) throw new Inapplicable("no attribute is readable");
      return compare(session, Array.from({ length: 10 }, (_, index) => all[index % all.length] ?? all[0]).flatMap(one));
    },
  },
  {
    name: "MULTI_2",
    about: "An attribute of 1 to 10 bytes together with one of 500 to 1,000, or the largest there is",
    reference,
    needs,
    async run(context) {
      const session = await openForLists(() => context.shared());
      const sizes: { readonly attribute: AttributeDescriptor; readonly size: number }[] = [];
      for (const attribute of (await readObjectList(session)).objects.flatMap(readableOf).slice(0, mostLookedAt)) {
        const result = await session.get(attribute);
        if (result.kind === "data") sizes.push({ attribute, size: encodeData(result.data).length });
      }
      const small = sizes.find(({ size }) => size <= 10);
      const wanted = sizes.find(({ size }) => size >= 500 && size <= 1000);
      const large =
        wanted ?? sizes.reduce((most, next) => (next.size > most.size ? next : most), { ...sizes[0], size: 0 });
      if (small === undefined || large.attribute === undefined || large.size < 50) {
        throw new Inapplicable("no small and large attributes to be read together");
      }
      const outcome = await compare(session, [small.attribute, large.attribute, small.attribute]);
      return outcome.verdict === "pass" ? pass(`${small.size} and ${large.size} bytes: ${outcome.reason}`) : outcome;
    },
  },
  {
    name: "MULTI_3",
    about: "The first four attributes of one object together",
    reference,
    needs,
    async run(context) {
      const session = await openForLists(() => context.shared());
      const { objects } = await readObjectList(session);
      const firstFour = objects
        .map((object) => readableOf(object).filter(({ attributeIndex }) => attributeIndex <= 4))
        .find((attributes) => attributes.length === 4);
      if (firstFour === undefined) throw new Inapplicable("no object has its first four attributes readable");
      return compare(session, firstFour);
    },
  },
];

const one = (attribute: AttributeDescriptor | undefined): AttributeDescriptor[] =>
  attribute === undefined ? [] : [attribute];

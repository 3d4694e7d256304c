/** Objects that every server has. */
import type { Data } from "../../cosem/index.js";
import { type ConformanceCase, fail, inapplicable, pass } from "../case.js";
import { currentAssociation, logicalDeviceName, sapAssignment, textOf } from "./answers.js";

export const objectCases: readonly ConformanceCase[] = [
  {
    name: "COSEM_LDN",
    about: "The logical device name is readable, at most 16 octets, and begins with three letters",
    reference: "IEC 62056-6-2, 4.1.8.2",
    async run(context) {
      const { client } = await context.open();
      const result = await client.get(logicalDeviceName);
      const name = result.kind === "data" ? textOf(result.data) : undefined;
      if (name === undefined) return fail("not readable as octet-string");
      return /^[A-Z]{3}.{1,13}$/s.test(name) ? pass(name) : fail(`"${name}"`);
    },
  },
  {
    name: "COSEM_SAP",
    about: "SAP assignment lists each SAP and each name once, and the management device among them",
    reference: "IEC 62056-6-2, class 17",
    async run(context) {
      if ((context.options.serverSap ?? 1) !== 1) return inapplicable("another logical device than the management one");
      const { client } = await context.open();
      const result = await client.get(sapAssignment);
      if (result.kind === "error" || result.data.type !== "array") return fail("no array is given");
      const saps = result.data.value.map((element) => fieldOf(element, 0));
      const names = result.data.value.map((element) => textOf(memberOf(element, 1)));
      if (new Set(saps).size !== saps.length) return fail("a SAP twice");
      if (new Set(names).size !== names.length) return fail("a name twice");
      return saps.includes(1) ? pass(`${saps.length} logical devices`) : fail("SAP 1 is missing");
    },
  },
  {
    name: "COSEM_ASSOCIATION",
    about: "The current association shows who is associated, and how",
    reference: "IEC 62056-6-2, class 15",
    async run(context) {
      const { client } = await context.open();
      const partners = await client.get(currentAssociation(3));
      const status = await client.get(currentAssociation(8));
      const { clientSap = 16, serverSap = 1 } = context.options;
      if (partners.kind === "error" || status.kind === "error") return fail("not readable");
      const seen = [fieldOf(partners.data, 0), fieldOf(partners.data, 1)];
      if (seen[0] !== clientSap || seen[1] !== serverSap) return fail(`partners ${seen.join(" and ")}`);
      if (status.data.type !== "enum" || status.data.value !== 2) return fail("the status is not associated (2)");
      return pass(`client ${clientSap}, server ${serverSap}, associated`);
    },
  },
];

function memberOf(data: Data, index: number): Data {
  const member = data.type === "structure" ? data.value[index] : undefined;
  return member ?? { type: "null-data" };
}

function fieldOf(data: Data, index: number): number | undefined {
  const member = memberOf(data, index);
  return "value" in member && typeof member.value === "number" ? member.value : undefined;
}

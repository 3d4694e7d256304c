/** Objects that every server has. */
import { applicationContextName, authenticationMechanismName, objectIdentifierType } from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, fail, inapplicable, pass } from "../case.js";
import { readObjectList } from "../object-list.js";
import { currentAssociation, dataOf, logicalDeviceName, memberOf, numberOf, sapAssignment, textOf } from "./answers.js";

export const mandatoryCases: readonly ConformanceCase[] = [
  {
    name: "COSEM_LDN",
    about: "The logical device name is readable, as declared, at most 16 octets, and begins with three letters",
    reference: "IEC 62056-6-2, 4.1.8.2",
    scope: "device",
    needs: { referencing: "ln" },
    async run(context) {
      const result = await (await context.shared()).get(logicalDeviceName);
      const name = result.kind === "data" ? textOf(result.data) : undefined;
      if (name === undefined) return fail("not readable as octet-string");
      if (!/^[A-Z]{3}.{1,13}$/s.test(name)) return fail(`"${name}"`);
      const declared = context.declaration.logicalDevices.find((device) => device.sap === context.serverSap)?.name;
      return declared === undefined || declared === name ? pass(name) : fail(`"${name}", declared "${declared}"`);
    },
  },
  {
    name: "COSEM_SAP",
    about: "SAP assignment lists each SAP and each name once, the management device and the declared ones among them",
    reference: "IEC 62056-6-2, class 17",
    needs: { referencing: "ln" },
    async run(context) {
      if (context.serverSap !== 1) return inapplicable("another logical device than the management one");
      const list = dataOf(await (await context.shared()).get(sapAssignment));
      if (typeof list === "string" || list.type !== "array") return fail("no array is given");
      const saps = list.value.map((element) => numberOf(memberOf(element, 0)));
      const names = list.value.map((element) => textOf(memberOf(element, 1)));
      if (new Set(saps).size !== saps.length) return fail("a SAP twice");
      if (new Set(names).size !== names.length) return fail("a name twice");
      const missing = context.declaration.logicalDevices.filter((device) => !saps.includes(device.sap));
      if (!saps.includes(1)) return fail("SAP 1 is missing");
      if (missing.length > 0)
        return fail(`declared and missing: SAP ${missing.map((device) => device.sap).join(", ")}`);
      return pass(`${saps.length} logical devices`);
    },
  },
  {
    name: "COSEM_ASSOCIATION",
    about: "The current association shows who is associated, and how; its list names every object once",
    reference: "IEC 62056-6-2, class 15",
    scope: "device",
    needs: { referencing: "ln" },
    async run(context) {
      const session = await context.shared();
      const { objects } = await readObjectList(session);
      const names = objects.map((object) => `${object.classId}/${object.logicalName}`);
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice !== undefined) return fail(`${twice} stands twice in object_list`);
      const own = names.filter((name) => name === "15/0-0:40.0.0*255").length;
      if (own !== 1) return fail("object_list lacks the current association, 0-0:40.0.0");
      const status = dataOf(await session.get(currentAssociation(8)));
      const isAssociated = typeof status !== "string" && status.type === "enum" && status.value === 2;
      return all([
        pass(`${names.length} objects`),
        await checkPartners(context),
        await checkNames(context),
        isAssociated ? pass("associated") : fail("association_status is not associated (2)"),
      ]);
    },
  },
];

/** associated_partners_id holds both SAPs. */
export async function checkPartners(context: CaseContext) {
  const partners = dataOf(await (await context.shared()).get(currentAssociation(3)));
  if (typeof partners === "string") return fail(`associated_partners_id: ${partners}`);
  const seen = [numberOf(memberOf(partners, 0)), numberOf(memberOf(partners, 1))];
  const { association, serverSap } = context;
  if (seen[0] === association.clientSap && seen[1] === serverSap) return pass(`partners ${seen.join(" and ")}`);
  return fail(`associated_partners_id: ${seen.join(" and ")}, not ${association.clientSap} and ${serverSap}`);
}

/** The names of context and mechanism are those of the association that is open. */
async function checkNames(context: CaseContext) {
  const { association } = context;
  const session = await context.shared();
  for (const [index, what, due] of [
    [4, "application_context_name", applicationContextName(association.context)],
    [6, "authentication_mechanism_name", authenticationMechanismName(association.mechanism)],
  ] as const) {
    const data = dataOf(await session.get(currentAssociation(index)));
    if (typeof data === "string") return fail(`${what}: ${data}`);
    const seen = objectIdentifierType.fromData(data).join(".");
    if (seen !== due.join(".")) return fail(`${what} is ${seen}, not ${due.join(".")}`);
  }
  return pass("context and mechanism as opened");
}

import { parseArgs } from "node:util";
import {
  AssociationRejected,
  actionResultName,
  type CosemAddress,
  type CosemDateTime,
  classById,
  DecodeError,
  dataAccessResultName,
  ObjectListRefused,
  ProtectionFault,
  parseAddress,
  parseCosemDateTime,
  ServerNotAuthentic,
  ServiceFailed,
  ServiceRefused,
  types,
} from "../../../cosem/index.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { connectionOptions, connectionUsage, serverOf } from "../dlms-client/options.js";
import { formatCsv, type ProfileQuery, readProfile } from "../dlms-client/profile.js";
import { dataFromWords, type ReadAnswer, readAll, readAttribute } from "../dlms-client/read.js";
import type { DlmsServer } from "../dlms-client/server.js";
import { shown } from "../dlms-client/values.js";

const usage = `usage: cosem-gateway dlms list HOST[:PORT] [--device NAME] [OPTIONS]
       cosem-gateway dlms read HOST[:PORT] ADDRESS… [OPTIONS]
       cosem-gateway dlms read HOST[:PORT] --all [--device NAME] [OPTIONS]
       cosem-gateway dlms set HOST[:PORT] ADDRESS VALUE [OPTIONS]
       cosem-gateway dlms invoke HOST[:PORT] ADDRESS [PARAMETER] [OPTIONS]
       cosem-gateway dlms profile HOST[:PORT] ADDRESS [--from TIME] [--to TIME] [OPTIONS]

A client for any DLMS/COSEM server, ours or another's. list shows its logical devices, or the objects of one; read shows
attributes, or all that may be read; profile prints rows as CSV with units in the header.
An ADDRESS is <device>/<OBIS>/<attribute>, e.g. GWF19458309073C/8-0:1.0.0*255/2; a device is its logical device
name, sap<n>, or gateway for SAP 1. Of invoke the last number is that of the method. VALUE and PARAMETER are JSON as read
shows it; where the class is not known here, with its type: {"long-unsigned": 5}.

  --device NAME      list or read the objects of this device alone
  --all              read every attribute that the object lists permit
  --from, --to TIME  rows of this time, ISO 8601 with zone; both ends count
  --entries A-B      rows by their number, from 1, in place of times
  --columns N,…      these columns, from 1
  --json             one line of JSON an item
${connectionUsage}

Exit code 1 when something could not be done; what could is shown all the same. Ctrl-C ends with what there is.`;

const options = {
  ...connectionOptions,
  device: { type: "string" },
  all: { type: "boolean", default: false },
  from: { type: "string" },
  to: { type: "string" },
  entries: { type: "string" },
  columns: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];
const parse = (words: readonly string[]) => parseArgs({ args: [...words], options, allowPositionals: true });

interface Job {
  readonly server: DlmsServer;
  readonly values: Values;
  readonly words: readonly string[];
  readonly signal: AbortSignal;
  print(item: Readonly<Record<string, unknown>>, text: string): void;
}

const actions: Readonly<Record<string, (job: Job) => Promise<number>>> = { list, read, set, invoke, profile };

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parse(words);
    const [name, ...rest] = positionals;
    const action = actions[name ?? ""];
    if (action === undefined) throw new WrongUse(`${Object.keys(actions).join(", ")}: one of them is missing`);
    const where = values.serial === undefined ? rest.shift() : undefined;
    const cancelled = new AbortController();
    const cancel = () => cancelled.abort();
    process.once("SIGINT", cancel);
    let server: DlmsServer | undefined;
    try {
      server = await serverOf(where, values);
      const print: Job["print"] = (item, text) =>
        void process.stdout.write(`${values.json ? JSON.stringify(item) : text}\n`);
      return await action({ server, values, words: rest, signal: cancelled.signal, print });
    } catch (error) {
      throw explained(error);
    } finally {
      process.off("SIGINT", cancel);
      await server?.close();
    }
  },
};

async function list({ server, values, print }: Job): Promise<number> {
  if (values.device === undefined) {
    for (const { sap, name } of await server.deviceList())
      print({ sap, device: name }, `${String(sap).padStart(5)}  ${name}`);
    return 0;
  }
  const device = await server.deviceNamed(values.device);
  for (const { classId, version, logicalName } of await server.objects(device)) {
    const className = classById(classId)?.name ?? "of a class not known here";
    print(
      { device: device.name, classId, className, version, logicalName },
      `${device.name}/${logicalName}  class ${classId} version ${version} ${className}`,
    );
  }
  return 0;
}

async function read({ server, values, words, signal, print }: Job): Promise<number> {
  let failed = 0;
  const show = (item: ReadAnswer) => {
    if (item.error === undefined) return print({ ...item }, `${item.address} = ${item.text}`);
    failed += 1;
    process.stderr.write(`${item.address}: ${item.error}\n`);
  };
  if (values.all) {
    const devices = values.device === undefined ? await server.deviceList() : [await server.deviceNamed(values.device)];
    let count = 0;
    for await (const item of readAll(server, devices, signal)) {
      show(item);
      count += 1;
      if (count % 500 === 0) process.stderr.write(`${count} attributes read; Ctrl-C ends\n`);
    }
    return failed === 0 && !signal.aborted ? 0 : 1;
  }
  if (words.length === 0) throw new WrongUse("an ADDRESS is missing");
  for (const address of words.map(addressOf)) show(await readAttribute(server, address));
  return failed === 0 ? 0 : 1;
}

async function set({ server, words, print }: Job): Promise<number> {
  const [where, value] = words;
  if (where === undefined || value === undefined) throw new WrongUse("ADDRESS and VALUE are wanted");
  const { sap, classId, address } = await objectOf(server, where);
  const index = address.attributeIndex ?? 2;
  const data = fitting(value, classById(classId)?.attributeAt[index]?.[1].type);
  const descriptor = { classId, logicalName: address.logicalName, attributeIndex: index, selectiveAccess: undefined };
  const result = await server.ask(sap, (driver) => driver.set(descriptor, data));
  const name = dataAccessResultName(result);
  print({ address: where, result: name }, `${where}: ${name}`);
  return result === 0 ? 0 : 1;
}

async function invoke({ server, words, print }: Job): Promise<number> {
  const [where, parameter] = words;
  if (where === undefined) throw new WrongUse("an ADDRESS is missing");
  const { sap, classId, address } = await objectOf(server, where);
  const methodIndex = address.attributeIndex;
  if (methodIndex === undefined) throw new WrongUse("the ADDRESS of invoke ends with the number of the method");
  const type = classById(classId)?.methodAt[methodIndex]?.[1].parameters;
  const data = parameter === undefined ? undefined : fitting(parameter, type);
  const method = { classId, logicalName: address.logicalName, methodIndex };
  const { result, returned } = await server.ask(sap, (driver) => driver.invoke(method, data));
  const answer = returned?.kind === "data" ? shown(returned.data) : undefined;
  const name = actionResultName(result);
  print(
    { address: where, result: name, value: answer?.value },
    `${where}: ${name}${answer === undefined ? "" : ` ${answer.text}`}`,
  );
  return result === 0 ? 0 : 1;
}

async function profile({ server, values, words, print }: Job): Promise<number> {
  const [where] = words;
  if (where === undefined) throw new WrongUse("an ADDRESS is missing");
  const address = addressOf(where);
  const device = await server.deviceNamed(address.device);
  const table = await readProfile(server, device, address.logicalName, queryOf(values));
  if (!values.json) process.stdout.write(formatCsv(table));
  else
    for (const row of table.rows)
      print(Object.fromEntries(table.header.map((title, at) => [title, row[at] ?? ""])), "");
  return 0;
}

function queryOf({ from, to, entries, columns }: Values): ProfileQuery {
  const range = entries === undefined ? undefined : /^(\d+)-(\d+)?$/.exec(entries);
  if (range === null) throw new WrongUse(`--entries wants A-B, not "${entries}"`);
  const numbers = columns?.split(",").map((text) => (/^\d{1,5}$/.test(text) ? Number(text) : 0));
  if (numbers?.some((number) => number < 1) === true) throw new WrongUse("--columns wants numbers from 1, with commas");
  return {
    ...(from === undefined ? {} : { from: timeOf("from", from) }),
    ...(to === undefined ? {} : { to: timeOf("to", to) }),
    ...(range === undefined ? {} : { entries: { first: Number(range[1]), last: Number(range[2] ?? 0) } }),
    ...(numbers === undefined ? {} : { columns: numbers }),
  };
}

function timeOf(name: string, text: string): CosemDateTime {
  const time = parseCosemDateTime(/T/.test(text) ? text : `${text}T00:00:00`);
  if (time === undefined) throw new WrongUse(`--${name} wants a time such as 2026-11-22T11:00:00+01:00, not "${text}"`);
  return time;
}

async function objectOf(server: DlmsServer, text: string) {
  const address = addressOf(text);
  const device = await server.deviceNamed(address.device);
  const classId = address.classId ?? (await server.classAt(device, address.logicalName));
  if (classId === undefined) throw new CommandFailed(`${text}: this client's object list has no such object`);
  return { sap: device.sap, classId, address };
}

function fitting(text: string, type: types.CosemType<unknown> | undefined) {
  try {
    return dataFromWords(text, type);
  } catch (error) {
    if (error instanceof types.TypeUnmatched || error instanceof types.ScopeOfAccessViolated) {
      throw new WrongUse(`"${text}" does not fit: ${error.message}`);
    }
    throw error;
  }
}

function addressOf(text: string): CosemAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new WrongUse(`"${text}" is not an address; write <device>/<OBIS>/<attribute>`);
  return address;
}

function explained(error: unknown): unknown {
  if (error instanceof AssociationRejected) {
    return new CommandFailed(`${error.message}: is the client known there, and are password and keys right?`);
  }
  if (error instanceof ServiceFailed || error instanceof ObjectListRefused) return new CommandFailed(error.message);
  if (error instanceof ServiceRefused) {
    const { invocationCounter } = error.exception;
    const next =
      invocationCounter === undefined ? "" : `; it wants a counter of ${invocationCounter} or more: --counter`;
    return new CommandFailed(`${error.message}${next}`);
  }
  const isTold = [DecodeError, ProtectionFault, ServerNotAuthentic].some((kind) => error instanceof kind);
  return isTold && error instanceof Error ? new CommandFailed(error.message) : error;
}

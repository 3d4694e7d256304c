import { parseArgs } from "node:util";
import {
  actionResultName,
  type CosemAddress,
  type CosemDateTime,
  classById,
  dataAccessResultName,
  parseAddress,
  parseCosemDateTime,
  types,
} from "../../../cosem/index.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { explained } from "../dlms-client/failures.js";
import { connectionOptions, connectionUsage, serverOf } from "../dlms-client/options.js";
import { formatCsv, readProfile } from "../dlms-client/profile.js";
import type { ProfileQuery } from "../dlms-client/profile-selection.js";
import { dataFromWords, type ReadAnswer, readAll, readAttribute } from "../dlms-client/read.js";
import type { DlmsServer, ListedDevice } from "../dlms-client/server.js";
import { shown } from "../dlms-client/values.js";

const usage = `usage: cosem-gateway dlms list HOST[:PORT] [--device NAME | --all] [OPTIONS]
       cosem-gateway dlms read HOST[:PORT] ADDRESS… [OPTIONS]
       cosem-gateway dlms read HOST[:PORT] --all [--device NAME] [OPTIONS]
       cosem-gateway dlms set HOST[:PORT] ADDRESS VALUE [OPTIONS]
       cosem-gateway dlms invoke HOST[:PORT] ADDRESS [PARAMETER] [OPTIONS]
       cosem-gateway dlms profile HOST[:PORT] ADDRESS [--from TIME] [--to TIME] [OPTIONS]

A client for any DLMS/COSEM server, ours or another's. list shows its logical devices, or the objects of one or of all;
read shows attributes, or all that may be read; profile prints rows as CSV with units in the header.
An ADDRESS is <device>/<OBIS>/<attribute>, e.g. GWF19458309073C/8-0:1.0.0*255/2; a device is its logical device
name, sap<n>, or gateway for SAP 1. Of invoke the last number is that of the method. VALUE and PARAMETER are JSON as read
shows it; where the class is not known here, with its type: {"long-unsigned": 5}.

  --device NAME      list or read the objects of this device alone
  --all              list the objects of all devices, or read every attribute that the object lists permit
  --from, --to TIME  rows of this time, ISO 8601 with zone; both ends count
  --entries A-B      rows by their number, from 1, in place of times; A- to the end
  --columns N,…      these columns, from 1
  --json             one line of JSON an item, one that cannot be read with its "error"
${connectionUsage}

Exit code 1 when something could not be done; what could is shown all the same. Long work tells on stderr how far it is;
Ctrl-C ends it.`;

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
    const print: Job["print"] = (item, text) =>
      void process.stdout.write(`${values.json ? JSON.stringify(item) : text}\n`);
    const cancelled = new AbortController();
    const { signal } = cancelled;
    const interrupted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new CommandFailed("cancelled")), { once: true });
    });
    const cancel = () => cancelled.abort();
    process.once("SIGINT", cancel);
    let server: DlmsServer | undefined;
    const work = async () => {
      server = await serverOf(where, values, note);
      return action({ server, values, words: rest, signal, print });
    };
    try {
      return await Promise.race([work(), interrupted]);
    } catch (error) {
      if (signal.aborted) server?.cancel();
      throw explained(error);
    } finally {
      process.off("SIGINT", cancel);
      await server?.close();
    }
  },
};

const note = (words: string) => void process.stderr.write(`${words}\n`);

async function list(job: Job): Promise<number> {
  const { server, values, print } = job;
  if (values.device === undefined && !values.all) {
    for (const { sap, name } of await server.deviceList())
      print({ sap, device: name }, `${String(sap).padStart(5)}  ${name}`);
    return 0;
  }
  for (const device of await devicesOf(job)) await listObjects(job, device);
  return 0;
}

async function devicesOf({ server, values }: Job): Promise<readonly ListedDevice[]> {
  return values.device === undefined ? server.deviceList() : [await server.deviceNamed(values.device)];
}

async function listObjects({ server, print }: Job, device: ListedDevice): Promise<void> {
  for (const { classId, version, logicalName } of await server.objects(device)) {
    const className = classById(classId)?.name ?? "of a class not known here";
    print(
      { device: device.name, classId, className, version, logicalName },
      `${device.name}/${logicalName}  class ${classId} version ${version} ${className}`,
    );
  }
}

async function read(job: Job): Promise<number> {
  const { server, values, words, signal, print } = job;
  let failed = 0;
  const show = (item: ReadAnswer) => {
    const { address, text, error } = item;
    if (error !== undefined) failed += 1;
    if (error === undefined || values.json) print({ ...item }, `${address} = ${text}`);
    else note(`${address}: ${error}`);
  };
  if (values.all) {
    let count = 0;
    for await (const item of readAll(server, await devicesOf(job), signal)) {
      show(item);
      count += 1;
      if (count % 500 === 0) note(`${count} attributes so far; Ctrl-C ends`);
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
  const fault = returned?.kind === "error" && returned.error !== 0 ? dataAccessResultName(returned.error) : undefined;
  const name = actionResultName(result);
  const returns = answer?.text ?? (fault === undefined ? "" : `and returns ${fault}`);
  print({ address: where, result: name, value: answer?.value, error: fault }, `${where}: ${name} ${returns}`.trimEnd());
  return result === 0 && fault === undefined ? 0 : 1;
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
  const range = entries === undefined ? undefined : /^([1-9]\d{0,8})-(\d{0,9})$/.exec(entries);
  if (range === null) throw new WrongUse(`--entries wants A-B, not "${entries}"`);
  const numbers = columns?.split(",").map((text) => (/^\d{1,5}$/.test(text) ? Number(text) : 0));
  if (numbers?.some((number) => number < 1) === true) throw new WrongUse("--columns wants numbers from 1, with commas");
  return {
    ...(from === undefined ? {} : { from: timeOf("from", from) }),
    ...(to === undefined ? {} : { to: timeOf("to", to) }),
    ...(range === undefined ? {} : { entries: { first: Number(range[1]), last: Number(range[2] || 0) } }),
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

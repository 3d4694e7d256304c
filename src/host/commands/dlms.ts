import { parseArgs } from "node:util";
import {
  AssociationRejected,
  type CosemAddress,
  DecodeError,
  managementClientSap,
  parseAddress,
  publicClientSap,
  Secret,
  ServiceRefused,
} from "../../../cosem/index.js";
import { hostAndPort, numberOption } from "../arguments.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { listServer, readAttribute, type Server } from "../dlms-client.js";

const usage = `usage: cosem-gateway dlms list HOST[:PORT] [--device NAME] [OPTIONS]
       cosem-gateway dlms read HOST[:PORT] ADDRESS… [OPTIONS]

list shows the logical devices of a DLMS/COSEM server, or the objects of one device; read shows attributes.
An ADDRESS is <device>/<OBIS>/<attribute>, e.g. GWF19458309073C/8-0:1.0.0*255/2; a device is its logical device
name, sap<n>, or gateway for SAP 1.

  --client N         client SAP (default 16, the public client)
  --password TEXT    low-level password; DLMS_PASSWORD in the environment keeps it out of the process list
  --device NAME      list the objects of this device
  --timeout SECONDS  wait so long for each answer (default 10)
  --json             one line of JSON an item

Exit code 1 when something could not be read; what could is shown all the same.`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        client: { type: "string", default: String(publicClientSap) },
        password: { type: "string" },
        device: { type: "string" },
        timeout: { type: "string", default: "10" },
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [action, where, ...addresses] = positionals;
    if (action !== "list" && action !== "read") throw new WrongUse("list or read is missing");
    const password = values.password ?? process.env["DLMS_PASSWORD"];
    const server: Server = {
      ...hostAndPort(where),
      clientSap: numberOption("client", values.client, 1, 126),
      password: password === undefined ? undefined : new Secret(new TextEncoder().encode(password)),
      timeoutMs: numberOption("timeout", values.timeout, 1, 3600) * 1000,
    };
    if (server.clientSap === managementClientSap && password === undefined) {
      throw new WrongUse("client 1 wants --password");
    }
    const print = (item: Readonly<Record<string, unknown>>, text: string) =>
      process.stdout.write(`${values.json ? JSON.stringify(item) : text}\n`);
    try {
      if (action === "list") return await list(server, values.device, print);
      if (addresses.length === 0) throw new WrongUse("an ADDRESS is missing");
      return await read(server, addresses.map(addressOf), print);
    } catch (error) {
      throw explained(error);
    }
  },
};

type Print = (item: Readonly<Record<string, unknown>>, text: string) => void;

async function list(server: Server, device: string | undefined, print: Print): Promise<number> {
  const { devices, objects } = await listServer(server, device);
  for (const { sap, name } of devices) print({ sap, device: name }, `${String(sap).padStart(5)}  ${name}`);
  for (const object of objects) {
    print(
      { ...object },
      `${object.device}/${object.logicalName}  class ${object.classId} version ${object.version} ${object.className}`,
    );
  }
  return 0;
}

async function read(server: Server, addresses: readonly CosemAddress[], print: Print): Promise<number> {
  let failed = 0;
  for (const address of addresses) {
    const item = await readAttribute(server, address);
    if (item.error !== undefined) {
      failed += 1;
      process.stderr.write(`${item.address}: ${item.error}\n`);
      continue;
    }
    print({ ...item }, `${item.address} = ${item.text}`);
  }
  return failed === 0 ? 0 : 1;
}

function addressOf(text: string): CosemAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new WrongUse(`"${text}" is not an address; write <device>/<OBIS>/<attribute>`);
  return address;
}

function explained(error: unknown): unknown {
  if (error instanceof AssociationRejected) {
    return new CommandFailed(`${error.message}: is the client known there, and the password right?`);
  }
  if (error instanceof ServiceRefused || error instanceof DecodeError) return new CommandFailed(error.message);
  return error;
}

/** What `dlms list` and `dlms read` ask a server, ours or another's. */

import { connectDlms, type DlmsConnection, type DlmsTarget, NoAnswer } from "../../conformance/index.js";
import {
  AssociationLn,
  type ClientDriver,
  type CosemAddress,
  classById,
  type Data,
  dataAccessResultName,
  formatAddress,
  formatScaled,
  type LogicalName,
  logicalName,
  nearestDecimal,
  readObjectList,
  SapAssignment,
  type Secret,
  types,
  unitSymbol,
} from "../../cosem/index.js";
import { CommandFailed } from "./command.js";

export interface Server extends Omit<DlmsTarget, "serverSap"> {
  /** Undefined: no authentication. */
  readonly password: Secret | undefined;
}

export interface ListedDevice {
  readonly sap: number;
  readonly name: string;
}

export interface ListedObject {
  readonly device: string;
  readonly classId: number;
  readonly className: string;
  readonly version: number;
  readonly logicalName: string;
}

export interface ReadAnswer {
  readonly address: string;
  readonly text: string;
  readonly value: unknown;
  /** For the value of a Register or Extended register. */
  readonly unit?: string;
  readonly scaler?: number;
  readonly error?: string;
}

const managementSap = 1;
const sapAssignmentName = logicalName("0-0:41.0.0*255");
const currentAssociation = logicalName("0-0:40.0.0*255");

/** The server's logical devices; with `device`, only the objects of that one. */
export async function listServer(
  server: Server,
  device: string | undefined,
): Promise<{ devices: readonly ListedDevice[]; objects: readonly ListedObject[] }> {
  const devices = await readSapList(server);
  if (device === undefined) return { devices, objects: [] };
  const { sap, name } = deviceNamed(devices, device);
  const list = await withDevice(server, sap, objectListOf);
  const objects = list.map(({ classId, version, logicalName: obis }) => ({
    device: name,
    classId,
    className: classById(classId)?.name ?? "of a class not known here",
    version,
    logicalName: obis,
  }));
  return { devices: [], objects };
}

/** One attribute (2 where the address names none); the class is looked up in the server's object list. */
export async function readAttribute(server: Server, address: CosemAddress): Promise<ReadAnswer> {
  const attributeIndex = address.attributeIndex ?? 2;
  const written = formatAddress({ ...address, attributeIndex });
  const device = findDevice(await readSapList(server), address.device);
  if (device === undefined) return failure(written, `the server has no logical device "${address.device}"`);
  return withDevice(server, device.sap, async (driver) => {
    const classId = address.classId ?? (await classAt(driver, address.logicalName));
    if (classId === undefined) return failure(written, "this client's object list has no such object");
    const result = await get(driver, classId, address.logicalName, attributeIndex);
    if (result.kind === "error") return failure(written, dataAccessResultName(result.error));
    const isRegister = (classId === 3 || classId === 4) && attributeIndex === 2;
    if (!isRegister) return { address: written, ...shown(result.data, classId, attributeIndex) };
    const scaling = await get(driver, classId, address.logicalName, 3);
    if (scaling.kind === "error") return failure(written, `scaler_unit: ${dataAccessResultName(scaling.error)}`);
    const { scaler, unit } = types.scalUnitType.fromData(scaling.data);
    return { address: written, ...shownScaled(result.data, scaler, unitSymbol(unit)) };
  });
}

function failure(address: string, error: string): ReadAnswer {
  return { address, text: "", value: null, error };
}

/** In the form that the class's declaration gives, where class and type are as declared. */
function shown(data: Data, classId?: number, attributeIndex?: number) {
  const value = declaredJson(data, classId, attributeIndex) ?? types.dataToJson(data);
  const readable = data.type === "octet-string" ? readableText(data.value) : undefined;
  return { value, text: `${JSON.stringify(value)}${readable === undefined ? "" : ` "${readable}"`} (${data.type})` };
}

function declaredJson(data: Data, classId: number | undefined, attributeIndex: number | undefined): unknown {
  if (classId === undefined || attributeIndex === undefined) return undefined;
  const type = classById(classId)?.attributeAt[attributeIndex]?.[1].type;
  try {
    return type?.toJson(type.fromData(data));
  } catch (error) {
    if (error instanceof types.TypeUnmatched || error instanceof types.ScopeOfAccessViolated) return undefined;
    throw error;
  }
}

/** Octets that are printable text, as names often are. */
function readableText(octets: Uint8Array): string | undefined {
  const isPrintable = octets.length > 0 && octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  return isPrintable ? String.fromCharCode(...octets) : undefined;
}

function shownScaled(data: Data, scaler: number, unit: string) {
  if (!("value" in data) || (typeof data.value !== "number" && typeof data.value !== "bigint")) return shown(data);
  const value = data.type === "float32" ? nearestDecimal(data.value) : data.value;
  return { value: types.jsonInteger(value), scaler, unit, text: `${formatScaled(value, scaler)} ${unit}`.trimEnd() };
}

async function readSapList(server: Server): Promise<readonly ListedDevice[]> {
  return withDevice(server, managementSap, async (driver) => {
    const result = await get(driver, SapAssignment.classId, sapAssignmentName, 2);
    if (result.kind === "error") {
      throw new CommandFailed(`the SAP list cannot be read: ${dataAccessResultName(result.error)}`);
    }
    const list = SapAssignment.attributes.sapAssignmentList.type.fromData(result.data);
    return list.map(({ sap, logicalDeviceName }) => ({ sap, name: nameText(logicalDeviceName) }));
  });
}

const nameText = (name: string | Uint8Array) => (typeof name === "string" ? name : String.fromCharCode(...name));

function findDevice(devices: readonly ListedDevice[], name: string): ListedDevice | undefined {
  const sap = name === "gateway" ? managementSap : Number(/^sap(\d{1,5})$/.exec(name)?.[1]);
  return devices.find((device) => device.name === name || device.sap === sap);
}

function deviceNamed(devices: readonly ListedDevice[], name: string): ListedDevice {
  const found = findDevice(devices, name);
  if (found === undefined) throw new CommandFailed(`the server has no logical device "${name}"; dlms list names them`);
  return found;
}

/** Opens an association to one device, asks, and releases it. @throws CommandFailed, AssociationRejected … */
async function withDevice<T>(server: Server, serverSap: number, ask: (driver: ClientDriver) => Promise<T>): Promise<T> {
  const { password } = server;
  const connection = await connectTo({ ...server, serverSap }, password);
  try {
    await connection.client.open();
    const answer = await ask(connection.client);
    // A server that will not release is left all the same.
    await connection.client.release().catch(() => undefined);
    return answer;
  } catch (error) {
    throw error instanceof NoAnswer ? new CommandFailed(`${server.host}:${server.port}: ${error.message}`) : error;
  } finally {
    await connection.close();
  }
}

async function connectTo(target: DlmsTarget, password: Secret | undefined): Promise<DlmsConnection> {
  try {
    return await connectDlms(target, password === undefined ? {} : { password });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(`cannot reach ${target.host}:${target.port}: ${why}; is the DLMS door open there?`);
  }
}

async function objectListOf(driver: ClientDriver) {
  const result = await get(driver, AssociationLn.classId, currentAssociation, 2);
  if (result.kind === "error") {
    throw new CommandFailed(`the object list cannot be read: ${dataAccessResultName(result.error)}`);
  }
  return readObjectList(result.data);
}

async function classAt(driver: ClientDriver, name: LogicalName): Promise<number | undefined> {
  return (await objectListOf(driver)).find((object) => object.logicalName === name)?.classId;
}

function get(driver: ClientDriver, classId: number, name: LogicalName, attributeIndex: number) {
  return driver.get({ classId, logicalName: name, attributeIndex, selectiveAccess: undefined });
}

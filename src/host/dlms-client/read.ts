/** Reading single attributes, or all that a server lets this client read. */
import {
  AssociationRejected,
  accessRead,
  type CosemAddress,
  classById,
  type Data,
  dataAccessResultName,
  formatAddress,
  types,
  unitSymbol,
} from "../../../cosem/index.js";
import { CommandFailed } from "../command.js";
import { whyFailed } from "./failures.js";
import { attributeOf, type DlmsServer, type ListedDevice, type ListedObject } from "./server.js";
import { shown, shownScaled } from "./values.js";

export interface ReadAnswer {
  readonly address: string;
  readonly text: string;
  readonly value: unknown;
  /** For values that have a scaler and unit. */
  readonly unit?: string;
  readonly scaler?: number;
  readonly error?: string;
}

/** One attribute (2 where the address names none); the class is looked up in the server's object list. */
export async function readAttribute(server: DlmsServer, address: CosemAddress): Promise<ReadAnswer> {
  const attributeIndex = address.attributeIndex ?? 2;
  const written = formatAddress({ ...address, attributeIndex });
  const device = await server.deviceNamed(address.device);
  const classId = address.classId ?? (await server.classAt(device, address.logicalName));
  if (classId === undefined) return failure(written, "this client's object list has no such object");
  const object = { classId, logicalName: address.logicalName };
  return readOne(server, device, object, attributeIndex, written).catch((error: unknown) => {
    // What is wrong with the association or the connection is so for all.
    const why = error instanceof AssociationRejected || error instanceof CommandFailed ? undefined : whyFailed(error);
    if (why === undefined) throw error;
    return failure(written, why);
  });
}

/**
 * Every attribute that the object lists say may be read; what cannot be read comes with its error, and the rest follows.
 * Profiles are left to `dlms profile`.
 */
export async function* readAll(
  server: DlmsServer,
  devices: readonly ListedDevice[],
  signal: AbortSignal,
): AsyncGenerator<ReadAnswer> {
  for (const device of devices) {
    const objects = await server.objects(device).catch((error: unknown) => failureOf(device.name, error, signal));
    if ("error" in objects) {
      yield objects;
      continue;
    }
    for (const object of objects) yield* readObject(server, device, object, signal);
    if (signal.aborted) return;
  }
}

async function* readObject(
  server: DlmsServer,
  device: ListedDevice,
  object: ListedObject,
  signal: AbortSignal,
): AsyncGenerator<ReadAnswer> {
  const { classId, logicalName } = object;
  for (const attributeIndex of readableAttributes(object)) {
    if (signal.aborted) return;
    if (classId === 7 && attributeIndex === 2) continue;
    const written = formatAddress({ device: device.name, classId, logicalName, attributeIndex });
    yield await readOne(server, device, object, attributeIndex, written).catch((error: unknown) =>
      failureOf(written, error, signal),
    );
  }
}

/** @throws what is no answer of the server, and all once the command is cancelled */
function failureOf(address: string, error: unknown, signal: AbortSignal): ReadAnswer & { readonly error: string } {
  const why = signal.aborted ? undefined : whyFailed(error);
  if (why === undefined) throw error;
  return failure(address, why);
}

/** By the rights in the list where it gives them, else those of the class. */
function readableAttributes({ classId, version, attributes }: ListedObject): readonly number[] {
  if (attributes.size === 0) {
    const declared = Object.values((classById(classId, version) ?? classById(classId))?.attributes ?? {});
    return declared.filter(({ access }) => access === "get" || access === "getSet").map(({ index }) => index);
  }
  return [...attributes].filter(([index, bits]) => index > 0 && (bits & accessRead) !== 0).map(([index]) => index);
}

async function readOne(
  server: DlmsServer,
  device: ListedDevice,
  { classId, logicalName }: Pick<ListedObject, "classId" | "logicalName">,
  attributeIndex: number,
  written: string,
): Promise<ReadAnswer> {
  const result = await server.get(device, attributeOf(classId, logicalName, attributeIndex));
  if (result.kind === "error") return failure(written, dataAccessResultName(result.error));
  const scaling = await server.scalingOf(device, { classId, logicalName, attributeIndex });
  if (scaling === undefined) return { address: written, ...shown(result.data, classId, attributeIndex) };
  return { address: written, ...shownScaled(result.data, scaling.scaler, unitSymbol(scaling.unit)) };
}

function failure(address: string, error: string): ReadAnswer & { readonly error: string } {
  return { address, text: "", value: null, error };
}

/**
 * A value of the command line as data: by the class's declaration, else JSON that names its type.
 * @throws TypeUnmatched, ScopeOfAccessViolated where it does not fit
 */
export function dataFromWords(text: string, type: types.CosemType<unknown> | undefined): Data {
  const json = parsed(text);
  return type === undefined ? types.dataFromJson(json) : type.toData(type.fromJson(json));
}

/** JSON, or the word itself where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

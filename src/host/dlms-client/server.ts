/** A DLMS/COSEM server, ours or another's, as the command line talks to it: one association a logical device, kept open. */
import {
  connectDlms,
  connectHdlc,
  type DlmsConnection,
  type HdlcLine,
  type HdlcTarget,
  NoAnswer,
  openHdlc,
  type SharedLine,
  shareLine,
} from "../../../conformance/index.js";
import {
  AssociationLn,
  type AttributeDescriptor,
  type ClientAssociationOptions,
  type ClientDriver,
  conformanceBit,
  type Data,
  DemandRegister,
  dataAccessResultName,
  ExtendedRegister,
  type GetDataResult,
  type LogicalName,
  logicalName,
  Register,
  readObjectList,
  SapAssignment,
  type ScalerUnit,
  ServiceRefused,
  types,
} from "../../../cosem/index.js";
import { CommandFailed } from "../command.js";

export interface ServerParts extends Omit<HdlcTarget, "serverSap"> {
  readonly framing: "wrapper" | "hdlc";
  /** A serial line in place of host and port. */
  openLine?(): Promise<HdlcLine>;
  /** SAP of the logical device that has the SAP list. */
  readonly homeSap: number;
  readonly association: ClientAssociationOptions;
  /** Takes words on how long work is getting on. */
  note(words: string): void;
}

export interface ListedDevice {
  readonly sap: number;
  readonly name: string;
}

export type ListedObject = ReturnType<typeof readObjectList>[number];

const managementSap = 1;
const progressMs = 3000;
const sapAssignmentName = logicalName("0-0:41.0.0*255");
const currentAssociation = logicalName("0-0:40.0.0*255");

export class DlmsServer {
  private readonly parts: ServerParts;
  private connection: { readonly sap: number; readonly dlms: DlmsConnection } | undefined;
  private line: SharedLine | undefined;
  private devices: readonly ListedDevice[] | undefined;
  private isCancelled = false;
  private readonly objectLists = new Map<number, readonly ListedObject[]>();
  private readonly scalings = new Map<string, ScalerUnit | undefined>();

  constructor(parts: ServerParts) {
    this.parts = parts;
  }

  /** All logical devices; only the one that was asked where it shows no SAP list. @throws AssociationRejected … */
  async deviceList(): Promise<readonly ListedDevice[]> {
    this.devices ??= await this.readDeviceList();
    return this.devices;
  }

  private async readDeviceList(): Promise<readonly ListedDevice[]> {
    const { homeSap } = this.parts;
    const why = await this.sapList(homeSap).catch((error: unknown) => {
      if (error instanceof ServiceRefused || error instanceof types.TypeUnmatched) return error.message;
      throw error;
    });
    if (typeof why !== "string") return why;
    this.parts.note(`the SAP list cannot be read (${why}): taking sap${homeSap} alone`);
    return [{ sap: homeSap, name: `sap${homeSap}` }];
  }

  /** @returns why it cannot be read, where that is so */
  private async sapList(homeSap: number): Promise<readonly ListedDevice[] | string> {
    const result = await this.get({ sap: homeSap }, attributeOf(SapAssignment.classId, sapAssignmentName, 2));
    if (result.kind === "error") return dataAccessResultName(result.error);
    const list = SapAssignment.attributes.sapAssignmentList.type.fromData(result.data);
    return list.map(({ sap, logicalDeviceName }) => ({ sap, name: nameText(logicalDeviceName) }));
  }

  /** `sap<n>` is taken as it is; names are looked up. @throws CommandFailed */
  async deviceNamed(name: string): Promise<ListedDevice> {
    const sap = name === "gateway" ? managementSap : Number(/^sap(\d{1,5})$/.exec(name)?.[1]);
    if (sap >= 0 && sap <= 0xffff) return { sap, name };
    const found = (await this.deviceList()).find((device) => device.name === name);
    if (found === undefined)
      throw new CommandFailed(`the server has no logical device "${name}"; dlms list names them`);
    return found;
  }

  /** @throws CommandFailed where this client cannot read it */
  async objects({ sap }: ListedDevice): Promise<readonly ListedObject[]> {
    const known = this.objectLists.get(sap);
    if (known !== undefined) return known;
    const result = await this.get({ sap }, attributeOf(AssociationLn.classId, currentAssociation, 2));
    if (result.kind === "error") {
      throw new CommandFailed(`the object list cannot be read: ${dataAccessResultName(result.error)}`);
    }
    const list = listOf(result.data);
    this.objectLists.set(sap, list);
    return list;
  }

  /** The class of an object, from the object list. */
  async classAt(device: ListedDevice, name: LogicalName): Promise<number | undefined> {
    return (await this.objects(device)).find((object) => object.logicalName === name)?.classId;
  }

  /** Of a value that has one; read once, undefined where it cannot be read. */
  async scalingOf(device: ListedDevice, object: ScaledAttribute): Promise<ScalerUnit | undefined> {
    const index = scalerIndexOf(object);
    if (index === undefined) return undefined;
    const key = `${device.sap}/${object.classId}:${object.logicalName}`;
    if (this.scalings.has(key)) return this.scalings.get(key);
    const result = await this.get(device, attributeOf(object.classId, object.logicalName, index));
    const scaling = result.kind === "error" ? undefined : scalerUnitOf(result.data);
    this.scalings.set(key, scaling);
    return scaling;
  }

  /** Whether selectors may be asked for: the association with that device negotiated it. */
  async offersSelection({ sap }: ListedDevice): Promise<boolean> {
    const { client } = await this.open(sap);
    const bits = conformanceBit.selectiveAccess | conformanceBit.parameterizedAccess;
    return ((client.association.negotiated?.negotiatedConformance ?? 0) & bits) !== 0;
  }

  get({ sap }: Pick<ListedDevice, "sap">, descriptor: AttributeDescriptor): Promise<GetDataResult> {
    return this.ask(sap, (driver) => driver.get(descriptor));
  }

  /** In an association with that device. @throws (rejects with) CommandFailed, AssociationRejected, ServiceRefused … */
  async ask<T>(sap: number, question: (driver: ClientDriver) => Promise<T>): Promise<T> {
    const { client } = await this.open(sap);
    const progress = setInterval(() => this.tellProgress(client), progressMs);
    try {
      return await question(client);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      // What comes late would answer the next question.
      await this.leave(false);
      throw this.noAnswer(error);
    } finally {
      clearInterval(progress);
    }
  }

  private noAnswer({ message }: NoAnswer): CommandFailed {
    const other = this.parts.framing === "hdlc" ? "the wrapper, without --hdlc," : "--hdlc";
    return new CommandFailed(`${this.name}: ${message}; a longer --timeout, other SAPs or ${other} may help`);
  }

  private tellProgress({ association: { assembledBytes } }: ClientDriver): void {
    if (assembledBytes > 0) this.parts.note(`${assembledBytes} bytes of an answer so far; Ctrl-C ends`);
  }

  /** Ends what waits; nothing more can be asked. */
  cancel(): void {
    this.isCancelled = true;
    this.connection?.dlms.client.fail(new CommandFailed("cancelled"));
  }

  private get name(): string {
    return `${this.parts.host}:${this.parts.port}`;
  }

  private async open(sap: number): Promise<DlmsConnection> {
    if (this.isCancelled) throw new CommandFailed("cancelled");
    if (this.connection?.sap === sap && !this.connection.dlms.isClosed) return this.connection.dlms;
    await this.leave();
    const dlms = await this.connect(sap);
    this.connection = { sap, dlms };
    try {
      await dlms.client.open();
    } catch (error) {
      await this.leave(false);
      throw error instanceof NoAnswer ? this.noAnswer(error) : error;
    }
    return dlms;
  }

  private async connect(serverSap: number): Promise<DlmsConnection> {
    const { framing, association, openLine, homeSap: _, note: __, ...target } = this.parts;
    try {
      if (openLine !== undefined) {
        this.line ??= shareLine(await openLine());
        return await openHdlc(this.line.take(), { ...target, serverSap }, association);
      }
      if (framing === "hdlc") return await connectHdlc({ ...target, serverSap }, association);
      return await connectDlms({ ...target, serverSap }, association);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandFailed(`cannot reach ${this.name}: ${why}; is the DLMS door open there?`);
    }
  }

  /** Releases what is open, where `isSound`. A server that will not release is left all the same. */
  private async leave(isSound = true): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    if (connection === undefined) return;
    const { client } = connection.dlms;
    if (isSound && client.association.state === "open" && !client.isWaiting)
      await client.release().catch(() => undefined);
    await connection.dlms.close();
  }

  async close(): Promise<void> {
    await this.leave(!this.isCancelled);
    await this.line?.close();
  }
}

type ScaledAttribute = Pick<AttributeDescriptor, "classId" | "logicalName" | "attributeIndex">;

/** @throws CommandFailed where it is none */
function listOf(data: Data): readonly ListedObject[] {
  try {
    return readObjectList(data);
  } catch (error) {
    if (error instanceof types.TypeUnmatched || error instanceof types.ScopeOfAccessViolated) {
      throw new CommandFailed(`the object list cannot be read: ${error.message}`);
    }
    throw error;
  }
}

/** Register and Extended register: value by attribute 3. Demand register: two values by attribute 4. */
function scalerIndexOf({ classId, attributeIndex }: ScaledAttribute): number | undefined {
  if ((classId === Register.classId || classId === ExtendedRegister.classId) && attributeIndex === 2) return 3;
  return classId === DemandRegister.classId && (attributeIndex === 2 || attributeIndex === 3) ? 4 : undefined;
}

function scalerUnitOf(data: Data): ScalerUnit | undefined {
  try {
    return types.scalUnitType.fromData(data);
  } catch (error) {
    if (error instanceof types.TypeUnmatched || error instanceof types.ScopeOfAccessViolated) return undefined;
    throw error;
  }
}

export function attributeOf(classId: number, name: LogicalName, attributeIndex: number): AttributeDescriptor {
  return { classId, logicalName: name, attributeIndex, selectiveAccess: undefined };
}

const nameText = (name: string | Uint8Array) => (typeof name === "string" ? name : String.fromCharCode(...name));

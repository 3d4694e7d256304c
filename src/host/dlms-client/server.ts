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
  dataAccessResultName,
  type GetDataResult,
  type LogicalName,
  logicalName,
  readObjectList,
  SapAssignment,
} from "../../../cosem/index.js";
import { CommandFailed } from "../command.js";

export interface ServerParts extends Omit<HdlcTarget, "serverSap"> {
  readonly framing: "wrapper" | "hdlc";
  /** A serial line in place of host and port. */
  openLine?(): Promise<HdlcLine>;
  readonly association: ClientAssociationOptions;
}

export interface ListedDevice {
  readonly sap: number;
  readonly name: string;
}

export type ListedObject = ReturnType<typeof readObjectList>[number];

const managementSap = 1;
const sapAssignmentName = logicalName("0-0:41.0.0*255");
const currentAssociation = logicalName("0-0:40.0.0*255");

export class DlmsServer {
  private readonly parts: ServerParts;
  private connection: { readonly sap: number; readonly dlms: DlmsConnection } | undefined;
  private line: SharedLine | undefined;
  private devices: readonly ListedDevice[] | undefined;
  private readonly objectLists = new Map<number, readonly ListedObject[]>();

  constructor(parts: ServerParts) {
    this.parts = parts;
  }

  /** All logical devices. @throws CommandFailed where the SAP list cannot be read */
  async deviceList(): Promise<readonly ListedDevice[]> {
    this.devices ??= await this.readDeviceList();
    return this.devices;
  }

  private async readDeviceList(): Promise<readonly ListedDevice[]> {
    const descriptor = attributeOf(SapAssignment.classId, sapAssignmentName, 2);
    const result = await this.ask(managementSap, (driver) => driver.get(descriptor));
    if (result.kind === "error") {
      throw new CommandFailed(
        `the SAP list cannot be read: ${dataAccessResultName(result.error)}; name a device by its number: sap1`,
      );
    }
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
    const list = readObjectList(result.data);
    this.objectLists.set(sap, list);
    return list;
  }

  /** The class of an object, from the object list. */
  async classAt(device: ListedDevice, name: LogicalName): Promise<number | undefined> {
    return (await this.objects(device)).find((object) => object.logicalName === name)?.classId;
  }

  get({ sap }: Pick<ListedDevice, "sap">, descriptor: AttributeDescriptor): Promise<GetDataResult> {
    return this.ask(sap, (driver) => driver.get(descriptor));
  }

  /** In an association with that device. @throws (rejects with) CommandFailed, AssociationRejected, ServiceRefused … */
  async ask<T>(sap: number, question: (driver: ClientDriver) => Promise<T>): Promise<T> {
    const { client } = await this.open(sap);
    try {
      return await question(client);
    } catch (error) {
      throw error instanceof NoAnswer ? new CommandFailed(`${this.name}: ${error.message}`) : error;
    }
  }

  private get name(): string {
    return `${this.parts.host}:${this.parts.port}`;
  }

  private async open(sap: number): Promise<DlmsConnection> {
    if (this.connection?.sap === sap && !this.connection.dlms.isClosed) return this.connection.dlms;
    await this.leave();
    const dlms = await this.connect(sap);
    this.connection = { sap, dlms };
    try {
      await dlms.client.open();
    } catch (error) {
      await this.leave();
      throw error instanceof NoAnswer ? new CommandFailed(`${this.name}: ${error.message}`) : error;
    }
    return dlms;
  }

  private async connect(serverSap: number): Promise<DlmsConnection> {
    const { framing, association, openLine, ...target } = this.parts;
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

  /** Releases what is open. A server that will not release is left all the same. */
  private async leave(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    if (connection === undefined) return;
    const { client } = connection.dlms;
    if (client.association.state === "open" && !client.isWaiting) await client.release().catch(() => undefined);
    await connection.dlms.close();
  }

  async close(): Promise<void> {
    await this.leave();
    await this.line?.close();
  }
}

export function attributeOf(classId: number, name: LogicalName, attributeIndex: number): AttributeDescriptor {
  return { classId, logicalName: name, attributeIndex, selectiveAccess: undefined };
}

const nameText = (name: string | Uint8Array) => (typeof name === "string" ? name : String.fromCharCode(...name));

import { connect, type Socket } from "node:net";
import { ExtendedRegister, Register } from "../../../cosem/classes/index.js";
import { type Data, fromHex, logicalName, toHex } from "../../../cosem/index.js";
import {
  type CosemObject,
  createAssociation,
  createLogicalDevice,
  createObject,
  createRegistry,
  type LogicalDevice,
  type Principal,
  type Registry,
} from "../../../cosem/registry/index.js";
import type { Logger } from "../../../src/ports/index.js";
import type { MeterService, MeterSummary } from "../../../src/services/meters/contract.js";
import {
  createModbusView,
  type ModbusOptions,
  type ModbusView,
  readRegisterMap,
} from "../../../src/views/modbus/index.js";
import { manualClock } from "../../support/manual-clock.js";

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A register whose value the test may change: `cell.value`. */
export interface Cell {
  value: Data;
}

export const u32 = (value: number): Data => ({ type: "double-long-unsigned", value });
export const s64 = (value: bigint): Data => ({ type: "long64", value });

export function registerObject(name: string, cell: Cell, scaler: number, unit: number): CosemObject {
  return createObject(Register, logicalName(name), {
    attributes: { value: { get: () => cell.value }, scalerUnit: { scaler, unit } },
  });
}

/** One whose value comes from a store, a turn later. */
export function storedRegisterObject(name: string, cell: Cell, scaler: number, unit: number): CosemObject {
  return createObject(Register, logicalName(name), {
    attributes: { value: { get: async () => cell.value }, scalerUnit: { scaler, unit } },
  });
}

export function textObject(name: string, text: string): CosemObject {
  return createObject(ExtendedRegister, logicalName(name), {
    attributes: {
      value: { get: (): Data => ({ type: "visible-string", value: text }) },
      scalerUnit: { scaler: 0, unit: 255 },
      status: undefined,
      captureTime: undefined,
    },
  });
}

export function meterDevice(sap: number, name: string, objects: readonly CosemObject[]): LogicalDevice {
  return createLogicalDevice({ name, sap, kind: "meter", objects });
}

export function summaryOf(device: LogicalDevice, more: Partial<MeterSummary>): MeterSummary {
  return {
    device: device.name,
    sap: device.sap,
    manufacturer: "KAM",
    identification: "12345678",
    version: 1,
    medium: 4,
    mediumName: "heat",
    position: "",
    interfaceName: "bus1",
    primaryAddress: undefined,
    secondaryAddress: undefined,
    statusByte: undefined,
    accessNumber: undefined,
    readingNumber: undefined,
    readAtMs: undefined,
    lastReadout: undefined,
    ...more,
  };
}

export interface ModbusFixture {
  readonly registry: Registry;
  readonly view: ModbusView;
  readonly clock: ReturnType<typeof manualClock>;
  readonly summaries: Map<string, MeterSummary>;
}

export const modbusPrincipal: Principal = {
  association: createAssociation({ name: "modbus", clientSap: undefined, rules: [{ access: "read" }] }),
  user: "",
  door: "modbus",
  peer: "",
};

/** A started view on a free loopback port. */
export async function startView(
  mapYaml: string,
  devices: readonly LogicalDevice[],
  options: Partial<ModbusOptions> = {},
): Promise<ModbusFixture> {
  const registry = createRegistry({
    onListenerError: (error) => {
      throw error;
    },
  });
  for (const device of devices) registry.addDevice(device);
  const summaries = new Map<string, MeterSummary>();
  const meters: MeterService = {
    list: () => ({ meters: [...summaries.values()], nextAfterSap: undefined, total: summaries.size }),
    get: (_principal, device) => summaries.get(device),
    describe: () => undefined,
    telegrams: () => undefined,
    readings: async () => undefined,
  };
  const clock = manualClock(1_700_000_000_000);
  const view = createModbusView({
    registry,
    meters,
    principal: modbusPrincipal,
    map: readRegisterMap(mapYaml, "test.yaml"),
    clock,
    logger: silentLogger,
    host: "127.0.0.1",
    port: 0,
    ...options,
  });
  await view.start();
  return { registry, view, clock, summaries };
}

/** A raw master: sends bytes, collects what comes. */
export class RawMaster {
  readonly socket: Socket;
  received = "";
  private ended = false;
  private wake = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.received += toHex(chunk);
      this.wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.ended = true;
      this.wake();
    });
  }

  static async open(port: number): Promise<RawMaster> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const master = new RawMaster(socket);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return master;
  }

  send(hex: string): void {
    this.socket.write(fromHex(hex));
  }

  /** Until so many bytes came, or the connection ended. */
  async expectBytes(count: number): Promise<string> {
    while (this.received.length < count * 2 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const bytes = this.received;
    this.received = "";
    return bytes;
  }

  /** Resolves when the other side closed. */
  async expectClosed(): Promise<string> {
    return this.expectBytes(Number.POSITIVE_INFINITY);
  }

  /** One request and its answer of known length. */
  async ask(hex: string, answerBytes: number): Promise<string> {
    this.send(hex);
    return this.expectBytes(answerBytes);
  }
}

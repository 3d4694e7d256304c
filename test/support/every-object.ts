/** One instance of every factory with behaviour or settings, each ending at ports that write down what they are told. */
import {
  type AccessContext,
  type Association,
  type AttributeValue,
  CosemDateTime,
  type CosemObject,
  createAssociation,
  createCapturingProfile,
  createClock,
  createColumnReader,
  createCompactData,
  createGprsModemSetup,
  createIecHdlcSetup,
  createIecLocalPortSetup,
  createImageTransfer,
  createIpv4Setup,
  createIpv6Setup,
  createLogicalDevice,
  createMacAddressSetup,
  createMbusClient,
  createMbusDiagnostic,
  createMbusMasterPortSetup,
  createMbusPortSetup,
  createMbusSlavePortSetup,
  createNtpSetup,
  createObject,
  createPppSetup,
  createRegisterMonitor,
  createRegistry,
  createScriptPort,
  createScriptTable,
  createSetup,
  createSingleActionSchedule,
  createTcpUdpSetup,
  createWirelessModeQChannel,
  DataClass,
  GprsModemSetup,
  GsmDiagnostic,
  IecHdlcSetup,
  IecLocalPortSetup,
  type InterfaceClass,
  Ipv4Setup,
  Ipv6Setup,
  type LogicalDevice,
  logicalName,
  MacAddressSetup,
  type MbusChannel,
  MbusMasterPortSetup,
  MbusPortSetup,
  MbusSlavePortSetup,
  NtpSetup,
  PppSetup,
  type Principal,
  type Refused,
  Register,
  type Registry,
  type SetupParts,
  type SetupValues,
  StatusMapping,
  sortMethod,
  TcpUdpSetup,
  unrestricted,
  WirelessModeQChannel,
} from "../../cosem/index.js";
import { securityObjects } from "./security-objects.js";

export interface EveryObject {
  readonly registry: Registry;
  readonly device: LogicalDevice;
  readonly objects: readonly CosemObject[];
  readonly principal: Principal;
  /** What the ports were told, in words. */
  readonly told: readonly string[];
  value: number;
}

const name = logicalName;
const octets = (...values: number[]) => Uint8Array.from(values);
const winter = () => ({ deviation: -60, isDaylightSaving: false });

export const everythingAllowed: Association = createAssociation({
  name: "everything",
  clientSap: 1,
  rules: [{ access: "declared" }],
});

export const allowedPrincipal: Principal = { association: everythingAllowed, user: "", door: "test", peer: "test" };

/** Settings in memory, all that the class lets be written writable. */
function settings<C extends InterfaceClass>(
  interfaceClass: C,
  at: string,
  values: SetupValues<C>,
  told: string[],
): SetupParts<C> {
  let present = values;
  const names = Object.entries(interfaceClass.attributes)
    .filter(([, { access }]) => access === "set" || access === "getSet")
    .map(([attributeName]) => attributeName);
  return {
    logicalName: name(at),
    values: () => present,
    writable: names as unknown as NonNullable<SetupParts<C>["writable"]>,
    change(changes) {
      present = { ...present, ...changes };
      told.push(`${interfaceClass.name}: ${Object.keys(changes).join()}`);
      return undefined;
    },
  };
}

const channel: MbusChannel = {
  mbusPortReference: name("0-0:24.6.0*255"),
  captureDefinition: [{ dataInformationBlock: octets(0x0c), valueInformationBlock: octets(0x13) }],
  capturePeriod: 900,
  primaryAddress: 5,
  identificationNumber: 0x12345678,
  manufacturerId: 0x2c2d,
  version: 8,
  deviceType: 4,
  accessNumber: 3,
  status: 0,
  alarm: 0,
  configuration: 0,
  encryptionKeyStatus: 0,
};

export function createEveryObject(): EveryObject {
  const told: string[] = [];
  const tell =
    (text: string) =>
    (...parameters: unknown[]): undefined | Refused => {
      const shown = parameters.filter((parameter) => !isContext(parameter));
      told.push([text, ...shown.map(String)].join(" "));
      return undefined;
    };
  const registry = createRegistry({
    onListenerError(error) {
      throw error;
    },
  });
  const volume = {
    classId: 3,
    logicalName: name("8-0:1.0.0*255"),
    attributeIndex: 2,
    dataIndex: 0,
  };
  const clockTime = { classId: 8, logicalName: name("0-0:1.0.0*255"), attributeIndex: 2, dataIndex: 0 };
  const later: { device?: LogicalDevice } = {};
  const scripts = {
    run: (script: Parameters<ReturnType<typeof createScriptPort>["run"]>[0], cause: string) =>
      later.device === undefined ? undefined : createScriptPort(later.device).run(script, cause),
  };
  const readColumn = (column: Parameters<ReturnType<typeof createColumnReader>>[0]) =>
    later.device && createColumnReader({ registry, device: later.device, principal: allowedPrincipal })(column);
  const changed = tell("changed");
  const actions = {
    install: tell("install"),
    deinstall: tell("deinstall"),
    capture: tell("capture"),
    resetAlarm: tell("reset alarm"),
    synchronizeClock: tell("synchronize clock"),
    sendData: tell("send data"),
    setEncryptionKey: tell("set encryption key"),
    transferKey: tell("transfer key"),
  };
  const channelSettings = {
    mbusPortReference: tell("port"),
    captureDefinition: tell("capture definition"),
    capturePeriod: tell("capture period"),
    primaryAddress: tell("primary address"),
    identificationNumber: tell("identification number"),
    manufacturerId: tell("manufacturer"),
    version: tell("version"),
    deviceType: tell("device type"),
  };
  const moment = new CosemDateTime({ year: 2026, month: 11, day: 22, hour: 11, minute: 0, second: 0, deviation: -60 });
  const every: { value: number } = { value: 103000 };
  let written: AttributeValue<typeof DataClass, "value"> = { type: "unsigned", value: 0 };
  const objects: CosemObject[] = [
    createObject(DataClass, name("0-0:96.1.4*255"), {
      attributes: {
        value: {
          get: () => written,
          set(value) {
            written = value;
            told.push("test object written");
            return undefined;
          },
        },
      },
    }),
    createObject(Register, volume.logicalName, {
      attributes: {
        value: { get: () => ({ type: "double-long-unsigned", value: every.value }) as const },
        scalerUnit: { scaler: -3, unit: 13 },
      },
    }),
    createClock({ now: () => Date.parse("2026-11-22T10:00:00Z"), localTimeAt: winter, setTime: tell("set time") }),
    createScriptTable({
      logicalName: name("0-0:10.0.108*255"),
      registry,
      association: everythingAllowed,
      scripts: [
        {
          scriptIdentifier: 1,
          actions: [
            {
              serviceId: 2,
              classId: 72,
              logicalName: name("0-1:24.1.0*255"),
              index: 3,
              parameter: { type: "integer", value: 0 },
            },
          ],
        },
      ],
      changed,
    }),
    createSingleActionSchedule({
      logicalName: name("0-0:15.0.4*255"),
      executedScript: { scriptLogicalName: name("0-0:10.0.108*255"), scriptSelector: 1 },
      executionTime: [{ time: octets(0xff, 0, 0, 0), date: octets(0xff, 0xff, 0xff, 0xff, 0xff) }],
      localTimeAt: winter,
      scripts,
      changed,
    }),
    createRegisterMonitor({
      logicalName: name("0-0:16.1.0*255"),
      thresholds: [{ type: "double-long-unsigned", value: 200000 }],
      monitoredValue: { classId: 3, logicalName: volume.logicalName, attributeIndex: 2 },
      actions: [
        {
          actionUp: { scriptLogicalName: name("0-0:10.0.108*255"), scriptSelector: 1 },
          actionDown: { scriptLogicalName: name("0-0:10.0.108*255"), scriptSelector: 0 },
        },
      ],
      scripts,
      changed,
    }),
    createImageTransfer({
      maxImageBytes: 65_536,
      isEnabled: true,
      enabledChanged: changed,
      firmware: {
        begin: tell("begin"),
        keep: tell("keep"),
        verify: () => [],
        activate: () => "activated",
      },
    }),
    createCapturingProfile({
      logicalName: name("0-0:99.1.0*255"),
      captureObjects: [clockTime, volume],
      capturePeriod: 900,
      sortMethod: sortMethod.fifo,
      sortObject: clockTime,
      profileEntries: 100,
      readColumn,
      changed,
    }),
    ...([0, 1] as const).map((version) =>
      createCompactData({
        logicalName: name(`0-0:66.0.${version}*255`),
        version,
        captureObjects: [unrestricted(volume)],
        templateId: 7,
        readColumn,
        changed,
      }),
    ),
    ...([0, 1] as const).map((version) =>
      createMbusClient({
        logicalName: name(`0-${version + 1}:24.1.0*255`),
        version,
        channel: () => channel,
        actions,
        settings: channelSettings,
      }),
    ),
    createMbusDiagnostic({
      logicalName: name("0-1:24.9.0*255"),
      link: () => ({
        receivedSignalStrength: 70,
        channelId: 1,
        linkStatus: 1,
        broadcastFramesCounter: [{ clientId: 1, counter: 2, timeStamp: moment }],
        transmissionsCounter: 10,
        fcsOkFramesCounter: 9,
        fcsNokFramesCounter: 1,
        captureTime: { attributeId: 7, timeStamp: moment },
      }),
      reset: tell("reset link counters"),
    }),
    ...networkObjects(told, tell("synchronize")),
    ...portObjects(told),
    ...securityObjects(tell),
  ];
  const device = createLogicalDevice({ name: "EXM0000000000001", sap: 1, kind: "management", objects });
  later.device = device;
  registry.addDevice(device);
  return Object.assign(every, { registry, device, objects, principal: allowedPrincipal, told });
}

function isContext(parameter: unknown): parameter is AccessContext {
  return typeof parameter === "object" && parameter !== null && "principal" in parameter;
}

function networkObjects(told: string[], synchronize: () => undefined | Refused): readonly CosemObject[] {
  const qos = { precedence: 0, delay: 0, reliability: 0, peakThroughput: 0, meanThroughput: 0 };
  return [
    createTcpUdpSetup(
      settings(
        TcpUdpSetup,
        "0-0:25.0.0*255",
        {
          tcpUdpPort: 4059,
          ipReference: name("0-0:25.1.0*255"),
          maximumSegmentSize: 1400,
          numberOfSimultaneousConnections: 100,
          inactivityTimeOut: 180,
        },
        told,
      ),
    ),
    createIpv4Setup(
      settings(
        Ipv4Setup,
        "0-0:25.1.0*255",
        {
          dlReference: name("0-0:25.2.0*255"),
          ipAddress: 0xc0a80002,
          multicastIpAddress: [],
          ipOptions: [],
          subnetMask: 0xffffff00,
          gatewayIpAddress: 0xc0a80001,
          useDhcpFlag: true,
          primaryDnsAddress: 0xc0a80001,
          secondaryDnsAddress: 0,
        },
        told,
      ),
    ),
    createIpv6Setup(
      settings(
        Ipv6Setup,
        "0-0:25.7.0*255",
        {
          dlReference: name("0-0:25.2.0*255"),
          addressConfigMode: 0,
          unicastIpv6Addresses: [],
          multicastIpv6Addresses: [],
          gatewayIpv6Addresses: [],
          primaryDnsAddress: octets(),
          secondaryDnsAddress: octets(),
          trafficClass: 0,
          neighborDiscoverySetup: [],
        },
        told,
      ),
    ),
    createMacAddressSetup(settings(MacAddressSetup, "0-0:25.2.0*255", { macAddress: octets(2, 0, 0, 0, 0, 1) }, told)),
    createPppSetup(
      settings(
        PppSetup,
        "0-0:25.3.0*255",
        {
          phyReference: name("0-0:2.0.0*255"),
          lcpOptions: [],
          ipcpOptions: [],
          pppAuthentication: { choice: "pap", value: { userName: octets(0x75), password: octets(0x70) } },
        },
        told,
      ),
    ),
    createGprsModemSetup(
      settings(
        GprsModemSetup,
        "0-0:25.4.0*255",
        { apn: octets(0x61), pinCode: 1234, qualityOfService: { defaultQos: qos, requestedQos: qos } },
        told,
      ),
    ),
    createNtpSetup({
      ...settings(
        NtpSetup,
        "0-0:25.10.0*255",
        {
          activated: true,
          serverAddress: "pool.ntp.org",
          serverPort: 123,
          authenticationMethod: 0,
          authenticationKeys: [{ keyId: 1, key: octets(1, 2, 3) }],
          clientKey: octets(4, 5),
        },
        told,
      ),
      synchronize,
    }),
    createSetup(GsmDiagnostic, {
      logicalName: name("0-0:25.6.0*255"),
      values: () => ({
        operator: "Example",
        status: 1,
        csAttachment: 0,
        psStatus: 5,
        cellInfo: {
          cellId: 1,
          locationId: 2,
          signalQuality: 20,
          bitErrorRate: 0,
          mobileCountryCode: 240,
          mobileNetworkCode: 1,
          channelNumber: 6300,
        },
        adjacentCells: [{ cellId: 3, signalQuality: 10 }],
        captureTime: new CosemDateTime({}),
      }),
    }),
    createSetup(StatusMapping, {
      logicalName: name("0-1:96.10.3*255"),
      values: () =>
        ({
          statusWord: { choice: "unsigned", value: 4 },
          mappingTable: { refTableId: 1, refTableMapping: { choice: "first", value: 1 } },
        }) as const,
    }),
  ];
}

function portObjects(told: string[]): readonly CosemObject[] {
  return [
    createIecLocalPortSetup(
      settings(
        IecLocalPortSetup,
        "0-0:20.0.0*255",
        {
          defaultMode: 0,
          defaultBaud: 0,
          proposedBaud: 5,
          responseTime: 1,
          deviceAddress: octets(),
          passwordP1: octets(1),
          passwordP2: octets(2),
          passwordW5: octets(3),
        },
        told,
      ),
    ),
    createIecHdlcSetup(
      settings(
        IecHdlcSetup,
        "0-0:22.0.0*255",
        {
          commSpeed: 5,
          windowSizeTransmit: 1,
          windowSizeReceive: 1,
          maxInfoFieldLengthTransmit: 128,
          maxInfoFieldLengthReceive: 128,
          interOctetTimeOut: 25,
          inactivityTimeOut: 120,
          deviceAddress: 17,
        },
        told,
      ),
    ),
    createMbusSlavePortSetup(
      settings(
        MbusSlavePortSetup,
        "0-0:24.0.0*255",
        { defaultBaud: 3, availableBaud: 5, addressState: 1, busAddress: 1 },
        told,
      ),
    ),
    createMbusMasterPortSetup(settings(MbusMasterPortSetup, "0-0:24.6.0*255", { commSpeed: 3 }, told)),
    createMbusPortSetup(
      settings(
        MbusPortSetup,
        "0-0:24.8.0*255",
        {
          mbusProfileSelection: name("0-0:24.0.0*255"),
          mbusPortCommunicationState: 0,
          mbusDataHeaderType: 2,
          primaryAddress: 1,
          identificationNumber: 0x12345678,
          manufacturerId: 0x2c2d,
          version: 1,
          deviceType: 0x31,
          maxPduSize: 240,
          listeningWindow: [],
        },
        told,
      ),
    ),
    createWirelessModeQChannel(
      settings(
        WirelessModeQChannel,
        "0-0:31.0.0*255",
        { addressState: 0, deviceAddress: octets(1), addressMask: octets(0xff) },
        told,
      ),
    ),
  ];
}

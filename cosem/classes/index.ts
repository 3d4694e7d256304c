/** The one list of interface classes. A new version is a new definition beside the old one. */
import type { InterfaceClass } from "../model/interface-class.js";
import { AssociationLn, AssociationLnV0, AssociationLnV2, AssociationLnV3 } from "./association-ln.js";
import { AssociationSn, AssociationSnV0, AssociationSnV1, AssociationSnV3, AssociationSnV4 } from "./association-sn.js";
import { Clock } from "./clock.js";
import { CompactData, CompactDataV0 } from "./compact-data/definition.js";
import { DataClass } from "./data.js";
import { DemandRegister } from "./demand-register.js";
import { DisconnectControl } from "./disconnect-control.js";
import { ExtendedRegister } from "./extended-register.js";
import { GprsModemSetup } from "./gprs-modem-setup.js";
import { GsmDiagnostic, GsmDiagnosticV0 } from "./gsm-diagnostic.js";
import { IecHdlcSetup } from "./iec-hdlc-setup.js";
import { IecLocalPortSetup } from "./iec-local-port-setup.js";
import { ImageTransfer } from "./image-transfer/definition.js";
import { Ipv4Setup } from "./ipv4-setup.js";
import { Ipv6Setup } from "./ipv6-setup.js";
import { Limiter } from "./limiter.js";
import { MacAddressSetup } from "./mac-address-setup.js";
import { MbusClient, MbusClientV0 } from "./mbus-client.js";
import { MbusDiagnostic } from "./mbus-diagnostic.js";
import { MbusMasterPortSetup } from "./mbus-master-port-setup.js";
import { MbusPortSetup } from "./mbus-port-setup.js";
import { MbusSlavePortSetup } from "./mbus-slave-port-setup.js";
import { NtpSetup } from "./ntp-setup.js";
import { ParameterMonitor } from "./parameter-monitor.js";
import { PppSetup } from "./ppp-setup.js";
import { ProfileGeneric } from "./profile-generic/definition.js";
import { PushSetup, PushSetupV0, PushSetupV1 } from "./push-setup/definition.js";
import { Register } from "./register.js";
import { RegisterMonitor } from "./register-monitor/definition.js";
import { SapAssignment } from "./sap-assignment.js";
import { ScriptTable } from "./script-table.js";
import { SecuritySetup, SecuritySetupV0 } from "./security-setup.js";
import { SingleActionSchedule } from "./single-action-schedule/definition.js";
import { StatusMapping } from "./status-mapping.js";
import { TcpUdpSetup } from "./tcp-udp-setup.js";
import { WirelessModeQChannel } from "./wireless-mode-q-channel.js";

export * from "./association-ln.js";
export * from "./association-sn.js";
export * from "./clock.js";
export * from "./communication-speed.js";
export * from "./compact-data/compact.js";
export * from "./compact-data/definition.js";
export * from "./data.js";
export * from "./daylight-saving.js";
export * from "./demand-register.js";
export * from "./disconnect-control.js";
export * from "./extended-register.js";
export * from "./gprs-modem-setup.js";
export * from "./gsm-diagnostic.js";
export * from "./iec-hdlc-setup.js";
export * from "./iec-local-port-setup.js";
export * from "./image-transfer/definition.js";
export * from "./image-transfer/transfer.js";
export * from "./ipv4-setup.js";
export * from "./ipv6-setup.js";
export * from "./limiter.js";
export * from "./local-time.js";
export * from "./mac-address-setup.js";
export * from "./mbus-client.js";
export * from "./mbus-diagnostic.js";
export * from "./mbus-master-port-setup.js";
export * from "./mbus-port-setup.js";
export * from "./mbus-slave-port-setup.js";
export * from "./ntp-setup.js";
export * from "./object-list.js";
export * from "./parameter-monitor.js";
export * from "./ppp-setup.js";
export * from "./profile-generic/capture.js";
export * from "./profile-generic/definition.js";
export * from "./profile-generic/select.js";
export * from "./push-setup/definition.js";
export * from "./push-setup/delivery.js";
export * from "./push-setup/windows.js";
export * from "./register.js";
export * from "./register-monitor/crossings.js";
export * from "./register-monitor/definition.js";
export * from "./sap-assignment.js";
export * from "./script-table.js";
export * from "./security-setup.js";
export * from "./single-action-schedule/definition.js";
export * from "./single-action-schedule/next-execution.js";
export * from "./status-mapping.js";
export * from "./tcp-udp-setup.js";
export * from "./wireless-mode-q-channel.js";

/** Every class that this library knows, by class id and version. */
export const interfaceClasses: readonly InterfaceClass[] = Object.freeze([
  DataClass,
  Register,
  ExtendedRegister,
  DemandRegister,
  ProfileGeneric,
  Clock,
  ScriptTable,
  AssociationSnV0,
  AssociationSnV1,
  AssociationSn,
  AssociationSnV3,
  AssociationSnV4,
  AssociationLnV0,
  AssociationLn,
  AssociationLnV2,
  AssociationLnV3,
  SapAssignment,
  ImageTransfer,
  IecLocalPortSetup,
  RegisterMonitor,
  SingleActionSchedule,
  IecHdlcSetup,
  MbusSlavePortSetup,
  PushSetupV0,
  PushSetupV1,
  PushSetup,
  TcpUdpSetup,
  Ipv4Setup,
  MacAddressSetup,
  PppSetup,
  GprsModemSetup,
  GsmDiagnosticV0,
  GsmDiagnostic,
  Ipv6Setup,
  CompactDataV0,
  CompactData,
  StatusMapping,
  SecuritySetupV0,
  SecuritySetup,
  ParameterMonitor,
  DisconnectControl,
  Limiter,
  MbusClientV0,
  MbusClient,
  WirelessModeQChannel,
  MbusMasterPortSetup,
  MbusPortSetup,
  MbusDiagnostic,
  NtpSetup,
]);

/** The definition with this id and version; without a version the newest. Undefined: not known here. */
export function classById(classId: number, version?: number): InterfaceClass | undefined {
  const versions = interfaceClasses.filter((candidate) => candidate.classId === classId);
  if (version !== undefined) return versions.find((candidate) => candidate.version === version);
  return versions.reduce<InterfaceClass | undefined>(
    (newest, candidate) => (newest === undefined || candidate.version > newest.version ? candidate : newest),
    undefined,
  );
}

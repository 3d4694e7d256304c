import { type MeterDevice, meterIdentityOf } from "../../mapping/index.js";
import { mediumName } from "../../mbus/index.js";
import type { MeterSummary } from "./contract.js";

/** 255 stands in a name for what the telegram does not say. */
const known = (value: number) => (value === 0xff ? undefined : value);

/** What is known of a meter without asking the store. */
export function summarise(device: MeterDevice): MeterSummary {
  const { row, newest, lastReadout } = device;
  const identity = row.logicalDeviceName === undefined ? undefined : meterIdentityOf(row.logicalDeviceName);
  const medium = identity && known(identity.medium);
  const header = device.header();
  return {
    device: device.name,
    sap: device.sap,
    manufacturer: identity?.manufacturer,
    identification: identity?.id,
    version: identity && known(identity.version),
    medium,
    mediumName: medium === undefined ? undefined : mediumName(medium),
    position: row.position,
    interfaceName: row.interfaceName,
    primaryAddress: row.primaryAddress,
    secondaryAddress: row.secondaryAddress,
    statusByte: header?.status ?? undefined,
    accessNumber: header?.accessNumber ?? undefined,
    readingNumber: newest?.number,
    readAtMs: newest?.readAtMs,
    lastReadout,
  };
}

import type { MeterDevice } from "../../mapping/index.js";
import { mediumName } from "../../mbus/index.js";
import type { Reception } from "../../ports/index.js";
import type { KeyRing } from "../keys/key-ring.js";
import type { MeterKeyMatch, MeterListing } from "./contract.js";
import type { MeterList } from "./meter-list.js";
import { addressParts } from "./written-address.js";

export interface ListingParts {
  readonly list: MeterList;
  readonly keys: KeyRing;
  /** By name: manufacturer, identification, medium, version. */
  reception(meter: string): Reception | undefined;
}

/** What the list has of a meter, with what the gateway knows beside it. */
export function listingOf(device: MeterDevice, { list, keys, reception }: ListingParts): MeterListing {
  const { row } = device;
  const place = list.placeOf(row.interfaceName);
  const isWireless = place?.kind === "wireless";
  const identity = list.identityOf(device);
  const given = addressParts(row.secondaryAddress).identification;
  return {
    device: device.name,
    sap: device.sap,
    position: row.position,
    secondaryAddress: (given === "FFFFFFFF" ? undefined : given) ?? identity.identification,
    manufacturer: identity.manufacturer,
    version: identity.version,
    type: identity.type,
    typeName: identity.type === undefined ? undefined : mediumName(identity.type),
    primaryAddress: row.primaryAddress,
    baudRate: isWireless ? undefined : (row.baudRate ?? place?.baudRate),
    addressingMode: isWireless
      ? "wireless"
      : (row.addressingMode ?? (row.primaryAddress === undefined ? "secondary" : "primary")),
    fabricationNumber: row.fabricationNumber,
    interfaceName: row.interfaceName,
    receiver: row.receiver,
    optionalReceivers: isWireless ? linksOf(device, list, reception) : [],
    state: row.isPassive === true ? "passive" : "active",
    mbus: row.mbus ?? {},
    key: keyMatchOf(device, list, keys),
    isDeclared: row.isDeclared === true,
    readAtMs: device.newest?.readAtMs,
  };
}

function keyMatchOf(device: MeterDevice, list: MeterList, keys: KeyRing): MeterKeyMatch {
  if (keys.isDeclared(device.row.id)) return { kind: "settings" };
  const key = keys.index.best(list.identityOf(device));
  if (key === undefined) return { kind: "noMatch" };
  return { kind: key.meterId === undefined ? "match" : "linked", keyId: key.id };
}

/** The receivers that hear a meter now, the best first. */
export function linksOf(
  device: MeterDevice,
  list: MeterList,
  reception: ListingParts["reception"],
): readonly { readonly receiver: string; readonly rssiDbm: number | undefined }[] {
  const { manufacturer, identification, type, version } = list.identityOf(device);
  if (manufacturer === undefined || identification === undefined || type === undefined || version === undefined)
    return [];
  const hexByte = (value: number) => value.toString(16).toUpperCase().padStart(2, "0");
  const heard = reception(manufacturer + identification + hexByte(type) + hexByte(version));
  return (heard?.links ?? []).map(({ receiver, rssiDbm }) => ({ receiver, rssiDbm }));
}

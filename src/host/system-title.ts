import type { Settings } from "../settings/index.js";

/**
 * Logical device name of the management device: three letters and the serial number; in a cme3100 thirteen characters,
 * with T1 and T2 of the system title between.
 */
export function gatewayNameOf({ identity, profile }: Pick<Settings, "identity" | "profile">, serial: string): string {
  return `${identity.manufacturerId}${profile === "cme3100" ? "00" : ""}${serial}`;
}

/**
 * System title of this gateway, IDIS form: three letters, one octet T1 (0), four bits T2 (0), 28 bits of serial number.
 * @param manufacturerId  three capital letters
 * @param serial          8 decimal digits
 */
export function systemTitleOf(manufacturerId: string, serial: string): Uint8Array {
  const title = new Uint8Array(8);
  for (let index = 0; index < 3; index++) title[index] = manufacturerId.charCodeAt(index);
  new DataView(title.buffer).setUint32(4, Number(serial));
  return title;
}

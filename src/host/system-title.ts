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

import { enumeration } from "../model/types.js";

/** Speeds of the serial setup classes: code to bits per second. */
export const baudRates = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200] as const;

/** Codes 0 … 9, as 19, 23, 25 and 74 share them. */
export const communicationSpeed = enumeration({
  baud300: 0,
  baud600: 1,
  baud1200: 2,
  baud2400: 3,
  baud4800: 4,
  baud9600: 5,
  baud19200: 6,
  baud38400: 7,
  baud57600: 8,
  baud115200: 9,
});

export type CommunicationSpeed = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** The code of a rate in bits per second; undefined: the standard has none. */
export function communicationSpeedOf(baudRate: number): CommunicationSpeed | undefined {
  const code = (baudRates as readonly number[]).indexOf(baudRate);
  return code < 0 ? undefined : (code as CommunicationSpeed);
}

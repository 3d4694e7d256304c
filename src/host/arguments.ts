import { baudRates } from "../settings/index.js";
import { WrongUse } from "./command.js";

/** `none`, or a rate of M-Bus. @throws WrongUse */
export function baudRateOption(text: string): number | undefined {
  if (text === "none") return undefined;
  const rate = baudRates.find((candidate) => String(candidate) === text);
  if (rate === undefined) throw new WrongUse(`--baud wants one of ${baudRates.join(", ")} or none, not "${text}"`);
  return rate;
}

/** 0 to 65535. @throws WrongUse */
export function portOption(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port > 65_535) throw new WrongUse(`--${name} wants a port, 0 to 65535, not "${text}"`);
  return port;
}

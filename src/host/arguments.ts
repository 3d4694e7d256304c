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

/** @throws WrongUse unless `text` is a whole number from `least` to `most` */
export function numberOption(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new WrongUse(`--${name} wants a number, ${least} to ${most}`);
  return value;
}

const dlmsPort = 4059;

/** `HOST`, `HOST:PORT` or `[IPv6]:PORT`; without a port that of DLMS. @throws WrongUse */
export function hostAndPort(text: string | undefined): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text ?? "");
  const port = Number(match?.[3] ?? dlmsPort);
  if (match === null || port > 65_535) throw new WrongUse("HOST:PORT is missing or not of that form");
  return { host: match[1] ?? match[2] ?? "", port };
}

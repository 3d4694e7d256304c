import { isIP } from "node:net";
import type { CheckName } from "./kinds.js";

/**
 * Checks of what settings know nothing about, handed in by the host.
 * Each answers undefined when the text is good, else what is wrong with it.
 */
export interface SettingsChecks {
  /** A cron pattern. */
  schedule(text: string): string | undefined;
  /** A secondary M-Bus address. */
  secondaryAddress(text: string): string | undefined;
  /** Opens a secret that is kept sealed as `enc:…`; without it such secrets are refused. @throws where it does not open */
  openSecret?(name: string, sealed: string): string;
}

/** All named checks: those handed in, and those that need nothing of ours. */
export function namedChecks(checks: SettingsChecks): Record<CheckName, (text: string) => string | undefined> {
  return {
    schedule: (text) => checks.schedule(text),
    secondaryAddress: (text) => checks.secondaryAddress(text),
    timeZone: checkTimeZone,
    httpUrl: checkHttpUrl,
    httpUrlOrNone: (text) => (text === "" ? undefined : checkHttpUrl(text)),
    ftpUrlOrNone: checkFtpUrl,
    scheduleOrNone: (text) => (text === "" ? undefined : checks.schedule(text)),
    ipAddressOrNone: checkIpAddress,
    ipRange: checkIpRange,
    mailAddressesOrNone: checkMailAddresses,
  };
}

function checkTimeZone(text: string): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return undefined;
  } catch {
    return `"${text}" is not a time zone; write an IANA name such as UTC or Europe/Paris`;
  }
}

function checkIpAddress(text: string): string | undefined {
  return text === "" || isIP(text) !== 0 ? undefined : `"${text}" is not an IP address; write it such as 192.168.1.2`;
}

function checkIpRange(text: string): string | undefined {
  const [address = "", bits, ...more] = text.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  const isGood = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (isIP(address) !== 0 && isGood && more.length === 0) return undefined;
  return `"${text}" is no address or range of addresses; write it such as 192.168.1.2 or 10.0.0.0/8`;
}

function checkMailAddresses(text: string): string | undefined {
  if (text === "") return undefined;
  const bad = text.split(",").find((address) => !/^[^\s@,<>]+@[^\s@,<>]+$/.test(address.trim()));
  return bad === undefined ? undefined : `"${bad.trim()}" is not a mail address; separate several by commas`;
}

function checkHttpUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "wants a URL such as https://example.org/reports";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "wants a URL that starts with http:// or https://";
  if (url.username !== "" || url.password !== "") return userInUrlWords;
  return undefined;
}

function checkFtpUrl(text: string): string | undefined {
  if (text === "") return undefined;
  const protocols = ["ftp:", "ftps:", "sftp:"];
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    return "wants a URL such as ftp://example.org/folder, ftps:// or sftp://";
  }
  const { username, password } = new URL(text);
  return username !== "" || password !== "" ? userInUrlWords : undefined;
}

export const userInUrlWords = "put user and password into the settings of their own (user, password), not into the URL";

/** Defaults of mail, FTP and HTTP, and of all push reports: PRODUCT.md rows 40-42, 47, 69, 87, 90, 93. */
import Type from "typebox";
import {
  type CheckName,
  count,
  flag,
  group,
  notBuilt,
  oneOf,
  port,
  seconds,
  secret,
  settingName,
  text,
} from "./kinds.js";

const optionalText = (group_: number, setting: number, help: string, maxLength = 255) =>
  text({ default: "", minLength: 0, maxLength, help, logicalName: settingName(group_, setting) });

const addresses = (group_: number, setting: number, help: string) =>
  text({
    default: "",
    minLength: 0,
    maxLength: 2000,
    check: "mailAddressesOrNone",
    help,
    logicalName: settingName(group_, setting),
  });

const timeout = (setting: number, protocol: string) =>
  seconds({
    default: 60,
    min: -1,
    max: 3600,
    help: `How long one try of a report by ${protocol} may last; -1: as long as the server likes.`,
    logicalName: settingName(18, setting),
  });

/** Applies to all reports. */
export const push = notBuilt(
  group(
    {
      adaptiveRetries: flag({
        default: true,
        help: "Retries by the period of the report: to 15 min 1 try; to 60 min 2 after 300 s; to 23 h 3 after 500 s; above 6 after 3600 s. Off: the report's own retries.",
        logicalName: settingName(18, 1),
      }),
      mailTimeoutSeconds: timeout(2, "mail"),
      ftpTimeoutSeconds: timeout(3, "FTP"),
      httpTimeoutSeconds: timeout(4, "HTTP"),
      maxReadouts: count({
        default: 180,
        min: 1,
        max: 100_000,
        help: "With an automatic value period: at most so many readouts not yet sent go into one report.",
        logicalName: settingName(18, 5),
      }),
    },
    "All push reports.",
  ),
);

export const mail = notBuilt(
  group(
    {
      host: optionalText(19, 1, "SMTP server, name or address; empty: none.", 253),
      port: port({ default: 25, help: "TCP port of the SMTP server.", logicalName: settingName(19, 2) }),
      security: oneOf(["clear", "startTls", "tls"], {
        default: "clear",
        help: "clear text, TLS asked for after the greeting, or TLS at once.",
        logicalName: settingName(19, 3),
      }),
      user: optionalText(19, 4, "User name; empty: no login."),
      password: Type.Optional(secret({ help: "Password.", logicalName: settingName(19, 5) })),
      from: addresses(19, 6, "Sender; empty: made of product name and host name."),
      to: addresses(19, 7, "Receivers, separated by commas."),
      cc: addresses(19, 8, "Receivers of a copy."),
      bcc: addresses(19, 9, "Receivers of a copy whom the others do not see."),
      timeoutSeconds: seconds({
        default: 60,
        min: -1,
        max: 3600,
        help: "How long to wait for the server; -1: as long as it likes.",
        logicalName: settingName(19, 10),
      }),
    },
    "Default receiver of reports by mail.",
  ),
);

export const ftp = notBuilt(
  group(
    {
      host: optionalText(20, 1, "Server, name or address; empty: none.", 253),
      port: port({
        default: 21,
        help: "TCP port: 21, 990 for implicit FTPS, 22 for SFTP.",
        logicalName: settingName(20, 2),
      }),
      folder: text({ default: ".", help: "Destination folder.", logicalName: settingName(20, 3) }),
      security: oneOf(["clear", "implicit", "explicit", "sftpPassword", "sftpKey"], {
        default: "clear",
        help: "clear text, implicit FTPS, explicit FTPS, SFTP with a password or SFTP with a key pair.",
        logicalName: settingName(20, 4),
      }),
      user: optionalText(20, 5, "User name."),
      password: Type.Optional(secret({ help: "Password.", logicalName: settingName(20, 6) })),
      privateKey: Type.Optional(
        secret({
          maxLength: 16_384,
          help: "sftpKey: the private key as PEM or OpenSSH text.",
          logicalName: settingName(20, 7),
        }),
      ),
      hostKeyFingerprint: optionalText(
        20,
        8,
        "SFTP: SHA256 fingerprint of the server's key; empty: the first one met is kept.",
        128,
      ),
      preserveTimestamp: flag({
        default: false,
        help: "Whether the file on the server gets the time of the file here; off for AWS.",
        logicalName: settingName(20, 9),
      }),
      timeoutSeconds: seconds({
        default: 60,
        min: -1,
        max: 3600,
        help: "How long to wait for the server; -1: as long as it likes.",
        logicalName: settingName(20, 10),
      }),
    },
    "Default receiver of reports by FTP and SFTP.",
  ),
);

export const http = notBuilt(
  group(
    {
      url: text({
        default: "",
        minLength: 0,
        maxLength: 2000,
        check: "httpUrlOrNone",
        help: "Where reports are posted to; empty: none.",
        logicalName: settingName(21, 1),
      }),
      authentication: oneOf(["none", "basic"], {
        default: "none",
        help: "How the gateway logs in.",
        logicalName: settingName(21, 2),
      }),
      user: optionalText(21, 3, "User name."),
      password: Type.Optional(secret({ help: "Password.", logicalName: settingName(21, 4) })),
      timeoutSeconds: seconds({
        default: 60,
        min: -1,
        max: 3600,
        help: "How long to wait for the server; -1: as long as it likes.",
        logicalName: settingName(21, 5),
      }),
    },
    "Default receiver of reports by HTTP.",
  ),
);

const template = (first: number, standard: string, logicalName: string) =>
  text({
    default: `${first}${standard}`,
    pattern: `^${first}[0-9]{3}$`,
    wanted: `a template number ${first}000 to ${first}999`,
    help: "Number of the template.",
    logicalName,
  });

const to = (setting: number, check: CheckName, help: string) =>
  text({ default: "", minLength: 0, maxLength: 2000, check, help, logicalName: settingName(22, setting) });

/** One event or the on-demand report: a switch, a template and a receiver for each protocol. */
function eventReport(first: number, standard: string, help: string) {
  const name = (offset: number) => settingName(22, first + offset);
  const enabled = (protocol: string, offset: number) =>
    flag({ default: false, help: `Whether it is sent by ${protocol}.`, logicalName: name(offset) });
  return group(
    {
      mail: group(
        {
          enabled: enabled("mail", 0),
          template: template(1, standard, name(1)),
          to: to(first + 2, "mailAddressesOrNone", "Mail addresses, separated by commas; empty: the default receiver."),
        },
        "By mail.",
      ),
      ftp: group(
        {
          enabled: enabled("FTP", 3),
          template: template(2, standard, name(4)),
          to: to(
            first + 5,
            "ftpUrlOrNone",
            "ftp://, ftps:// or sftp:// address without user and password; empty: the default receiver.",
          ),
        },
        "By FTP.",
      ),
      http: group(
        {
          enabled: enabled("HTTP", 6),
          template: template(3, standard, name(7)),
          to: to(first + 8, "httpUrlOrNone", "URL without user and password; empty: the default receiver."),
        },
        "By HTTP.",
      ),
    },
    help,
  );
}

export const eventReports = notBuilt(
  group(
    {
      bootUp: eventReport(1, "005", "Sent after a start."),
      installation: eventReport(11, "001", "Sent after meters were installed."),
      onDemand: eventReport(21, "101", "Sent by hand, after a real readout."),
    },
    "Reports without a schedule.",
  ),
);

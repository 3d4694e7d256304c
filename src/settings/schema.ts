/**
 * The one list of settings (DESIGN, decision 4). The YAML file, its errors, the documentation and later REST, console
 * and web forms follow from it. Logical names are 0-128:97.<group>.<setting>*255: given once, never reused.
 */
import Type, { type Static } from "typebox";
import { baudRates, meter, meterInterface, readout } from "./buses.js";
import { doors } from "./doors.js";
import { slavePorts } from "./further-doors.js";
import { history } from "./history.js";
import { autoConfiguration, jobs, timeSync } from "./jobs.js";
import { group, listOf, oneOf, text } from "./kinds.js";
import { branding, conventions, identityTexts } from "./localization.js";
import { cellular, network, restart } from "./network.js";
import { report } from "./reports.js";
import { search } from "./search.js";
import type { Secret } from "./secret.js";
import { eventReports, ftp, http, mail, push } from "./senders.js";
import { files, licence, systemLog } from "./upkeep.js";
import { wireless } from "./wireless.js";

export { baudRates };

/** Stands in system titles and device names until the operator has one of his own; the gateway warns about it. */
export const placeholderManufacturerId = "XXX";

const identity = group(
  {
    manufacturerId: text({
      default: placeholderManufacturerId,
      pattern: "^[A-Z]{3}$",
      wanted: "three capital letters",
      restart: true,
      help: "Three-letter manufacturer id (FLAG) in the system title and the logical device name. XXX is a placeholder.",
      logicalName: "0-128:97.1.1*255",
    }),
    serial: Type.Optional(
      text({
        pattern: "^[0-9]{8}$",
        wanted: "8 digits",
        restart: true,
        deviceBound: true,
        help: "Serial number. Drawn once and kept in the data directory when not given.",
        logicalName: "0-128:97.1.2*255",
      }),
    ),
    ...identityTexts,
    productName: text({
      default: "Open metering gateway",
      maxLength: 64,
      restart: true,
      help: "The name people see.",
      logicalName: "0-128:97.1.3*255",
    }),
  },
  "Who this gateway is.",
);

const clock = group(
  {
    timeZone: text({
      default: "UTC",
      check: "timeZone",
      restart: true,
      help: "IANA time zone of schedules, of the COSEM clock and of times shown, e.g. Europe/Paris.",
      logicalName: "0-128:97.2.1*255",
    }),
  },
  "Time.",
);

const logging = group(
  {
    level: oneOf(["debug", "info", "warn", "error"], {
      default: "info",
      restart: true,
      help: "Lines below this severity are not written.",
      logicalName: "0-128:97.7.1*255",
    }),
  },
  "What is logged.",
);

export const SettingsSchema = group(
  {
    identity,
    conventions,
    branding,
    clock,
    network,
    cellular,
    profile: oneOf(["open", "cme3100"], {
      default: "open",
      restart: true,
      help: "Objects that DLMS clients see: open, all of ours; cme3100, the list, names and limits of that gateway for head-ends made for it.",
      logicalName: "0-128:97.1.4*255",
    }),
    readout,
    search,
    interfaces: listOf(meterInterface, { maxItems: 1000, restart: true, help: "The M-Buses." }),
    wireless,
    meters: listOf(meter, { maxItems: 100_000, restart: true, help: "The meters to read." }),
    doors,
    slavePorts,
    push,
    mail,
    ftp,
    http,
    eventReports,
    reports: listOf(report, { maxItems: 32, restart: true, help: "Scheduled reports." }),
    files,
    restart,
    licence,
    logging,
    log: systemLog,
    history,
    jobs,
    timeSync,
    autoConfiguration,
  },
  "All settings of the gateway.",
);

type DeepReadonly<T> = T extends Secret | string | number | boolean | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

/** The checked settings, defaults filled in. */
export type Settings = DeepReadonly<Static<typeof SettingsSchema>>;
export type ObjectProfile = Settings["profile"];
export type InterfaceSettings = Settings["interfaces"][number];
export type MeterSettings = Settings["meters"][number];
export type ReadoutSettings = Settings["readout"];
export type DoorSettings = Settings["doors"];
export type DlmsClientSettings = DoorSettings["dlms"]["clients"][number];
export type DlmsSecuritySetupSettings = DoorSettings["dlms"]["securitySetups"][number];
export type ReportSettings = Settings["reports"][number];
export type ReceiverSettings = ReportSettings["receivers"][number];
export type JobSettings = Settings["jobs"];
export type TimeSyncSettings = Settings["timeSync"];
export type AutoConfigurationSettings = Settings["autoConfiguration"];
export type WirelessSettings = Settings["wireless"];
export type RadioReceiverSettings = WirelessSettings["receivers"][number];

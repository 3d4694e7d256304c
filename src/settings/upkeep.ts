/** Settings of jobs, files, licences and the log: PRODUCT.md rows 4, 5, 14, 49, 50, 56 and 91. */
import { count, flag, group, oneOf, seconds, settingName, text } from "./kinds.js";

export const files = group(
  {
    backupSchedule: text({
      default: "",
      minLength: 0,
      check: "scheduleOrNone",
      restart: true,
      help: "When a backup is made by itself, without the keys; empty: by hand alone.",
      logicalName: settingName(33, 1),
    }),
    keepFiles: count({
      default: 10,
      min: 1,
      max: 1000,
      restart: true,
      help: "So many files of each kind that the gateway made by itself are kept; older ones are removed.",
      logicalName: settingName(33, 2),
    }),
    maxUploadMegabytes: count({
      default: 512,
      min: 1,
      max: 100_000,
      restart: true,
      help: "Largest file that may be uploaded.",
      logicalName: settingName(33, 3),
    }),
  },
  "Configuration files and backups.",
);

/** Beside logging.level, which says what is written to the console of the process. */
export const systemLog = group(
  {
    minimumSeverity: oneOf([-1, 0, 1, 2, 3], {
      default: 0,
      help: "Entries below are not kept: -1 all with debug, 0 all but debug, 1 warnings and above, 2 errors and above, 3 critical alone.",
      logicalName: settingName(7, 2),
    }),
    meterStatus: oneOf(["never", "onChange", "always"], {
      default: "onChange",
      help: "When the M-Bus status byte of a meter goes to its log.",
      logicalName: settingName(7, 3),
    }),
    floodSeconds: seconds({
      default: 60,
      min: 0,
      max: 3600,
      help: "The same text from the same origin is held back for so long, then summed up; 0: never.",
      logicalName: settingName(7, 4),
    }),
    maxMegabytes: count({
      default: 100,
      min: 1,
      max: 10_000,
      help: "The log never takes more; the oldest entries go.",
      logicalName: settingName(7, 5),
    }),
    keepDays: count({
      default: 31,
      min: 1,
      max: 3660,
      help: "Older entries are removed.",
      logicalName: settingName(7, 6),
    }),
  },
  "The system log.",
);

export const licence = group(
  {
    enforce: flag({
      default: false,
      restart: true,
      help: "Whether the number of meters and the doors follow the installed licence files. Off: no limits.",
      logicalName: settingName(32, 1),
    }),
    issuerPublicKey: text({
      default: "",
      minLength: 0,
      maxLength: 512,
      restart: true,
      help: "Ed25519 public key of the issuer of licences, base64 or PEM.",
      logicalName: settingName(32, 2),
    }),
  },
  "Licences.",
);

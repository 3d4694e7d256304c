/** Settings of jobs (PRODUCT.md rows 28, 53, 86, 91). */
import Type from "typebox";
import { count, flag, group, listOf, port, schedule, seconds, secret, text } from "./kinds.js";

export const jobs = group(
  {
    retries: count({
      default: 3,
      min: 0,
      max: 100,
      restart: true,
      help: "How often a scheduled job that failed is tried again. Reports have retries of their own.",
      logicalName: "0-128:97.13.1*255",
    }),
    retryOffsetSeconds: seconds({
      default: 60,
      min: 1,
      max: 86_400,
      restart: true,
      help: "Wait before each retry of a scheduled job; none is begun that would meet the next run.",
      logicalName: "0-128:97.13.2*255",
    }),
    manualRetries: count({
      default: 0,
      min: 0,
      max: 100,
      restart: true,
      help: "The same for a job started by hand.",
      logicalName: "0-128:97.13.3*255",
    }),
    manualRetryOffsetSeconds: seconds({
      default: 0,
      min: 0,
      max: 86_400,
      restart: true,
      help: "Wait before each retry of a job started by hand.",
      logicalName: "0-128:97.13.4*255",
    }),
    maintenanceSchedule: schedule({
      default: "35 * * * *",
      restart: true,
      help: "When old readings and lists are tidied up.",
      logicalName: "0-128:97.13.5*255",
    }),
    keptRuns: count({
      default: 200,
      min: 1,
      max: 10_000,
      restart: true,
      help: "Runs that are kept on record of each job.",
      logicalName: "0-128:97.13.6*255",
    }),
  },
  "Jobs: when they run and what is done when they fail.",
);

const timeServer = group(
  {
    host: text({ maxLength: 255, help: "Name or address of an NTP server." }),
    port: port({ default: 123, help: "UDP port." }),
  },
  "A time server.",
);

export const timeSync = group(
  {
    enabled: flag({
      default: false,
      restart: true,
      help: "Whether time servers are asked. Off: the operating system keeps the time, and it is taken for good.",
      logicalName: "0-128:97.14.1*255",
    }),
    schedule: schedule({
      default: "0 * * * *",
      restart: true,
      help: "When they are asked, beside once at the start.",
      logicalName: "0-128:97.14.2*255",
    }),
    servers: listOf(timeServer, {
      maxItems: 8,
      restart: true,
      help: "Asked in this order until one answers.",
    }),
    timeoutSeconds: seconds({
      default: 5,
      min: 1,
      max: 120,
      restart: true,
      help: "How long an answer is waited for; slow radio links want more.",
      logicalName: "0-128:97.14.3*255",
    }),
    acceptedDifferenceSeconds: seconds({
      default: 2,
      min: 0,
      max: 3600,
      restart: true,
      help: "A difference up to this is left as it is.",
      logicalName: "0-128:97.14.4*255",
    }),
    setByDlms: flag({
      default: true,
      restart: true,
      help: "Whether a DLMS client that may write the Clock moves the gateway's time by more than 2 s. Off: refused with read-write-denied.",
      logicalName: "0-128:97.14.5*255",
    }),
  },
  "Where the gateway has the time from.",
);

export const autoConfiguration = group(
  {
    enabled: flag({
      default: false,
      restart: true,
      help: "Whether a configuration file (settings as YAML) is fetched and applied.",
      logicalName: "0-128:97.15.1*255",
    }),
    schedule: schedule({
      default: "30 0 * * *",
      restart: true,
      help: "When it is fetched.",
      logicalName: "0-128:97.15.2*255",
    }),
    url: Type.Optional(
      text({
        maxLength: 2000,
        check: "httpUrl",
        restart: true,
        help: "Where it is.",
        logicalName: "0-128:97.15.3*255",
      }),
    ),
    user: Type.Optional(
      text({
        restart: true,
        help: "User of HTTP Basic authentication; without it none is used.",
        logicalName: "0-128:97.15.10*255",
      }),
    ),
    password: Type.Optional(secret({ restart: true, help: "Password of HTTP Basic authentication." })),
  },
  "Configuration fetched from a server.",
);

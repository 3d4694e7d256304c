/** Settings of reports and their receivers. */
import Type from "typebox";
import { choice, count, flag, group, listOf, oneOf, port, schedule, seconds, secret, text } from "./kinds.js";

const httpReceiver = group(
  {
    kind: Type.Literal("http", { description: "The report is the body of an HTTP POST." }),
    url: text({ maxLength: 2000, check: "httpUrl", help: "Where the report is posted to." }),
    auth: choice(
      "method",
      [
        group({ method: Type.Literal("none", { default: "none", description: "No login." }) }, "No login."),
        group(
          {
            method: Type.Literal("basic", { description: "HTTP Basic authentication." }),
            user: text({ help: "User name." }),
            password: secret({ help: "Password." }),
          },
          "HTTP Basic.",
        ),
      ],
      { help: "How the gateway logs in.", chosen: "none" },
    ),
  },
  "HTTP POST.",
);

const ftpReceiver = group(
  {
    kind: Type.Literal("ftp", { description: "The report is a file put on an FTP server." }),
    host: text({ help: "Address or name of the server." }),
    port: port({ default: 21, help: "TCP port; implicit FTPS mostly has 990." }),
    user: text({ default: "anonymous", help: "User name." }),
    password: Type.Optional(secret({ help: "Password." })),
    folder: text({ default: ".", help: "Destination folder; made when it is missing." }),
    security: oneOf(["clear", "implicit", "explicit"], {
      default: "clear",
      help: "clear text, implicit FTPS or explicit FTPS.",
    }),
  },
  "FTP.",
);

export const report = group(
  {
    name: text({ maxLength: 64, help: "Name of the report." }),
    enabled: flag({ default: true, help: "Whether it is sent." }),
    template: oneOf(["x115", "x115-quality"], {
      default: "x115",
      help: "Layout of the report; x115-quality has the quality of each reading behind its signature.",
    }),
    schedule: schedule({ default: "0 * * * *", help: "When it is sent." }),
    valuePeriod: oneOf(["auto", "readouts", "hours", "days", "months"], {
      default: "auto",
      built: false,
      help: "auto: all values not yet sent; else exactly the last valuePeriodCount of these.",
    }),
    valuePeriodCount: count({
      default: 1,
      min: 1,
      max: 10_000,
      built: false,
      help: "How many readouts, hours, days or months, unless valuePeriod is auto.",
    }),
    valueIntervalSeconds: seconds({
      default: 0,
      min: 0,
      max: 31_536_000,
      built: false,
      help: "At most one value of a meter in so long; 0: all values.",
    }),
    allMeters: flag({ default: true, built: false, help: "Whether it includes data from all meters." }),
    receivers: listOf(choice("kind", [httpReceiver, ftpReceiver], { help: "A receiver." }), {
      maxItems: 8,
      help: "Who gets it.",
    }),
    timeoutSeconds: seconds({
      default: 60,
      min: -1,
      max: 3600,
      help: "How long one try may last; -1: as long as the server likes.",
    }),
    retries: count({ default: 3, min: 0, max: 20, help: "How often a failed report is tried again." }),
    retryDelaySeconds: seconds({ default: 60, min: 0, max: 86_400, help: "Wait before each new try." }),
  },
  "A scheduled report. Values of a report that failed for good go into the next one.",
);

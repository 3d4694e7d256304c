/** Settings of the search for meters, PRODUCT.md rows 66 and 74. */
import { count, flag, group, listOf, milliseconds, oneOf, settingName, text } from "./kinds.js";

const rates = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400] as const;

const idle = (setting: number, standard: number, help: string) =>
  milliseconds({ default: standard, min: 0, max: 60_000, help, logicalName: settingName(17, setting) });

export const search = group(
  {
    baudRate: oneOf(rates, { default: 2400, help: "Baud rate of the search.", logicalName: settingName(17, 1) }),
    modes: listOf(oneOf(["secondary", "primary", "wireless"], { help: "A way to look for meters." }), {
      maxItems: 3,
      help: "Ways to look for meters, in their order; empty: secondary.",
      logicalName: settingName(17, 2),
    }),
    interfaces: listOf(text({ maxLength: 32, help: "Name of an interface or a group of receivers." }), {
      maxItems: 1000,
      help: "Where meters are looked for; empty: on all.",
      logicalName: settingName(17, 3),
    }),
    meterLimit: count({
      default: 0,
      min: 0,
      max: 100_000,
      help: "The search ends after so many meters; 0: when all is searched.",
      logicalName: settingName(17, 4),
    }),
    clearList: flag({
      default: false,
      help: "Whether the meter list is cleared before a search.",
      logicalName: settingName(17, 5),
    }),
    responseTimeoutMs: milliseconds({
      default: 1000,
      min: 50,
      max: 60_000,
      help: "How long to wait for the first byte of an answer.",
      logicalName: settingName(17, 6),
    }),
    retries: count({
      default: 1,
      min: 0,
      max: 20,
      help: "How often a readout request is sent again.",
      logicalName: settingName(17, 7),
    }),
    selectionRetries: count({
      default: 1,
      min: 0,
      max: 20,
      help: "How often a selection is sent again.",
      logicalName: settingName(17, 8),
    }),
    initialisationIdleMs: idle(9, 10_000, "Silence on the bus before the first request."),
    collisionIdleMs: idle(10, 5000, "Silence after several meters answered at once."),
    requestIdleMs: idle(11, 2000, "Silence between two requests."),
  },
  "How meters are searched.",
);

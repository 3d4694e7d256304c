/**
 * The one list of settings (DESIGN, decision 4). The YAML file, its errors, the documentation and later REST, console
 * and web forms follow from it. Logical names are 0-128:97.<group>.<setting>*255: given once, never reused.
 */
import Type, { type Static } from "typebox";
import {
  choice,
  count,
  flag,
  group,
  listeningPort,
  listOf,
  milliseconds,
  oneOf,
  port,
  schedule,
  seconds,
  secret,
  text,
} from "./kinds.js";
import type { Secret } from "./secret.js";
import { wireless } from "./wireless.js";

/** Stands in system titles and device names until the operator has one of his own; the gateway warns about it. */
export const placeholderManufacturerId = "XXX";

export const baudRates = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400] as const;

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
        help: "Serial number. Drawn once and kept in the data directory when not given.",
        logicalName: "0-128:97.1.2*255",
      }),
    ),
    productName: text({
      default: "Open metering gateway",
      maxLength: 64,
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

const readout = group(
  {
    enabled: flag({
      default: true,
      restart: true,
      help: "Whether meters are read on the schedule.",
      logicalName: "0-128:97.3.1*255",
    }),
    schedule: schedule({
      default: "*/15 * * * *",
      restart: true,
      help: "When all meters are read and their values stored.",
      logicalName: "0-128:97.3.2*255",
    }),
    responseTimeoutMs: milliseconds({
      default: 1500,
      min: 50,
      max: 60_000,
      restart: true,
      help: "How long to wait for the first byte of a meter's answer.",
      logicalName: "0-128:97.3.3*255",
    }),
    responseTimeout: oneOf(["learned", "fixed"], {
      default: "learned",
      restart: true,
      help: "learned: a first try waits only as long as this bus's answers take, repetitions in full; fixed: always in full.",
      logicalName: "0-128:97.3.11*255",
    }),
    retries: count({
      default: 3,
      min: 0,
      max: 20,
      restart: true,
      help: "How often a request without a good answer is sent again.",
      logicalName: "0-128:97.3.4*255",
    }),
    selectionRetries: count({
      default: 2,
      min: 0,
      max: 20,
      restart: true,
      help: "How often a secondary selection without an answer is sent again.",
      logicalName: "0-128:97.3.5*255",
    }),
    initialisationIdleMs: milliseconds({
      default: 10_000,
      min: 0,
      max: 60_000,
      restart: true,
      help: "Silence on the bus before the first request of a cycle.",
      logicalName: "0-128:97.3.6*255",
    }),
    collisionIdleMs: milliseconds({
      default: 3500,
      min: 0,
      max: 60_000,
      restart: true,
      help: "Silence after a collision or a damaged answer.",
      logicalName: "0-128:97.3.7*255",
    }),
    requestIdleMs: milliseconds({
      default: 1000,
      min: 0,
      max: 60_000,
      restart: true,
      help: "Silence between two requests.",
      logicalName: "0-128:97.3.8*255",
    }),
    multiTelegram: oneOf(["off", "auto"], {
      default: "off",
      restart: true,
      help: "off: only the first telegram of a meter is read; auto: all that it announces.",
      logicalName: "0-128:97.3.9*255",
    }),
    telegramLimit: count({
      default: 0,
      min: 0,
      max: 64,
      restart: true,
      help: "With multiTelegram auto: at most so many telegrams a meter; 0: as many as it announces.",
      logicalName: "0-128:97.3.10*255",
    }),
  },
  "How meters are read.",
);

const interfaceName = text({ maxLength: 32, restart: true, help: "Name of the interface; meters refer to it." });
const baudRate = oneOf(baudRates, { default: 2400, restart: true, help: "Baud rate of the bus, 8E1." });

const meterInterface = choice(
  "kind",
  [
    group(
      {
        name: interfaceName,
        kind: Type.Literal("serial", { description: "A level converter on a serial line." }),
        path: text({ restart: true, help: "Device file, e.g. /dev/ttyUSB0." }),
        baudRate,
        rts: oneOf(["leave", "on", "off", "whileSending"], {
          default: "leave",
          restart: true,
          help: "The RTS line: leave it, on or off for converters fed from the port, or on while sending alone.",
        }),
      },
      "An M-Bus on a serial line.",
    ),
    group(
      {
        name: interfaceName,
        kind: Type.Literal("tcp", { description: "A converter that carries the bus's bytes over TCP." }),
        host: text({ restart: true, help: "Address or name of the converter." }),
        port: port({ restart: true, help: "TCP port of the converter." }),
        baudRate: oneOf(baudRates, {
          default: 2400,
          restart: true,
          help: "Baud rate behind the converter: time-outs are reckoned from it.",
        }),
      },
      "An M-Bus behind a raw TCP converter.",
    ),
    group(
      {
        name: interfaceName,
        kind: Type.Literal("rfc2217", {
          description: "A serial line behind a server with COM port control (RFC 2217).",
        }),
        host: text({ restart: true, help: "Address or name of the server." }),
        port: port({ restart: true, help: "TCP port of the serial line." }),
        baudRate,
      },
      "An M-Bus behind an RFC 2217 server, which sets the line to the baud rate.",
    ),
    group(
      {
        name: interfaceName,
        kind: Type.Literal("udp", { description: "A converter that carries the bus's bytes in UDP datagrams." }),
        host: text({ restart: true, help: "Address or name of the converter." }),
        port: port({ restart: true, help: "UDP port of the converter." }),
        localPort: listeningPort({ default: 0, restart: true, help: "Local UDP port; 0: any free one." }),
        baudRate: oneOf(baudRates, {
          default: 2400,
          restart: true,
          help: "Baud rate behind the converter: time-outs are reckoned from it.",
        }),
      },
      "An M-Bus behind a UDP converter.",
    ),
    group(
      {
        name: interfaceName,
        kind: Type.Literal("ir", { description: "An infrared head on a serial line, for meters side by side." }),
        path: text({ restart: true, help: "Device file, e.g. /dev/ttyUSB0." }),
        baudRate,
      },
      "Meters read by an infrared head: M-Bus frames by light, what is sent comes back as echo.",
    ),
  ],
  { help: "An M-Bus." },
);

const meter = group(
  {
    interface: text({
      maxLength: 32,
      restart: true,
      help: "Name of the interface the meter hangs on, or of the group of receivers that hear it.",
    }),
    secondaryAddress: Type.Optional(
      text({
        check: "secondaryAddress",
        restart: true,
        help: "8 digits, or 16 hex digits with manufacturer, version and medium. Either this or primaryAddress.",
      }),
    ),
    primaryAddress: Type.Optional(
      count({ min: 0, max: 250, restart: true, help: "Primary address, 0 to 250. Either this or secondaryAddress." }),
    ),
    key: Type.Optional(
      secret({
        minLength: 32,
        maxLength: 32,
        restart: true,
        help: "AES-128 key of an encrypting meter, 32 hex digits.",
      }),
    ),
    addressingMode: Type.Optional(
      oneOf(["primary", "secondary", "esecondary"], {
        restart: true,
        help: "How the meter is addressed; without it by the address given. esecondary: a wireless meter behind a receiver on the wired bus.",
      }),
    ),
    receiverAddress: Type.Optional(
      text({
        pattern: "^[0-9]{8}$",
        wanted: "8 digits",
        restart: true,
        help: "esecondary: address of the receiver (enhanced address). It is kept; the meter is selected by its own address.",
      }),
    ),
    position: text({
      default: "",
      minLength: 0,
      maxLength: 128,
      restart: true,
      help: "Free text for place or function (MOID), shown in lists and reports.",
    }),
  },
  "A meter to read.",
);

const doors = group(
  {
    dlms: group(
      {
        enabled: flag({
          default: true,
          restart: true,
          help: "Whether DLMS/COSEM clients are served.",
          logicalName: "0-128:97.4.1*255",
        }),
        host: text({
          default: "0.0.0.0",
          restart: true,
          help: "Local address to listen on.",
          logicalName: "0-128:97.4.2*255",
        }),
        port: listeningPort({
          default: 4059,
          restart: true,
          help: "TCP port (wrapper); 0: any free one.",
          logicalName: "0-128:97.4.3*255",
        }),
        managementPassword: Type.Optional(
          secret({
            minLength: 8,
            maxLength: 64,
            restart: true,
            help: "Low-level password of client 1 (management). While it is not set, that client is refused.",
            logicalName: "0-128:97.4.4*255",
          }),
        ),
        maxConnections: count({
          default: 1000,
          min: 1,
          max: 10_000,
          restart: true,
          help: "At most so many clients at once; a further one is turned away.",
          logicalName: "0-128:97.4.5*255",
        }),
        idleTimeoutSeconds: seconds({
          default: 600,
          min: 10,
          max: 86_400,
          restart: true,
          help: "A client silent for so long is disconnected.",
          logicalName: "0-128:97.4.6*255",
        }),
      },
      "DLMS/COSEM over TCP.",
    ),
    web: group(
      {
        enabled: flag({
          default: true,
          restart: true,
          help: "Whether the web page and REST are served.",
          logicalName: "0-128:97.5.1*255",
        }),
        host: text({
          default: "127.0.0.1",
          check: "loopback",
          restart: true,
          help: "Local address to listen on. Only loopback until user accounts exist.",
          logicalName: "0-128:97.5.2*255",
        }),
        port: listeningPort({
          default: 8080,
          restart: true,
          help: "TCP port (HTTP); 0: any free one.",
          logicalName: "0-128:97.5.3*255",
        }),
      },
      "Web page and REST.",
    ),
    modbus: group(
      {
        enabled: flag({
          default: false,
          restart: true,
          help: "Whether Modbus TCP masters are served.",
          logicalName: "0-128:97.6.1*255",
        }),
        host: text({
          default: "0.0.0.0",
          restart: true,
          help: "Local address to listen on.",
          logicalName: "0-128:97.6.2*255",
        }),
        port: listeningPort({
          default: 1502,
          restart: true,
          help: "TCP port; 0: any free one.",
          logicalName: "0-128:97.6.3*255",
        }),
        map: text({
          default: "default",
          maxLength: 64,
          restart: true,
          help: "Name of the register map, a file of obis-maps/modbus/.",
          logicalName: "0-128:97.6.4*255",
        }),
        maxConnections: count({
          default: 10,
          min: 1,
          max: 1000,
          restart: true,
          help: "At most so many masters at once; a further one is turned away.",
          logicalName: "0-128:97.6.5*255",
        }),
      },
      "Modbus TCP.",
    ),
  },
  "The doors through which values are read. Each can be switched off.",
);

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

const report = group(
  {
    name: text({ maxLength: 64, help: "Name of the report." }),
    enabled: flag({ default: true, help: "Whether it is sent." }),
    template: oneOf(["x115"], { default: "x115", help: "Layout of the report." }),
    schedule: schedule({ default: "0 * * * *", help: "When it is sent." }),
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
    clock,
    readout,
    interfaces: listOf(meterInterface, { maxItems: 1000, restart: true, help: "The M-Buses." }),
    wireless,
    meters: listOf(meter, { maxItems: 100_000, restart: true, help: "The meters to read." }),
    doors,
    reports: listOf(report, { maxItems: 32, restart: true, help: "Scheduled reports." }),
    logging,
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
export type InterfaceSettings = Settings["interfaces"][number];
export type MeterSettings = Settings["meters"][number];
export type ReadoutSettings = Settings["readout"];
export type DoorSettings = Settings["doors"];
export type ReportSettings = Settings["reports"][number];
export type ReceiverSettings = ReportSettings["receivers"][number];
export type WirelessSettings = Settings["wireless"];
export type RadioReceiverSettings = WirelessSettings["receivers"][number];

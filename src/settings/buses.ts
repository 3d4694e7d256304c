/** Settings of buses and meters: interfaces, what hangs on them, and how it is read. */
import Type from "typebox";
import {
  choice,
  count,
  flag,
  group,
  listeningPort,
  milliseconds,
  oneOf,
  port,
  schedule,
  secret,
  text,
} from "./kinds.js";

export const baudRates = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400] as const;

export const readout = group(
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
      help: "Silence after several meters answered at once, and before a busy meter is asked again (1 s at least). After a damaged answer to a primary address or a whole identification: requestIdleMs.",
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
    continuous: flag({
      default: false,
      restart: true,
      help: "Whether meters are read without pause too; those values are kept in memory alone.",
      logicalName: "0-128:97.3.12*255",
    }),
    staleAfterSeconds: count({
      default: 0,
      min: 0,
      max: 31_536_000,
      restart: true,
      help: "A value older than this counts as stale; 0: after two periods of the schedule and a minute.",
      logicalName: "0-128:97.3.41*255",
    }),
    jumpFactor: count({
      default: 50,
      min: 0,
      max: 1_000_000,
      restart: true,
      help: "A counter that grows so many times faster than it ever did has an implausible jump; 0: not looked at.",
      logicalName: "0-128:97.3.42*255",
    }),
    meterClockLimitSeconds: count({
      default: 900,
      min: 0,
      max: 86_400,
      restart: true,
      help: "A meter's own clock off by more than this is told in the quality of its values; a whole hour more or less is taken for summer time and not told. 0: not looked at.",
      logicalName: "0-128:97.3.43*255",
    }),
  },
  "How meters are read.",
);

const interfaceName = text({ maxLength: 32, restart: true, help: "Name of the interface; meters refer to it." });
const baudRate = oneOf(baudRates, { default: 2400, restart: true, help: "Baud rate of the bus, 8E1." });

export const meterInterface = choice(
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

export const meter = group(
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
        help: "8 digits, or 16 hex digits with manufacturer, version and medium. Beside a primaryAddress (addressingMode primary) all 16: whose answer it must be, and whose key opens a short header.",
      }),
    ),
    primaryAddress: Type.Optional(
      count({
        min: 0,
        max: 250,
        restart: true,
        help: "Primary address, 0 to 250. Without addressingMode primary, either this or secondaryAddress.",
      }),
    ),
    fabricationNumber: Type.Optional(
      text({
        pattern: "^[0-9]{8}$",
        wanted: "8 digits",
        restart: true,
        help: "Of a wired meter that shares its secondaryAddress with another: it is selected by both (enhanced selection).",
      }),
    ),
    baudRate: Type.Optional(
      oneOf(baudRates, {
        restart: true,
        help: "Of a wired meter at another rate than its bus, on an interface of kind serial, rfc2217 or ir (converters on tcp and udp keep theirs). The line is switched for it; not heard there, it is asked at the bus's rate.",
      }),
    ),
    key: Type.Optional(
      secret({
        minLength: 32,
        maxLength: 32,
        restart: true,
        help: "AES-128 key of an encrypting meter, wireless or wired, 32 hex digits.",
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

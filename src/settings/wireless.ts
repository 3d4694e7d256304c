/** Settings of wireless M-Bus: receivers, what is listened to, what is stored. */
import Type from "typebox";
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
  seconds,
  text,
} from "./kinds.js";

/** The drivers of src/mbus/receivers; the host holds the two lists together. */
export const receiverTypeNames = [
  "im871a",
  "iu891a",
  "amb8465",
  "culfw",
  "rc1180",
  "rtlWmbus",
  "rtl433",
  "hexLines",
  "rawBytes",
  "elvacoHexdump",
] as const;

/** Types among which there are receivers for mode N; the host's tests hold them to the drivers. */
export const narrowbandReceivers: readonly string[] = ["im871a", "amb8465"];

const connection = choice(
  "kind",
  [
    group(
      {
        kind: Type.Literal("serial", { description: "The receiver is a serial device, 8N1." }),
        path: text({ restart: true, help: "Device file, e.g. /dev/serial/by-id/usb-Silicon_Labs_…" }),
        baudRate: Type.Optional(
          count({
            min: 300,
            max: 921_600,
            restart: true,
            help: "Baud rate; without it that which the type of receiver has from its maker.",
          }),
        ),
      },
      "A serial device.",
    ),
    group(
      {
        kind: Type.Literal("tcp", { description: "The gateway connects to the receiver, or to a program that hears." }),
        host: text({ restart: true, help: "Address or name to connect to." }),
        port: port({ restart: true, help: "TCP port to connect to." }),
      },
      "A TCP connection of the gateway.",
    ),
    group(
      {
        kind: Type.Literal("tcpServer", { description: "Receivers connect to the gateway." }),
        host: text({ default: "127.0.0.1", restart: true, help: "Local address to listen on." }),
        port: listeningPort({ default: 0, restart: true, help: "TCP port to listen on; 0: any free one." }),
        maxConnections: count({
          default: 8,
          min: 1,
          max: 1000,
          restart: true,
          help: "At most so many receivers at once; a further one is turned away.",
        }),
      },
      "TCP connections of receivers.",
    ),
    group(
      {
        kind: Type.Literal("udp", { description: "Receivers send datagrams to the gateway." }),
        host: text({ default: "127.0.0.1", restart: true, help: "Local address to listen on." }),
        port: listeningPort({ default: 0, restart: true, help: "UDP port to listen on; 0: any free one." }),
      },
      "Datagrams of receivers.",
    ),
    group(
      {
        kind: Type.Literal("program", { description: "The output of a program that the gateway starts." }),
        pipeline: listOf(text({ restart: true, help: "A command: words parted by blanks, no shell." }), {
          maxItems: 8,
          restart: true,
          help: "Commands, the output of each being the input of the next, e.g. rtl_sdr and rtl_wmbus.",
        }),
      },
      "Programs.",
    ),
  ],
  { help: "How the receiver is connected." },
);

const receiver = group(
  {
    name: text({ maxLength: 32, restart: true, help: "Name of the receiver, shown in the reception list." }),
    group: text({
      default: "wireless",
      maxLength: 32,
      restart: true,
      help: "Meters name a group as their interface; any receiver of the group may hear them.",
    }),
    type: oneOf(receiverTypeNames, { restart: true, help: "What the receiver is, or how its lines look." }),
    mode: oneOf(["S", "T", "C", "CT", "N1a", "N1b", "N1c", "N1d", "N1e", "N1f"], {
      default: "CT",
      restart: true,
      help: "Radio mode it is told to listen to, where it can be told; CT: C and T at once; N1a to N1f: channels of 169 MHz (iM170A as im871a, AMB3665 as amb8465).",
    }),
    appendsRssi: flag({
      default: false,
      restart: true,
      help: "RC1180, AMB8465: the module is configured to append the signal strength.",
    }),
    silenceResetSeconds: seconds({
      default: 14_400,
      min: 0,
      max: 604_800,
      restart: true,
      help: "A receiver without a telegram for so long is reset; 0: never.",
    }),
    connection,
  },
  "A radio receiver.",
);

const pattern = (help: string) =>
  text({
    pattern: "^[A-Za-z0-9?]{0,15}\\*?$",
    wanted:
      "manufacturer, identification, medium and version as in KAM12345678161B; ? for one character, * for the rest",
    restart: true,
    help,
  });

export const wireless = group(
  {
    receivers: listOf(receiver, { maxItems: 100, restart: true, help: "Radio receivers." }),
    storeEveryTelegram: flag({
      default: false,
      restart: true,
      help: "Store every telegram as it comes; otherwise each meter's newest at each readout.",
      logicalName: "0-128:97.8.1*255",
    }),
    repeatWindowMs: milliseconds({
      default: 2000,
      min: 0,
      max: 60_000,
      restart: true,
      help: "The same telegram heard again within this time (other receivers, repeaters) counts once.",
      logicalName: "0-128:97.8.2*255",
    }),
    receptionLimit: count({
      default: 10_000,
      min: 10,
      max: 100_000,
      restart: true,
      help: "Meters in the reception list; the one not heard for the longest time gives way.",
      logicalName: "0-128:97.8.3*255",
    }),
    whitelist: listOf(pattern("Meters to listen to, e.g. KAM*."), {
      maxItems: 10_000,
      restart: true,
      help: "Where there are any, only these meters are listened to.",
      logicalName: "0-128:97.8.4*255",
    }),
    blacklist: listOf(pattern("Meters not to listen to, e.g. ???12345678*."), {
      maxItems: 10_000,
      restart: true,
      help: "These meters are not listened to.",
      logicalName: "0-128:97.8.5*255",
    }),
  },
  "Wireless M-Bus.",
);

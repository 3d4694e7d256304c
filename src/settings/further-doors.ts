/** Settings of doors that are not built yet: PRODUCT.md rows 70-72, 78-82, 85 and 92. */
import Type from "typebox";
import {
  count,
  flag,
  group,
  listeningPort,
  listOf,
  milliseconds,
  notBuilt,
  oneOf,
  port,
  seconds,
  secret,
  settingName,
  text,
} from "./kinds.js";

const enabled = (group_: number, help: string, standard = false) =>
  flag({ default: standard, restart: true, help, logicalName: settingName(group_, 1) });

const listenOn = (group_: number) =>
  text({
    default: "0.0.0.0",
    restart: true,
    help: "Local address to listen on.",
    logicalName: settingName(group_, 2),
  });

const tcpPort = (group_: number, standard: number, help = "TCP port; 0: any free one.") =>
  listeningPort({ default: standard, restart: true, help, logicalName: settingName(group_, 3) });

const rates = [300, 2400] as const;

/** Two of them, with different rates. */
const transparent = (group_: number, standardPort: number, standardRate: 300 | 2400) =>
  notBuilt(
    group(
      {
        enabled: enabled(group_, "Whether a client may talk on the bus itself."),
        host: listenOn(group_),
        port: tcpPort(group_, standardPort),
        interface: text({
          default: "",
          minLength: 0,
          maxLength: 32,
          restart: true,
          help: "Name of the bus; empty: the first one.",
          logicalName: settingName(group_, 4),
        }),
        baudRate: oneOf(rates, {
          default: standardRate,
          restart: true,
          help: "Baud rate for this client.",
          logicalName: settingName(group_, 5),
        }),
        packing: oneOf(["transparent", "mbus"], {
          default: "transparent",
          restart: true,
          help: "transparent: bytes as they come; mbus: whole frames, checked.",
          logicalName: settingName(group_, 6),
        }),
        packingIntervalMs: milliseconds({
          default: 0,
          min: 0,
          max: 10_000,
          restart: true,
          help: "Bytes of the bus are gathered for so long before they are sent on.",
          logicalName: settingName(group_, 7),
        }),
        idleTimeoutSeconds: seconds({
          default: 60,
          min: 1,
          max: 86_400,
          restart: true,
          help: "A client silent for so long is disconnected.",
          logicalName: settingName(group_, 8),
        }),
      },
      "Transparent M-Bus.",
    ),
  );

const virtualMbus = notBuilt(
  group(
    {
      enabled: enabled(25, "Whether M-Bus masters are answered from stored values, without bus traffic."),
      host: listenOn(25),
      port: tcpPort(25, 2500),
      valueExpirationSeconds: seconds({
        default: 3600,
        min: 1,
        max: 31_536_000,
        restart: true,
        help: "A meter whose stored value is older does not answer.",
        logicalName: settingName(25, 4),
      }),
      idleTimeoutSeconds: seconds({
        default: 60,
        min: 1,
        max: 86_400,
        restart: true,
        help: "A client silent for so long is disconnected.",
        logicalName: settingName(25, 5),
      }),
      maxConnections: count({
        default: 2,
        min: 1,
        max: 100,
        restart: true,
        help: "At most so many clients at once.",
        logicalName: settingName(25, 6),
      }),
    },
    "Virtual M-Bus over TCP.",
  ),
);

const trap = group(
  {
    host: text({ maxLength: 253, restart: true, help: "Address or name of the receiver." }),
    port: port({ default: 162, restart: true, help: "UDP port of the receiver." }),
  },
  "A receiver of traps.",
);

const snmp = notBuilt(
  group(
    {
      enabled: enabled(26, "Whether SNMP managers are answered."),
      host: listenOn(26),
      port: tcpPort(26, 1161, "UDP port; the standard one is 161."),
      community: Type.Optional(
        secret({
          maxLength: 64,
          restart: true,
          help: "Community of SNMP v2c; without it nobody is answered by v2c. The CMe3100 has public.",
          logicalName: settingName(26, 4),
        }),
      ),
      traps: listOf(trap, {
        maxItems: 32,
        restart: true,
        help: "Who is told when the aggregate status changes.",
        logicalName: settingName(26, 5),
      }),
      trapRetries: count({
        default: 3,
        min: 0,
        max: 20,
        restart: true,
        help: "How often a notification that was not acknowledged is sent again.",
        logicalName: settingName(26, 6),
      }),
      trapTimeoutMs: milliseconds({
        default: 5000,
        min: 100,
        max: 60_000,
        restart: true,
        help: "How long to wait for the acknowledgement.",
        logicalName: settingName(26, 7),
      }),
      v3User: text({
        default: "",
        minLength: 0,
        maxLength: 32,
        restart: true,
        help: "User name of SNMP v3; empty: no v3.",
        logicalName: settingName(26, 8),
      }),
      v3AuthenticationPassword: Type.Optional(
        secret({ minLength: 8, restart: true, help: "v3: authenticates.", logicalName: settingName(26, 9) }),
      ),
      v3PrivacyPassword: Type.Optional(
        secret({ minLength: 8, restart: true, help: "v3: encrypts.", logicalName: settingName(26, 10) }),
      ),
    },
    "SNMP.",
  ),
);

const consolePassword = (level: number) =>
  Type.Optional(
    secret({
      minLength: 8,
      restart: true,
      help: `Password of level ${level}; without it the level is shut.`,
      logicalName: settingName(27, 4 + level),
    }),
  );

const consoleDoor = notBuilt(
  group(
    {
      enabled: enabled(27, "Whether the line console is served; it opens once a password is set.", true),
      host: listenOn(27),
      port: tcpPort(27, 9999),
      idleTimeoutSeconds: seconds({
        default: 60,
        min: 1,
        max: 86_400,
        restart: true,
        help: "A client silent for so long is disconnected.",
        logicalName: settingName(27, 4),
      }),
      password1: consolePassword(1),
      password2: consolePassword(2),
      password3: consolePassword(3),
      allowedAddresses: text({
        default: "",
        minLength: 0,
        maxLength: 2000,
        restart: true,
        help: "IP addresses that may connect, separated by commas; empty: all.",
        logicalName: settingName(27, 8),
      }),
    },
    "The line console.",
  ),
);

export const furtherDoors = {
  transparent1: transparent(23, 2400, 2400),
  transparent2: transparent(24, 2401, 300),
  virtualMbus,
  snmp,
  console: consoleDoor,
};

/** Settings of HTTPS and JSON-RPC below doors.web. */
export const webExtras = {
  trustedProxies: listOf(
    text({ maxLength: 64, check: "ipRange", help: "An address, or a range such as 10.0.0.0/8." }),
    {
      maxItems: 32,
      restart: true,
      help: "Proxies whose X-Forwarded-For, -Proto and -Host are believed: name one only where it sets all three itself.",
      logicalName: settingName(5, 4),
    },
  ),
  https: notBuilt(
    group(
      {
        enabled: flag({
          default: false,
          restart: true,
          help: "Whether the web door is served by HTTPS.",
          logicalName: settingName(5, 20),
        }),
        port: listeningPort({
          default: 8443,
          restart: true,
          help: "TCP port (HTTPS).",
          logicalName: settingName(5, 21),
        }),
        clientAuthentication: flag({
          default: false,
          restart: true,
          help: "Whether browsers must show a certificate that the gateway trusts.",
          logicalName: settingName(5, 22),
        }),
        keyStorePassword: Type.Optional(
          secret({
            restart: true,
            help: "Password of the loaded key store (.jks, .p12).",
            logicalName: settingName(5, 23),
          }),
        ),
        keyPassword: Type.Optional(
          secret({ restart: true, help: "Password of the key in it.", logicalName: settingName(5, 24) }),
        ),
        trustStorePassword: Type.Optional(
          secret({ restart: true, help: "Password of the loaded trust store.", logicalName: settingName(5, 25) }),
        ),
      },
      "HTTPS.",
    ),
  ),
  jsonRpc: notBuilt(
    group(
      {
        enabled: flag({
          default: false,
          restart: true,
          help: "Whether JSON-RPC is served at /jsonrpc.",
          logicalName: settingName(5, 30),
        }),
      },
      "JSON-RPC on the web door.",
    ),
  ),
};

/** Of PRODUCT.md row 81 what the Modbus door does not do yet. */
export const modbusExtras = {
  unit: count({
    default: 1,
    min: 1,
    max: 247,
    restart: true,
    built: false,
    help: "Slave address; 0 and 255 are answered too.",
    logicalName: settingName(6, 10),
  }),
  respondOnInvalid: flag({
    default: false,
    restart: true,
    built: false,
    help: "Whether registers that nothing stands in read as 0; off: exception 2.",
    logicalName: settingName(6, 11),
  }),
  defaultType: oneOf(["u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"], {
    default: "s64",
    restart: true,
    built: false,
    help: "Data type of new lines of the register map.",
    logicalName: settingName(6, 12),
  }),
  defaultConstant: text({
    default: "1",
    pattern: "^-?[0-9]{1,12}(\\.[0-9]{1,12})?$",
    wanted: "a decimal number such as 1 or 0.001",
    restart: true,
    built: false,
    help: "Factor of all values of new lines.",
    logicalName: settingName(6, 13),
  }),
};

const slavePort = (first: number) =>
  group(
    {
      mode: oneOf(["off", "virtual", "transparent"], {
        default: "off",
        restart: true,
        help: "off; virtual: answers from stored values; transparent: passes bytes to the bus.",
        logicalName: settingName(31, first),
      }),
      path: text({
        default: "",
        minLength: 0,
        restart: true,
        deviceBound: true,
        help: "Device file of the slave port.",
        logicalName: settingName(31, first + 1),
      }),
      baudRate: oneOf(rates, {
        default: 2400,
        restart: true,
        help: "Baud rate of the port.",
        logicalName: settingName(31, first + 2),
      }),
      packingIntervalMs: milliseconds({
        default: 0,
        min: 0,
        max: 10_000,
        restart: true,
        help: "Bytes are gathered for so long before they are sent on.",
        logicalName: settingName(31, first + 3),
      }),
      valueExpirationSeconds: seconds({
        default: 3600,
        min: 1,
        max: 31_536_000,
        restart: true,
        help: "virtual: a meter whose stored value is older does not answer.",
        logicalName: settingName(31, first + 4),
      }),
      idleTimeoutSeconds: seconds({
        default: 15,
        min: 1,
        max: 86_400,
        restart: true,
        help: "A master silent for so long gives the bus back.",
        logicalName: settingName(31, first + 5),
      }),
    },
    "An M-Bus slave port.",
  );

export const slavePorts = notBuilt(group({ port1: slavePort(1), port2: slavePort(11) }, "The M-Bus slave ports."));

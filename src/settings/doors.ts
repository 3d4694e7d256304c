/** Settings of the doors. */
import Type from "typebox";
import { dlmsClient, securitySetup } from "./dlms-clients.js";
import { furtherDoors, modbusExtras, webExtras } from "./further-doors.js";
import { hdlc } from "./hdlc.js";
import { count, flag, group, listeningPort, listOf, oneOf, seconds, secret, text } from "./kinds.js";

export const doors = group(
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
        failuresPerMinute: count({
          default: 20,
          min: 0,
          max: 10_000,
          restart: true,
          help: "An address that fails to authenticate more often is held back, each time twice as long; 0: never.",
          logicalName: "0-128:97.4.7*255",
        }),
        associationVersion: oneOf([0, 1, 2, 3], {
          default: 1,
          restart: true,
          help: "Version of Association LN objects: 2 has users, 3 shows rights as bits, 0 is for old head-ends.",
          logicalName: "0-128:97.4.8*255",
        }),
        mbusClientVersion: oneOf([0, 1], {
          default: 1,
          restart: true,
          help: "Version of M-Bus client objects: 1 has the configuration word and the key's status.",
          logicalName: "0-128:97.4.9*255",
        }),
        liveReadoutSeconds: seconds({
          default: 30,
          min: 1,
          max: 300,
          restart: true,
          help: "With profile cme3100: a GET of a value older than 60 s waits at most so long for the meter to be read.",
          logicalName: "0-128:97.4.10*255",
        }),
        clients: listOf(dlmsClient, { maxItems: 124, restart: true, help: "Further clients." }),
        securitySetups: listOf(securitySetup, { maxItems: 256, restart: true, help: "Keys and policies." }),
        hdlc,
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
          restart: true,
          help: "Local address to listen on; 0.0.0.0: all. Logins are HTTP: beyond a trusted network put a TLS proxy before it.",
          logicalName: "0-128:97.5.2*255",
        }),
        port: listeningPort({
          default: 8080,
          restart: true,
          help: "TCP port (HTTP); 0: any free one.",
          logicalName: "0-128:97.5.3*255",
        }),
        ...webExtras,
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
        ...modbusExtras,
      },
      "Modbus TCP.",
    ),
    ...furtherDoors,
  },
  "The doors through which values are read. Each can be switched off.",
);

/** Settings of DLMS/COSEM over HDLC (IEC 62056-46). */
import Type from "typebox";
import { count, flag, group, listeningPort, milliseconds, oneOf, seconds, text } from "./kinds.js";

/** Those above 19200 are beyond what mode E can offer. */
const lineBaudRates = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] as const;

const serial = group(
  {
    path: Type.Optional(
      text({
        restart: true,
        help: "Serial device, e.g. /dev/serial/by-id/…; while it is not set, no line is served.",
        logicalName: "0-128:97.4.30*255",
      }),
    ),
    baudRate: oneOf(lineBaudRates, {
      default: 9600,
      restart: true,
      help: "Rate of the line; with opticalStart the rate offered after the sign-on, 19200 at most.",
      logicalName: "0-128:97.4.31*255",
    }),
    parity: oneOf(["none", "even"], {
      default: "none",
      restart: true,
      help: "Parity of the line; with opticalStart always none.",
      logicalName: "0-128:97.4.32*255",
    }),
    opticalStart: flag({
      default: false,
      restart: true,
      help: "Whether dialogues begin at 300 Bd with the sign-on of an optical head (IEC 62056-21, mode E).",
      logicalName: "0-128:97.4.33*255",
    }),
    interOctetTimeoutMs: milliseconds({
      default: 100,
      min: 20,
      max: 6000,
      restart: true,
      help: "A frame on the line whose next octet does not come within this time is given up.",
      logicalName: "0-128:97.4.34*255",
    }),
  },
  "HDLC on a serial line.",
);

export const hdlc = group(
  {
    enabled: flag({
      default: false,
      restart: true,
      help: "Whether DLMS/COSEM clients are served over HDLC on a TCP port of its own.",
      logicalName: "0-128:97.4.20*255",
    }),
    host: text({
      default: "0.0.0.0",
      restart: true,
      help: "Local address to listen on.",
      logicalName: "0-128:97.4.21*255",
    }),
    port: listeningPort({
      default: 4061,
      restart: true,
      help: "TCP port (HDLC); 0: any free one.",
      logicalName: "0-128:97.4.22*255",
    }),
    maxInfo: count({
      default: 1024,
      min: 32,
      max: 2030,
      restart: true,
      help: "Octets of an information field, sent or taken, that is agreed on at most; a client that says nothing gets 128.",
      logicalName: "0-128:97.4.23*255",
    }),
    window: count({
      default: 7,
      min: 1,
      max: 7,
      restart: true,
      help: "Frames in a row, sent or taken, that are agreed on at most; a client that says nothing gets 1.",
      logicalName: "0-128:97.4.24*255",
    }),
    inactivityTimeoutSeconds: seconds({
      default: 120,
      min: 0,
      max: 65_535,
      restart: true,
      help: "A link without a frame for so long ends; 0: never.",
      logicalName: "0-128:97.4.25*255",
    }),
    interOctetTimeoutMs: milliseconds({
      default: 1000,
      min: 20,
      max: 6000,
      restart: true,
      help: "A frame over TCP whose next octet does not come within this time is given up.",
      logicalName: "0-128:97.4.26*255",
    }),
    physicalDevice: count({
      default: 16,
      min: 16,
      max: 16_381,
      restart: true,
      help: "Lower HDLC address of this gateway (126 and 127 have a meaning of their own). Clients that name none are served too.",
      logicalName: "0-128:97.4.27*255",
    }),
    serial,
  },
  "DLMS/COSEM over HDLC (IEC 62056-46).",
);

import { stat } from "node:fs/promises";
import { SerialPort, type SerialPortMock } from "serialport";
import type { ByteChannel } from "../ports/index.js";
import { systemClock } from "./system-clock.js";
import { TransportError, type TransportErrorReason } from "./transport-error.js";

export interface SerialOptions {
  /** e.g. /dev/ttyUSB0 */
  readonly path: string;
  /** 300 to 38400 on an M-Bus, up to 115200 for receivers; always 8 data bits and 1 stop bit. */
  readonly baudRate: number;
  /** Default even, as EN 13757-2 has it. */
  readonly parity?: "even" | "none";
  /**
   * The RTS line; default `leave`, as the driver has it. Converters fed from the port want it `on` (or `off`); two-wire
   * ones that switch by it want `whileSending`, which holds it until the last byte has left. A line that has no RTS
   * (a pseudo terminal, some USB heads) is opened all the same, but for `whileSending`.
   */
  readonly rts?: RtsMode;
  /** Tests of hardware that is not there bring their own. */
  createPort?(options: OpenOptions): SerialPort | SerialPortMock;
}

type OpenOptions = ConstructorParameters<typeof SerialPort>[0];

export type RtsMode = "leave" | "on" | "off" | "whileSending";

/** A serial line. Its rate can be changed between two dialogues. */
export interface SerialChannel extends ByteChannel {
  setBaudRate(baudRate: number): Promise<void>;
}

/** How often an open line's device is looked for. */
const lookEveryMs = 1000;

/** Words of the driver, which gives no codes; the first that matches counts. */
const serialCauses: readonly (readonly [RegExp, TransportErrorReason, string])[] = [
  [/permission denied/i, "permission", "permission denied; add the user to group dialout and log in anew"],
  [/no such file/i, "notFound", "there is no such device; check the cable and the path (ls /dev/serial/by-id)"],
  [/lock|busy|unavailable/i, "inUse", "another program has it open; stop that program"],
  [/inappropriate ioctl|not a tty|invalid argument/i, "notFound", "this is not a serial device; check the path"],
];

/** The line has none of the wires that go beside the data. */
const noLine = /inappropriate ioctl|invalid argument/i;
const noRtsWords = "this line has no RTS to switch by; set rts to leave, or use the converter's own port";

function serialError(error: Error, where: string): TransportError {
  const cause = serialCauses.find(([pattern]) => pattern.test(error.message));
  if (cause === undefined) return new TransportError("lost", `${where}: ${error.message.replace(/^Error:? /, "")}`);
  return new TransportError(cause[1], `${where}: ${cause[2]}`);
}

/**
 * Opens a serial line, 8E1 or 8N1.
 * @throws TransportError in words, with what to do
 */
export async function openSerial({
  path,
  baudRate,
  parity = "even",
  rts = "leave",
  createPort = (options) => new SerialPort(options),
}: SerialOptions): Promise<SerialChannel> {
  const port = createPort({ path, baudRate, dataBits: 8, parity, stopBits: 1, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(serialError(error, `cannot open ${path}`)) : resolve()));
  });

  const setRts = (isOn: boolean) =>
    new Promise<void>((resolve, reject) => {
      port.set({ rts: isOn, dtr: true }, (error) => {
        if (error === null || error === undefined) resolve();
        else if (noLine.test(error.message) && rts !== "whileSending") resolve();
        else if (noLine.test(error.message)) reject(new TransportError("notFound", `${path}: ${noRtsWords}`));
        else reject(serialError(error, path));
      });
    });
  if (rts !== "leave") {
    try {
      await setRts(rts === "on");
    } catch (error) {
      port.close(() => undefined);
      throw error;
    }
  }

  let cause: string | undefined;
  let isAskedToClose = false;
  // After a failed read or write the driver leaves the line open though it is dead: it must be closed to be noticed.
  const breakOff = (error: Error): void => {
    cause ??= serialError(error, path).message;
    if (!port.isOpen || port.closing) return;
    port.close(() => undefined);
  };
  port.on("error", breakOff);
  // A line that is hung up reads as empty, which the driver takes for "try again", on and on: look at the device too.
  let cancelLook: (() => void) | undefined;
  const look = (): void => {
    if (!port.isOpen) return;
    cancelLook = systemClock.after(lookEveryMs, () => void stat(path).then(look, breakOff));
  };
  look();
  port.once("close", () => cancelLook?.());
  const called = (call: (done: (error: Error | null | undefined) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!port.isOpen) reject(new TransportError("closed", `${path}: the line is closed`));
      else call((error) => (error ? reject(serialError(error, path)) : resolve()));
    });

  const put = (bytes: Uint8Array): Promise<void> =>
    called((done) => {
      port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), (error) => {
        if (error) breakOff(error);
        done(error);
      });
    });

  return {
    listen(listener) {
      port.on("data", (bytes: Uint8Array) => listener.received(bytes));
      port.once("close", (error: Error | null | undefined) => {
        const lost = error ? `${path}: the device is gone; check the cable` : `${path}: the line was closed`;
        listener.closed(isAskedToClose ? undefined : (cause ?? lost));
      });
    },
    async write(bytes) {
      if (rts !== "whileSending") return put(bytes);
      if (port.isOpen) await setRts(true);
      await put(bytes);
      await called((done) => port.drain(done));
      if (port.isOpen) await setRts(false);
    },
    setBaudRate: (rate) => called((done) => port.update({ baudRate: rate }, done)),
    close() {
      isAskedToClose = true;
      return port.isOpen ? called((done) => port.close(done)) : Promise.resolve();
    },
  };
}

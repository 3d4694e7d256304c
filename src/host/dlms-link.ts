/** A DLMS client over TCP: one connection and one association to one server SAP. */
import { connect, type Socket } from "node:net";
import {
  type ClientDriver,
  createClientDriver,
  createWrapperDecoder,
  encodeWrapperFrame,
  type Secret,
} from "../../cosem/index.js";
import { CommandFailed } from "./command.js";

export interface DlmsLinkOptions {
  readonly host: string;
  readonly port: number;
  readonly clientSap: number;
  readonly serverSap: number;
  /** Undefined: no authentication. */
  readonly password: Secret | undefined;
  /** How long each answer may take. */
  readonly timeoutMs: number;
}

export interface DlmsLink {
  readonly driver: ClientDriver;
  /** Releases the association and closes the connection. */
  close(): Promise<void>;
}

const maxApduBytes = 0xffff;

/** @throws CommandFailed when the server cannot be reached; AssociationRejected when it refuses */
export async function openDlmsLink(options: DlmsLinkOptions): Promise<DlmsLink> {
  const { host, port, clientSap, serverSap, password, timeoutMs } = options;
  const socket = await connected(host, port, timeoutMs);
  const decoder = createWrapperDecoder(maxApduBytes);
  const driver = createClientDriver({ ...(password === undefined ? {} : { password }) }, (apdu) => {
    socket.write(encodeWrapperFrame({ sourceWPort: clientSap, destinationWPort: serverSap, apdu }));
  });
  socket.setTimeout(timeoutMs, () => {
    driver.fail(new CommandFailed(`${host}:${port} gave no answer within ${timeoutMs / 1000} s`));
    socket.destroy();
  });
  socket.on("data", (bytes) => {
    try {
      for (const frame of decoder.push(bytes)) driver.receive(frame.apdu);
    } catch (error) {
      driver.fail(error instanceof Error ? error : new Error(String(error)));
      socket.destroy();
    }
  });
  socket.on("error", (error) => driver.fail(new CommandFailed(`${host}:${port}: ${error.message}`)));
  socket.on("close", () => driver.fail(new CommandFailed(`${host}:${port} closed the connection`)));
  try {
    await driver.open();
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    driver,
    async close() {
      // A server that will not release is left all the same.
      await driver.release().catch(() => undefined);
      socket.destroy();
    },
  };
}

function connected(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (why: string) => {
      socket.destroy();
      reject(new CommandFailed(`cannot reach ${host}:${port}: ${why}; is the DLMS door open there?`));
    };
    socket.setTimeout(timeoutMs, () => fail(`no connection within ${timeoutMs / 1000} s`));
    socket.once("error", (error) => fail(error.message));
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      socket.removeAllListeners("timeout");
      resolve(socket);
    });
  });
}

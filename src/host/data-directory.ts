import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname, join, relative, resolve } from "node:path";
import { CommandFailed } from "./command.js";

/** The folder of one gateway's data, held by one process at a time. */
export interface DataDirectory {
  readonly path: string;
  readonly databasePath: string;
  /** The user's own OBIS maps; they override those of the package. */
  readonly mapsPath: string;
  release(): Promise<void>;
}

/**
 * Makes the folder where it is missing, readable by its owner alone, and takes hold of it. The hold is a listening
 * Unix socket: it ends with the process, also after a kill, and no other process can be mistaken for its owner.
 * @throws CommandFailed when another gateway holds it, or it cannot be made
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const absolute = resolve(path);
  const socketPath = shorter(join(absolute, "gateway.lock"));
  try {
    makeFolder(absolute);
  } catch (error) {
    throw new CommandFailed(`cannot make the data directory ${absolute}: ${(error as Error).message}`);
  }
  if (await isHeld(socketPath)) {
    throw new CommandFailed(`another gateway is running on ${absolute}; stop it, or give another folder with --data`);
  }
  rmSync(socketPath, { force: true });
  keepToOwner(absolute);
  const server = await hold(socketPath);
  return {
    path: absolute,
    databasePath: join(absolute, "gateway.sqlite"),
    mapsPath: join(absolute, "maps"),
    release: () => new Promise((done) => server.close(() => done())),
  };
}

/** Password hashes, sealed keys and everybody's consumption: what this process writes is for its own user alone. */
function keepToOwner(path: string): void {
  process.umask(0o077);
  for (const name of ["gateway.sqlite", "gateway.sqlite-wal", "gateway.sqlite-shm"]) {
    if (existsSync(join(path, name))) chmodSync(join(path, name), 0o600);
  }
}

/** With the folders above it. Node's own recursive mkdir never returns below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** Socket paths have room for about 100 bytes: from a deep folder the way from here may be the shorter one. */
function shorter(path: string): string {
  const way = relative(process.cwd(), path);
  return way.length < path.length ? way : path;
}

function isHeld(socketPath: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(socketPath);
    probe.once("connect", () => {
      probe.destroy();
      done(true);
    });
    probe.once("error", () => done(false));
  });
}

function hold(socketPath: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error) =>
      fail(new CommandFailed(`cannot take hold of the data directory: ${error.message}`)),
    );
    server.listen(socketPath, () => done(server));
    server.unref();
  });
}

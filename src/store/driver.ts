/**
 * The database driver. Two releases of it are installed where both can be, and this Node decides: the objects of
 * release 12, compiled against the headers of Node 24.19 and later, end the process when they are collected
 * (`RemoveEnvironmentCleanupHook: Assertion failed: (env) != nullptr`; WiseLibs/better-sqlite3 issue 1515), and
 * release 13 needs Node-API 10, which Node 20 does not have.
 */
import { createRequire } from "node:module";
import type Driver from "better-sqlite3";

const release = Number(process.versions.napi) >= 10 ? "better-sqlite3" : "better-sqlite3-node20";

export const Database: typeof Driver = loaded();
export type Connection = Driver.Database;
export type ConnectionOptions = Driver.Options;
export type Statement<Parameters extends unknown[], Row> = Driver.Statement<Parameters, Row>;

/** It is optional to npm, which goes on where it could not compile it; the gateway cannot. */
function loaded(): typeof Driver {
  try {
    return createRequire(import.meta.url)(release) as typeof Driver;
  } catch (error) {
    const next = "run `npm ci` again, with a C++ compiler, make and Python at hand, and read what it says";
    throw new Error(`the database driver ${release} cannot be loaded by Node ${process.version}: ${next}`, {
      cause: error,
    });
  }
}

import { type Connection, type ConnectionOptions, Database } from "../../src/store/driver.js";

/** The driver alone, as another program would open the file. */
export function openSqlite(path: string, options: ConnectionOptions = {}): Connection {
  return new Database(path, options);
}

import Database from "better-sqlite3";
import { keepFromCollector } from "../../src/store/database.js";

/** The driver alone, as another program would open the file; see keepFromCollector() for why it is wrapped. */
export function openSqlite(path: string, options: Database.Options = {}): Database.Database {
  const connection = new Database(path, options);
  keepFromCollector(connection);
  return connection;
}

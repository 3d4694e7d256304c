import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Settings, YamlError } from "../settings/index.js";
import { type RegisterMap, readRegisterMap } from "../views/modbus/index.js";
import { CommandFailed } from "./command.js";
import { packageFile } from "./version.js";

/**
 * The register map that the settings name: the user's own, else the package's. Undefined while the door is off.
 * @throws CommandFailed when there is no such map, or it is not good
 */
export function registerMapOf(settings: Settings, userMapsPath: string): RegisterMap | undefined {
  const { enabled, map: name } = settings.doors.modbus;
  if (!enabled) return undefined;
  const paths = [join(userMapsPath, "modbus", `${name}.yaml`), packageFile(`obis-maps/modbus/${name}.yaml`)];
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new CommandFailed(`doors.modbus.map: there is no register map "${name}", neither ${paths.join(" nor ")}`);
  }
  try {
    return readRegisterMap(readFileSync(path, "utf8"), path);
  } catch (error) {
    throw error instanceof YamlError ? new CommandFailed(error.message) : error;
  }
}

/**
 * `npm run check:maps`: every map of the package against its schema, with all its examples. One line a file; exit code 1
 * with a problem. Further arguments: folders of M-Bus maps to check too.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkMaps, shippedMapFolder } from "../mapping/index.js";
import { YamlError } from "../settings/index.js";
import { readRegisterMap } from "../views/modbus/index.js";
import { readReportLayout } from "../views/push/index.js";
import { packageFile } from "./version.js";

const { lines, problems } = checkMaps([shippedMapFolder, ...process.argv.slice(2)]);
process.stdout.write(`${lines.join("\n")}\n`);
const broken = problems + checkFolder("modbus", readRegisterMap) + checkFolder("reports", readReportLayout);
process.exitCode = broken === 0 ? 0 : 1;

/** @returns how many files are not good */
function checkFolder(folder: string, read: (yamlText: string, fileName: string) => unknown): number {
  let notGood = 0;
  for (const name of readdirSync(packageFile(`obis-maps/${folder}`)).sort()) {
    const path = join("obis-maps", folder, name);
    try {
      read(readFileSync(packageFile(path), "utf8"), path);
      process.stdout.write(`${path}: good\n`);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      process.stdout.write(`${error.message}\n`);
      notGood += 1;
    }
  }
  return notGood;
}

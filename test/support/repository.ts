import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the checkout, found from the compiled test upwards. */
export const repositoryRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  return findRoot(dirname(folder));
}

/** A path below `test/` of the checkout, e.g. testFile("vectors/mbus"). */
export function testFile(path: string): string {
  return join(repositoryRoot, "test", path);
}

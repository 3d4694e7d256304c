/** Words of the command line as the options of parseArgs() give them. */
import { WrongUse } from "../command.js";

export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** @throws WrongUse unless the word is one of the table's */
export function choice<V>(values: OptionValues, name: string, table: Readonly<Record<string, V>>): V | undefined {
  const word = text(values, name);
  if (word === undefined) return undefined;
  const value = Object.hasOwn(table, word) ? table[word] : undefined;
  if (value === undefined) throw new WrongUse(`--${name} wants ${Object.keys(table).join(", ")}, not "${word}"`);
  return value;
}

import { median } from "./result.js";

/**
 * Runs both in turns, A B A B A, so that what else the machine does falls on both alike.
 * @returns their medians
 */
export async function alternate(
  measured: () => Promise<number>,
  reference: () => Promise<number>,
  rounds = 3,
): Promise<{ readonly value: number; readonly reference: number }> {
  const values: number[] = [];
  const references: number[] = [];
  for (let round = 0; round < rounds; round++) {
    values.push(await measured());
    if (round < rounds - 1 || rounds === 1) references.push(await reference());
  }
  return { value: median(values), reference: median(references) };
}

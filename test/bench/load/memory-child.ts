/**
 * Memory of N meters. Argument: `{"meters": n, "isBare": bool}`; run with --expose-gc; sends MemoryAnswer.
 */
import { setImmediate as turn } from "node:timers/promises";
import { packPayload } from "../../../src/mbus/index.js";
import { ForgetfulStore } from "./forgetful-store.js";
import { addMeter, createBenchGateway, demoTelegrams, placeOf, withIdentification } from "./meters.js";
import { argumentOf } from "./process.js";

export interface MemoryAnswer {
  /** Heap and external memory that came with the meters, after garbage collection. */
  readonly bytes: number;
  readonly loadMs: number;
  readonly residentBytes: number;
}

const { meters, isBare } = argumentOf<{ meters: number; isBare: boolean }>();
/** What must not be collected before it is measured. */
const held: unknown[] = [];

async function used(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const gateway = createBenchGateway(new ForgetfulStore());
const telegrams = demoTelegrams();
const telegramOf = (number: number) => withIdentification(telegrams[number % telegrams.length] as Uint8Array, number);
// The kinds, their layouts and the compiled code are there before: they do not grow with the meters.
for (const [index, telegram] of telegrams.entries()) {
  const number = 90_000_000 + index;
  await addMeter(gateway, withIdentification(telegram, number), number);
}
held.push(gateway);

const before = await used();
const started = performance.now();
for (let number = 1; number <= meters; number++) {
  if (isBare) held.push(bareMeter(number));
  else await addMeter(gateway, telegramOf(number), number);
}
const loadMs = performance.now() - started;
const bytes = (await used()) - before;
const answer: MemoryAnswer = { bytes, loadMs, residentBytes: process.memoryUsage().rss };
if (held.length === 0) throw new Error("nothing is held");
process.send?.(answer);
process.on("disconnect", () => process.exit(0));

/** What must be known of a meter in any case: the fields of its row, its newest payload and when it was read. */
function bareMeter(number: number) {
  const telegram = telegramOf(number);
  const secondaryAddress = Buffer.from(telegram.subarray(1, 9)).toString("hex");
  return {
    id: number,
    sap: number + 15,
    logicalDeviceName: Buffer.from(`XXX${secondaryAddress.slice(0, 12)}`).toString("latin1"),
    kind: "XXX0000",
    ...placeOf(number),
    secondaryAddress,
    primaryAddress: undefined,
    readAtMs: Date.now(),
    payload: packPayload([telegram]),
  };
}

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../../cosem/codec/bytes.js";
import { testFile } from "../../support/repository.js";
import { fixture, meter, testReceiver } from "./support.js";

interface Corpus {
  readonly items: readonly {
    readonly hex: string;
    readonly key: string | null;
    readonly expect: { idNumber?: string };
  }[];
}
const corpus = JSON.parse(readFileSync(testFile("vectors/mbus/corpus-wireless.json"), "utf8")) as Corpus;
const telegrams = corpus.items.map(({ hex }) => hex);

it("hears the whole corpus, and mutations of it, without a fault of its own", async () => {
  const receiver = testReceiver("roof");
  const installed = corpus.items.flatMap(({ key, expect: { idNumber } }, index) =>
    idNumber !== undefined && /^\d{8}$/.test(idNumber) ? [meter(index + 1, idNumber, key ?? undefined)] : [],
  );
  const { readout, clock, logger, completed } = fixture([receiver], installed, { receptionLimit: 500 });
  readout.start();
  await clock.advance(1000);
  for (const telegram of telegrams) await receiver.say(telegram);
  const report = await readout.readAll();
  expect(report.read).toBeGreaterThan(100);
  expect(completed).toHaveLength(report.read);

  const mutated = fc.tuple(
    fc.constantFrom(...telegrams),
    fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 4 }),
  );
  for (const [hex, changes] of fc.sample(mutated, { numRuns: 2000, seed: 1 })) {
    const bytes = Buffer.from(hex, "hex");
    for (const [place, value] of changes) bytes[place % bytes.length] = value;
    await receiver.say(toHex(bytes));
  }
  await readout.readAll();
  expect(readout.receptions.size).toBeLessThanOrEqual(500);
  expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
});

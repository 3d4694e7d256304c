import { describe, expect, it } from "vitest";
import { type ExpectedRecord, type Vector, wiredVectors } from "../mbus/application/support/vectors.js";
import { type Finished, GatewayProcess, runCommand, when } from "../support/gateway-process.js";

/** One answer line of `decode --json`, as the design has it. */
interface Answer {
  readonly id: unknown;
  readonly ok: boolean;
  readonly meter: Readonly<Record<string, unknown>> | null;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly manufacturerData: string | null;
  readonly more: boolean;
  readonly layers: readonly string[];
  readonly error: { readonly reason: string; readonly offset: number } | null;
}

const vectors = wiredVectors();

async function decode(lines: readonly string[]): Promise<{ outcome: Finished; answers: readonly Answer[] }> {
  const outcome = await runCommand(["decode", "--json"], lines.map((line) => `${line}\n`).join(""));
  const answers = outcome.stdout.split("\n").slice(0, -1);
  return { outcome, answers: answers.map((line) => JSON.parse(line) as Answer) };
}

const question = (id: unknown, hex: string) => JSON.stringify({ id, hex, key: null, wireless: false });

function expectRecord(actual: Readonly<Record<string, unknown>>, wanted: ExpectedRecord): void {
  // A fixed counter's number, and what stands against a value, come behind.
  const extras = ["counter", "notValid", "coded", "doubtful"];
  expect(Object.keys(actual).filter((key) => !extras.includes(key))).toEqual([
    ...["function", "storage", "tariff", "subunit", "quantity", "unit", "value", "obis", "kind"],
    ...["modifiers", "recordError", "drh", "data"],
  ]);
  const { value, altValue, drh = expect.any(String), modifiers = [], recordError = null } = wanted;
  const { storage, tariff, subunit, quantity, unit, kind, data } = wanted;
  const header = { function: wanted.function, storage, tariff, subunit, quantity, unit, kind };
  expect(actual).toMatchObject({ ...header, modifiers, recordError, drh, data });
  expect([value, altValue].some((one) => one !== undefined && isSame(actual["value"], one))).toBe(true);
  expect(actual["obis"] === null || /^\d+-\d+:\d+\.\d+\.\d+\*\d+$/.test(String(actual["obis"]))).toBe(true);
}

/** Decimal fractions differ in their last binary digit by how they were made; nothing else may. */
function isSame(actual: unknown, wanted: number | string | null): boolean {
  if (typeof actual !== "number" || typeof wanted !== "number") return actual === wanted;
  return actual === wanted || Math.abs(actual / wanted - 1) < 1e-12;
}

describe("decode --json", { timeout: 60_000 }, () => {
  it("answers the whole wired corpus, line by line and in order", async () => {
    const { outcome, answers } = await decode(vectors.map(({ id, hex }) => question(id, hex)));
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(answers.map(({ id }) => id)).toEqual(vectors.map(({ id }) => id));
    for (const [index, answer] of answers.entries()) expectAnswer(answer, vectors[index] as Vector);
  });

  it("keeps ids of every type, and goes on behind lines that are no questions", async () => {
    const { hex } = vectors.find(({ expect: wanted }) => wanted.kind === "variable") ?? { hex: "" };
    const lines = [
      question(7, hex),
      "no JSON",
      "[]",
      '{"id":"a"}',
      question({ deep: [1] }, hex.toUpperCase()),
      question(null, "zz"),
    ];
    const { outcome, answers } = await decode(lines);
    expect(outcome.code).toBe(0);
    expect(answers.map(({ id, ok }) => [id, ok])).toEqual([
      [7, true],
      [null, false],
      [null, false],
      ["a", false],
      [{ deep: [1] }, true],
      [null, false],
    ]);
    expect(answers[4]?.records).toEqual(answers[0]?.records);
    for (const answer of answers.filter(({ ok }) => !ok)) {
      expect(answer).toMatchObject({ records: [], error: { reason: expect.any(String), offset: expect.any(Number) } });
    }
  });

  it("ends with 0 where every line was answered, --explain with 1 where the telegram is refused", async () => {
    const refused = "68030368530151a516";
    expect((await decode([question(1, refused)])).outcome.code).toBe(0);
    expect((await runCommand(["decode", "--explain", refused])).code).toBe(1);
    const { hex } = vectors.find(({ expect: wanted }) => wanted.kind === "variable") ?? { hex: "" };
    expect((await runCommand(["decode", "--explain", hex])).code).toBe(0);
    expect((await runCommand(["decode", "--help"])).stdout).toContain("Exit code: --json 0");
  });

  it("answers a question before the next one comes", async () => {
    const child = new GatewayProcess(["decode", "--json"]);
    for (const [index, { id, hex }] of vectors.slice(0, 3).entries()) {
      child.write(`${question(id, hex)}\n`);
      await child.until("an answer", () => when(child.stdout.split("\n").length === index + 2));
    }
    child.end();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});

function expectAnswer(answer: Answer, { id, expect: wanted }: Vector): void {
  expect(Object.keys(answer), id).toEqual([
    ...["id", "ok", "meter", "records", "manufacturerData", "more", "layers", "link", "error"],
  ]);
  if (wanted.kind !== "variable" && wanted.kind !== "fixed") {
    expect(answer, id).toMatchObject({
      ok: false,
      records: [],
      error: { reason: expect.stringMatching(/^[a-zA-Z]+$/) },
    });
    expect(answer.error?.offset, id).toBeGreaterThanOrEqual(0);
    if (wanted.kind === "application-error") expect(answer.error?.reason, id).toBe("applicationError");
    return;
  }
  expect(answer, id).toMatchObject({ ok: true, error: null });
  const { manufacturer, version, mediumCode: medium, accessNumber, status } = wanted;
  expect(answer.meter, id).toEqual({ manufacturer, id: wanted.id, version, medium, accessNumber, status });
  expect(answer.layers, id).toHaveLength(1);
  if (wanted.kind === "variable") {
    expect(answer.more, id).toBe(wanted.more);
    expect(answer.manufacturerData, id).toBe(wanted.manufacturerData);
  }
  const records = wanted.records ?? [];
  expect(answer.records.length, id).toBe(records.length);
  for (const [index, record] of records.entries()) expectRecord(answer.records[index] ?? {}, record);
}

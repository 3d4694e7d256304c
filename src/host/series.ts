/** Measurement series of the running gateway: `<data>/maps/series.yaml`, and one register for each computed series. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import Type from "typebox";
import { stringify } from "yaml";
import {
  type CosemObject,
  createObject,
  type Data,
  type LogicalName,
  logicalName,
  nullData,
  Register,
  type Registry,
  unitCode,
} from "../../cosem/index.js";
import type { Clock } from "../ports/index.js";
import { offsetAt } from "../scheduler/index.js";
import type { ChangeRecorder } from "../services/recorder.js";
import {
  type ComputedSeries,
  createSeriesService,
  type DefinitionStore,
  ExpressionError,
  mostDefinitions,
  SeriesError,
} from "../services/series/index.js";
import { readCheckedYaml, YamlError } from "../settings/index.js";
import { CommandFailed } from "./command.js";

const Definitions = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 64 }),
          number: Type.Integer({ minimum: 1, maximum: 65_535 }),
          expression: Type.String({ minLength: 1, maxLength: 4000 }),
          unit: Type.Optional(Type.String({ maxLength: 16 })),
          description: Type.Optional(Type.String({ maxLength: 200 })),
          toleranceMinutes: Type.Optional(Type.Number({ minimum: 0, maximum: 44_640 })),
        },
        { additionalProperties: false },
      ),
      { maxItems: mostDefinitions },
    ),
  },
  { additionalProperties: false },
);

const head =
  "# Computed measurement series; docs/series.md. `number` names the register of a series and is never given again.\n";

export interface SeriesHostParts {
  readonly registry: Registry;
  readonly mapsPath: string;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly recorder: ChangeRecorder;
}

/** @throws CommandFailed when the file of definitions is not good */
export function openSeries({ registry, mapsPath, timeZone, clock, recorder }: SeriesHostParts): ComputedSeries {
  const definitions = definitionFile(join(mapsPath, "series.yaml"));
  try {
    return createSeriesService({
      registry,
      definitions,
      zone: { offsetAt: (instantMs) => offsetAt(instantMs, timeZone) },
      clock,
      recorder,
    });
  } catch (error) {
    if (error instanceof YamlError || error instanceof SeriesError) throw new CommandFailed(error.message);
    throw error;
  }
}

function definitionFile(path: string): DefinitionStore {
  return {
    load() {
      if (!existsSync(path)) return [];
      const { value } = readCheckedYaml(Definitions, readFileSync(path, "utf8"), path);
      return value.series;
    },
    async save(series) {
      mkdirSync(dirname(path), { recursive: true });
      const written = `${path}.new`;
      const file = await open(written, "w");
      try {
        await file.writeFile(head + stringify({ series }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(written, path);
    },
  };
}

/** The registers of computed series, on the management device. */
export interface SeriesObjects {
  find(name: LogicalName, classId: number | undefined): CosemObject | undefined;
  objects(): Iterable<CosemObject>;
}

/** 0-128:199.<number / 256>.<number % 256>*255, a manufacturer's own code (IEC 62056-6-1, 4.2). */
export function seriesName(number: number): LogicalName {
  return logicalName(`0-128:199.${number >> 8}.${number & 255}*255`);
}

export function createSeriesObjects(series: ComputedSeries): SeriesObjects {
  let known: ReadonlyMap<LogicalName, CosemObject> | undefined;
  series.onChange(() => {
    known = undefined;
  });
  const all = (): ReadonlyMap<LogicalName, CosemObject> => {
    known ??= new Map(
      series.definitions().map(({ name, number }) => [seriesName(number), registerOf(series, name, number)]),
    );
    return known;
  };
  return {
    find: (name, classId) => (classId === undefined || classId === Register.classId ? all().get(name) : undefined),
    objects: () => all().values(),
  };
}

/** Value: float64, null-data where there is none; scaler 0 and the unit where the Blue Book has a code for it. */
function registerOf(series: ComputedSeries, name: string, number: number): CosemObject {
  return createObject(Register, seriesName(number), {
    attributes: {
      value: {
        get: async (): Promise<Data> => {
          const value = (await newestOf(series, name))?.toNumber();
          return value === undefined ? nullData : { type: "float64", value };
        },
      },
      scalerUnit: { get: () => ({ scaler: 0, unit: unitOf(series, name) }) },
    },
  });
}

async function newestOf(series: ComputedSeries, name: string) {
  try {
    return (await series.newest(name))?.value;
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof SeriesError) return undefined;
    throw error;
  }
}

const otherUnit = 254;
const noUnit = 255;

function unitOf(series: ComputedSeries, name: string): number {
  try {
    const unit = series.unitOf(name);
    return unit === "" ? noUnit : (unitCode(unit) ?? otherUnit);
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof SeriesError) return otherUnit;
    throw error;
  }
}

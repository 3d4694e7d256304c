import type { Data } from "../../cosem/index.js";
import type { FixtureMeter, FixtureValue } from "./rest-fixture.js";

/** Two meters whose numbers a test can work out in its head. */
export function twoMeters(): FixtureMeter[] {
  return [
    {
      device: "KAM1234567890804",
      sap: 16,
      manufacturer: "KAM",
      identification: "12345678",
      medium: 4,
      mediumName: "heat",
      position: "Cellar",
      group: 6,
      newest: 9,
      values: [
        counter("6-0:1.0.0*255", "energy", "Wh", 30, 3, (n) => 1234 + n),
        {
          ...counter("6-0:8.0.0*255", "volume flow", "m3/h", 15, -3, (n) => 500 + n),
          extended: true,
          status: (n) => (n === 11 ? { type: "visible-string", value: "no data available" } : { type: "null-data" }),
        },
        {
          ...counter("6-0:2.0.0*255", "volume", "m3", 13, -4, () => 0),
          at: () => ({ type: "long64", value: 9007199254740993n }),
        },
        {
          ...counter("6-0:10.0.0*255", "flow temperature", "°C", 9, 0, () => 0),
          at: (n) => (n % 2 === 1 ? { type: "float32", value: Math.fround(21.1) } : undefined),
        },
      ],
    },
    {
      device: "GWF194583090101",
      sap: 17,
      manufacturer: "GWF",
      identification: "19458309",
      medium: 7,
      mediumName: "water",
      position: "Flat 2",
      group: 8,
      newest: 9,
      failure: "no answer within 330 ms; check the wiring and the address",
      values: [counter("8-0:1.0.0*255", "volume", "m3", 13, -3, (n) => 204 + n)],
    },
  ];
}

function counter(
  obis: string,
  quantity: string,
  unit: string,
  unitCode: number,
  scaler: number,
  at: (reading: number) => number,
): FixtureValue {
  return {
    obis,
    quantity,
    unit,
    unitCode,
    scaler,
    at: (reading): Data => ({ type: "double-long-unsigned", value: at(reading) }),
  };
}

/** Ups and downs of a day, with some unrest; never below zero. */
function wave(reading: number, period: number, height: number): number {
  const turn = (length: number) => Math.sin((reading / length) * 2 * Math.PI);
  const shape = 1 + 0.7 * turn(period) + 0.25 * turn(period / 3.1) + 0.12 * turn(period / 11.7) + 0.05 * turn(23);
  return Math.max(0, Math.round(height * shape));
}

const kinds = [
  {
    maker: "KAM",
    medium: 4,
    name: "heat",
    group: 6,
    values: (seed: number) => [
      counter("6-0:1.0.0*255", "energy", "Wh", 30, 3, (n) => 41_000 + seed * 937 + Math.floor(n / 9)),
      counter("6-0:2.0.0*255", "volume", "m3", 13, -2, (n) => 183_120 + seed * 5011 + n),
      { ...counter("6-0:8.0.0*255", "power", "W", 27, 2, (n) => wave(n + seed * 31, 1440, 38)), extended: true },
      counter("6-0:9.0.0*255", "volume flow", "m3/h", 15, -3, (n) => wave(n + seed * 17, 1440, 410)),
      counter("6-0:10.0.0*255", "flow temperature", "°C", 9, -2, (n) => 5200 + wave(n, 1440, 700)),
      counter("6-0:11.0.0*255", "return temperature", "°C", 9, -2, (n) => 3300 + wave(n, 1440, 300)),
      { ...counter("6-0:1.0.0*1", "energy", "Wh", 30, 3, () => 39_881 + seed * 930), storage: 1 },
      counter("0-0:96.8.0*255", "operating time", "h", 5, 0, (n) => 20_133 + Math.floor(n / 60)),
    ],
  },
  {
    maker: "ELV",
    medium: 2,
    name: "electricity",
    group: 1,
    values: (seed: number) => [
      counter("1-0:1.8.0*255", "energy", "Wh", 30, 1, (n) => 1_204_417 + seed * 4093 + n * 3),
      { ...counter("1-0:1.8.1*255", "energy", "Wh", 30, 1, (n) => 804_417 + seed * 4093 + n * 2), tariff: 1 },
      counter("1-0:1.7.0*255", "power", "W", 27, 0, (n) => 460 + wave(n + seed * 71, 1440, 700)),
      counter("1-0:32.7.0*255", "voltage", "V", 35, -1, (n) => 2290 + wave(n, 60, 20)),
      counter("1-0:31.7.0*255", "current", "A", 33, -3, (n) => 640 + wave(n + seed * 71, 1440, 3900)),
    ],
  },
  {
    maker: "GWF",
    medium: 7,
    name: "water",
    group: 8,
    values: (seed: number) => [
      counter("8-0:1.0.0*255", "volume", "m3", 13, -3, (n) => 204_322 + seed * 10_331 + n * 2),
      counter("8-0:2.0.0*255", "volume flow", "m3/h", 15, -3, (n) => wave(n + seed * 13, 360, 120)),
    ],
  },
  {
    maker: "SON",
    medium: 6,
    name: "warm water",
    group: 9,
    values: (seed: number) => [
      counter("9-0:1.0.0*255", "volume", "m3", 13, -3, (n) => 88_120 + seed * 2211 + n),
      counter("9-0:10.0.0*255", "temperature", "°C", 9, -1, (n) => 520 + wave(n, 700, 30)),
    ],
  },
  {
    maker: "ELS",
    medium: 3,
    name: "gas",
    group: 7,
    values: (seed: number) => [
      counter("7-0:3.0.0*255", "volume", "m3", 13, -2, (n) => 712_202 + seed * 3001 + Math.floor(n / 3)),
    ],
  },
  {
    maker: "TCH",
    medium: 8,
    name: "heat cost allocator",
    group: 4,
    values: (seed: number) => [
      counter("4-0:1.0.0*255", "heat cost allocation", "HCA", 255, 0, (n) => 133 + seed + Math.floor(n / 400)),
      counter("4-0:10.0.0*255", "room temperature", "°C", 9, -2, (n) => 2050 + wave(n + seed, 1440, 60)),
    ],
  },
  {
    maker: "ELV",
    medium: 27,
    name: "room sensor",
    group: 0,
    values: (seed: number) => [
      counter("0-0:128.1.0*255", "temperature", "°C", 9, -2, (n) => 1980 + wave(n + seed * 50, 1440, 110)),
      counter("0-0:128.2.0*255", "relative humidity", "%", 56, -1, (n) => 380 + wave(n + seed * 90, 900, 35)),
    ],
  },
] as const;

const places = ["Flat 1", "Flat 2", "Flat 3", "Boiler room", "Roof", "Entrance A", "Shop, ground floor", ""];

/** A house full of meters, for looking at the pages. */
export function houseOfMeters(count: number, newest: number): FixtureMeter[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    const identification = String(10_000_000 + index * 317_771).slice(-8);
    const version = (index % 5).toString(16).padStart(2, "0");
    const medium = kind.medium.toString(16).padStart(2, "0").toUpperCase();
    return {
      device: `${kind.maker}${identification}${version}${medium}`,
      sap: 16 + index,
      manufacturer: kind.maker,
      identification,
      medium: kind.medium,
      mediumName: kind.name,
      position: places[index % places.length] ?? "",
      group: kind.group,
      newest,
      values: kind.values(index),
      ...(index === 9 ? { failure: "no answer within 330 ms; check the wiring and the address" } : {}),
      ...(index === 5 ? { statusByte: 0x04 } : {}),
    };
  });
}

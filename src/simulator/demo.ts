/** The demo's meters: three buses, 40 meters of every medium. */
import type { SimulatedMeterSpec } from "./meter.js";
import type { SourceTelegramName } from "./telegrams.js";

export interface DemoBus {
  readonly name: string;
  readonly meters: readonly SimulatedMeterSpec[];
}

/** Telegram, then the identification of each meter that answers with it. */
type Row = readonly [SourceTelegramName, ...string[]];

const plan: readonly { readonly name: string; readonly rows: readonly Row[] }[] = [
  {
    name: "building-a",
    rows: [
      ["finder7e", "23006207", "23006208"],
      ["gmcEmmod206", "12345678"],
      ["multical601", "06855817", "06855818"],
      ["cybleColdWater", "10020380", "10020381"],
      ["waterStar", "04990254", "04990255"],
      ["cybleGas", "10020387"],
      ["padpuls3", "01030101", "01030102", "01030103"],
      ["wepIndoor", "00000021"],
    ],
  },
  {
    name: "building-b",
    rows: [
      ["emuProfessional375", "00032629"],
      ["kamstrup382", "14839120", "14839121"],
      ["ultraheatT230", "66660205"],
      ["hydrometerHeat", "12345679", "12345680"],
      ["hydrometerWater", "92752244", "92752245"],
      ["siemensWater", "08021382"],
      ["elsterGas", "12345681"],
      ["padpuls3", "01030104", "01030105"],
      ["elvacoIndoor", "54000834"],
    ],
  },
  {
    name: "building-c",
    rows: [
      ["finder7e", "23006301", "23006302"],
      ["pollustat", "00011788"],
      ["multical601", "06855901"],
      ["elsterTmpa", "70112345"],
      ["gwfMtk", "00182007"],
      ["cybleColdWater", "10020501"],
      ["waterStar", "04990301"],
      ["cybleGas", "10020601"],
      ["elsterGas", "12345701"],
      ["padpuls3", "01030201"],
      ["wepIndoor", "00000022"],
      ["elvacoIndoor", "54000901"],
    ],
  },
];

/** The demo's three buses; the same each time. */
export function demoBuses(): readonly DemoBus[] {
  return plan.map(({ name, rows }) => {
    const identities = rows.flatMap(([telegram, ...ids]) =>
      ids.map((identification) => ({ telegram, identification })),
    );
    const meters = identities.map(({ telegram, identification }, index) => ({
      name: `${telegram}-${identification}`,
      telegrams: [telegram],
      identification,
      primaryAddress: index + 1,
      seed: Number.parseInt(identification, 16),
    }));
    return { name, meters };
  });
}

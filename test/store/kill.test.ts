import { it } from "vitest";
import { killRounds } from "./kill-rounds.js";

const kills = 20;

it(`loses no acknowledged reading over ${kills} kills, and stays sound`, { timeout: 60_000 }, () =>
  // From "just opened" to "in the middle of many groups".
  killRounds(kills, (kill) => 1 + kill * 7),
);

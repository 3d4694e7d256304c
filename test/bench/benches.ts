import { decodeBench } from "./decode.js";
import { dlmsBench } from "./dlms.js";
import { dlmsAssociationsBench } from "./dlms-associations.js";
import { modbusBench, restBench } from "./doors.js";
import { mbusBusBench } from "./mbus-bus.js";
import { memoryBench } from "./memory.js";
import { meterListBench } from "./meter-list.js";
import { mode5Bench } from "./mode5.js";
import { profileBench } from "./profile.js";
import { readoutBench } from "./readout.js";
import type { Bench } from "./result.js";
import { startBench } from "./start-time.js";
import { storeBench } from "./store.js";

/** All benches, in the order of the table. */
export const benches: readonly Bench[] = [
  dlmsBench,
  dlmsAssociationsBench,
  profileBench,
  modbusBench,
  restBench,
  decodeBench,
  mode5Bench,
  mbusBusBench,
  readoutBench,
  memoryBench,
  meterListBench,
  startBench,
  storeBench,
];

import { mbusBusBench } from "./mbus-bus.js";
import type { Bench } from "./result.js";

/** All benches, in the order of the table. */
export const benches: readonly Bench[] = [mbusBusBench];

/** How often a second a pass over a set of telegrams runs: for the decode benches. */
import { median } from "../result.js";

const measureMs = 500;

/** Telegrams a second: the median of three half seconds behind one to warm up. @param telegrams  in one pass */
export function passRate(telegrams: number, pass: () => unknown): number {
  const measure = () => {
    const started = performance.now();
    let passes = 0;
    while (performance.now() - started < measureMs) {
      pass();
      passes += 1;
    }
    return (passes * telegrams) / ((performance.now() - started) / 1000);
  };
  measure();
  return median([measure(), measure(), measure()]);
}

/**
 * How a simulated meter's values move: pure functions of the moment, so that a restart goes on where it was, counters
 * never fall, and the same clock gives the same telegram. Rates (power, flow) swing around a mean; counters are the
 * exact integral of their rate.
 */

/** What one meter measures, in base units; drawn from its seed. */
export interface Motion {
  /** W, electric or thermal. */
  readonly meanPower: number;
  /** m3/h of water, heat carrier or gas. */
  readonly meanFlow: number;
  /** Units an hour of a heat cost allocator. */
  readonly meanAllocation: number;
  /** °C. */
  readonly flowTemperature: number;
  readonly returnTemperature: number;
  /** %RH. */
  readonly humidity: number;
  /** Radians: where in its swing this meter is. */
  readonly phase: number;
}

/** Counters stand at their telegram's value at this moment, milliseconds since 1970 UTC: 2025-01-01. */
export const motionEpochMs = 1_735_689_600_000;

const hourMs = 3_600_000;
/** Two swings of different length, so that the curve does not look drawn with a ruler. */
const swings = [
  { depth: 0.4, periodMs: 23 * 60_000 },
  { depth: 0.2, periodMs: 7 * 60_000 },
] as const;
/** The most swingAt can be. */
export const mostSwing = 1.6;

/** What moves around its mean: 1 on average, 0.4 to 1.6. */
export function swingAt(motion: Motion, atMs: number): number {
  let factor = 1;
  for (const { depth, periodMs } of swings) factor += depth * Math.sin(angle(motion, atMs, periodMs));
  return factor;
}

/** Mean hours' worth counted since the epoch: the integral of swingAt, never falling; 0 before the epoch. */
export function hoursCounted(motion: Motion, atMs: number): number {
  if (atMs <= motionEpochMs) return 0;
  let hours = (atMs - motionEpochMs) / hourMs;
  for (const { depth, periodMs } of swings) {
    const radiansAnHour = (2 * Math.PI * hourMs) / periodMs;
    const swung = Math.cos(angle(motion, motionEpochMs, periodMs)) - Math.cos(angle(motion, atMs, periodMs));
    hours += (depth / radiansAnHour) * swung;
  }
  return hours;
}

function angle(motion: Motion, atMs: number, periodMs: number): number {
  // Within one period: sine of a huge angle would lose its digits.
  return (2 * Math.PI * (atMs % periodMs)) / periodMs + motion.phase;
}

/** Watt-hours that warm one m3 of water by one kelvin. */
const heatOfWater = 1163;

/** Draws the motion of one meter; the same medium and seed give the same. */
export function drawMotion(medium: number, seed: number): Motion {
  const draw = randomOf(seed);
  const between = (least: number, most: number) => least + (most - least) * draw();
  const isHeat = medium === 0x04 || (medium >= 0x0a && medium <= 0x0d);
  const meanPower = isHeat ? between(3000, 9000) : between(400, 3000);
  const isCooling = medium === 0x0a || medium === 0x0b;
  const flowTemperature = isCooling ? between(9, 11) : between(62, 74);
  // Cooling water comes back warmer.
  const returnTemperature = flowTemperature + (isCooling ? between(5, 7) : -between(18, 28));
  const heatFlow = meanPower / (heatOfWater * Math.abs(flowTemperature - returnTemperature));
  const otherFlow = medium === 0x03 ? between(0.3, 1.5) : between(0.02, 0.2);
  return {
    meanPower,
    meanFlow: isHeat ? heatFlow : otherFlow,
    meanAllocation: between(0.5, 3),
    flowTemperature,
    returnTemperature,
    humidity: between(49, 54),
    phase: between(0, 2 * Math.PI),
  };
}

/** Numbers from 0 to below 1, always the same for one seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

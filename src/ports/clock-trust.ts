/** Whether this machine's clock is known to be right. Until it is, readings are marked and put right afterwards. */

/** Who said so. `plausible`: the system's clock stands in a time that can be, and a setting says that this is enough. */
export type ClockSource = "plausible" | "timeSync" | "dlms" | "admin";

export interface ClockTrust {
  readonly isGood: boolean;
  /** Undefined until it is good. */
  readonly source: ClockSource | undefined;
  /** COSEM clock status of a moment read off the clock now: 0 valid, 1 invalid. */
  readonly clockStatus: number;
  /** The clock has been set right, and stands right as this is called. Only the first call counts. */
  confirm(source: ClockSource): void;
  /** Calls once when the clock becomes good; at once where it is. */
  onGood(listener: () => void): void;
  /** Resolves when the clock is good, 10 minutes after the start at the latest, or when `signal` fires. */
  goodOrLate(signal?: AbortSignal): Promise<void>;
}

/** One line of an event log. */
export interface LoggedEvent {
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  /** COSEM clock status of that time. */
  readonly clockStatus: number;
  /** 0 to 65,535. */
  readonly code: number;
  /** In ASCII. */
  readonly message: string;
}

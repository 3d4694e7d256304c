/** How the gateway wants meters shown, and what it knows and can do beside their telegrams. The host fills it in. */
import { type LogicalName, logicalName, type MbusChannelActions, type MbusLinkStatus } from "../../cosem/index.js";
import type { MeterRow } from "../ports/index.js";
import type { LoggedEvent } from "./logged-event.js";

/** A meter as its surroundings know it. */
export interface ServedMeter {
  readonly name: string;
  readonly row: MeterRow;
}

/** How a meter is heard by radio. */
export interface MeterReception {
  /** dBm; undefined where the receiver tells none. */
  readonly rssiDbm: number | undefined;
  /** Telegrams since the start of the gateway. */
  readonly count: number;
  /** Milliseconds since 1970 UTC. */
  readonly lastAtMs: number;
  readonly linkStatus: MbusLinkStatus;
}

/** Where what happens to meters is kept. */
export interface MeterLog {
  /** A committed reading had this status byte. @param before  of the reading before; 0 where there was none */
  status(meter: ServedMeter, status: number, before: number, at: { atMs: number; clockStatus: number }): void;
  /** Oldest first. */
  events(meterId: number, log: "standard" | "fraud"): Promise<readonly LoggedEvent[]>;
}

export interface MeterServing {
  /**
   * open: all that we have. cme3100: that gateway's form (PRODUCT.md, E7): values as Register only, profiles at 1-0 with
   * selector 1 and at most 1000 rows a request.
   */
  readonly profile: "open" | "cme3100";
  /** Of M-Bus client objects. */
  readonly mbusClientVersion: 0 | 1;
  /** Logical device name of the gateway, mirrored in each meter's device. */
  readonly gatewayName: string;
  /** What the gateway shows as its firmware version. */
  readonly firmwareVersion: string;
  /** The M-Bus master port setup of the meter's bus; undefined: it hangs on none. */
  portOf(meter: ServedMeter): LogicalName | undefined;
  /** Whether a key is known that its telegrams are opened with. */
  hasKey(meter: ServedMeter): boolean;
  isWireless(meter: ServedMeter): boolean;
  /** Undefined: not heard yet. */
  receptionOf(meter: ServedMeter): MeterReception | undefined;
  /**
   * A live readout before a DLMS client's GET: what to wait for, or undefined where the value at hand is to be answered.
   * Absent: values are always answered as they are.
   */
  readonly freshen?: ((meter: ServedMeter, newestAtMs: number | undefined) => Promise<void> | undefined) | undefined;
  /** The gateway's log, where status bytes of meters go; absent: events are worked out from the kept readings. */
  readonly meterLog?: MeterLog | undefined;
  /** What the meter's M-Bus client can be told; one left out is listed without access. */
  actionsOf(meter: ServedMeter): MbusChannelActions;
}

/** Where a meter hangs on no known bus. */
export const noPort = logicalName("0-0:0.0.0*255");

/** For mappings without a gateway around them. */
export const plainServing: MeterServing = {
  profile: "open",
  mbusClientVersion: 1,
  gatewayName: "",
  firmwareVersion: "",
  portOf: () => undefined,
  hasKey: () => false,
  isWireless: () => false,
  receptionOf: () => undefined,
  actionsOf: () => ({}),
};

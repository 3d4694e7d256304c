/**
 * What the methods of an M-Bus client (class 72) do: commands to the meter through its bus's arbiter, changes of the
 * meter list and its keys. What the bus cannot do is refused, and the log has the reason.
 */
import { type MbusChannelActions, type MbusDataElement, type Refused, refused } from "../../../cosem/index.js";
import type { ServedMeter } from "../../mapping/index.js";
import { type LinkCommand, type LinkCommandResult, setClock, setPrimaryAddress } from "../../mbus/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import { dataSendOf } from "./data-send.js";

/** What acts on meters; made after them. */
export interface MeterActions {
  /** Undefined: the meter hangs on no wired bus. */
  command(meterId: number, command: LinkCommand): Promise<LinkCommandResult | undefined>;
  /** The lowest primary address that no meter of the list has on this meter's bus. */
  freeAddress(meterId: number): number | undefined;
  /** Words, where the primary address of this meter is not to be changed. */
  heldAddress(meterId: number): string | undefined;
  /** Changes the meter list. @returns words where it is refused */
  change(
    meterId: number,
    change: { readonly primaryAddress?: number; readonly state?: "active" | "passive" },
  ): Promise<string | undefined>;
  /** Links a key to the meter; undefined: takes the linked one away. */
  setKey(meterId: number, key: Uint8Array | undefined): Promise<void>;
}

export interface MbusActionsParts {
  readonly meter: ServedMeter;
  actions(): MeterActions | undefined;
  readonly clock: Pick<Clock, "now">;
  /** Minutes, UTC = local + deviation, and whether it is summer time. */
  localTimeAt(instantMs: number): { readonly deviation: number; readonly isDaylightSaving: boolean };
  readonly logger: Logger;
}

type Done = Promise<undefined | Refused>;

/** `51 01 FD 17 00`: the error flags of the meter become 0. */
const clearErrorFlags = Uint8Array.of(0x51, 0x01, 0xfd, 0x17, 0x00);

export function createMbusActions(parts: MbusActionsParts): Omit<MbusChannelActions, "capture"> {
  const { meter, clock, logger } = parts;
  const meterId = meter.row.id;

  function refuse(action: string, reason: string): Refused {
    logger.warn("M-Bus client method refused", { device: meter.name, action, reason });
    return refused.temporaryFailure;
  }

  async function send(action: string, acting: MeterActions, command: LinkCommand): Done {
    const result = await acting.command(meterId, command);
    if (result === undefined) return refuse(action, "the meter hangs on no wired bus");
    return result.ok ? undefined : refuse(action, result.words);
  }

  /** Faults of the store or the bus are refusals too. */
  async function act(action: string, work: (acting: MeterActions) => Done): Done {
    const acting = parts.actions();
    if (acting === undefined) return refuse(action, "the gateway is starting");
    try {
      return await work(acting);
    } catch (error) {
      return refuse(action, error instanceof Error ? error.message : String(error));
    }
  }

  const sendData = (action: string, applicationData: Uint8Array) => (acting: MeterActions) =>
    send(action, acting, { kind: "send", applicationData });

  return {
    install: (given) =>
      act("slave_install", async (acting) => {
        const address = given === 0 ? acting.freeAddress(meterId) : given;
        if (address === undefined) return refuse("slave_install", "no primary address is free on this bus");
        const held = acting.heldAddress(meterId);
        if (held !== undefined) return refuse("slave_install", held);
        const failed = await sendData("slave_install", setPrimaryAddress(address))(acting);
        if (failed !== undefined) return failed;
        const words = await acting.change(meterId, { primaryAddress: address, state: "active" });
        return words === undefined ? undefined : refuse("slave_install", words);
      }),
    deinstall: () =>
      act("slave_deinstall", async (acting) => {
        const failed = await sendData("slave_deinstall", setPrimaryAddress(0))(acting);
        if (failed !== undefined) return failed;
        const words = await acting.change(meterId, { state: "passive" });
        return words === undefined ? undefined : refuse("slave_deinstall", words);
      }),
    resetAlarm: () => act("reset_alarm", sendData("reset_alarm", clearErrorFlags)),
    synchronizeClock: () =>
      act("synchronize_clock", (acting) => {
        const now = clock.now();
        const { deviation, isDaylightSaving } = parts.localTimeAt(now);
        const local = new Date(now - deviation * 60_000);
        const time = setClock({
          year: local.getUTCFullYear(),
          month: local.getUTCMonth() + 1,
          day: local.getUTCDate(),
          hour: local.getUTCHours(),
          minute: local.getUTCMinutes(),
          summerTime: isDaylightSaving,
        });
        return sendData("synchronize_clock", time)(acting);
      }),
    sendData: (records: readonly MbusDataElement[]) => {
      const applicationData = dataSendOf(records);
      if (applicationData === undefined) return refused.typeUnmatched;
      return act("data_send", sendData("data_send", applicationData));
    },
    setEncryptionKey: (key) =>
      act("set_encryption_key", async (acting) => {
        await acting.setKey(meterId, key);
        return undefined;
      }),
    transferKey: () =>
      refuse(
        "transfer_key",
        "how a meter takes a wrapped key is its maker's own; set it in the meter by the maker's tool",
      ),
  };
}

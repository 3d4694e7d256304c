/**
 * Sends what Push setups of the gateway hold: one DataNotification for each push, plain, over the wrapper on TCP or UDP.
 * What is sent is read when the push begins; its windows, random start and repetitions are those of the setup. A setup
 * has one push under way at a time, a few wait behind it. Protected pushes are refused: none goes out in plain instead.
 */
import {
  beginPush,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  createPushSender,
  type Data,
  encodeWrapperFrame,
  isRefused,
  type LocalTimeAt,
  type LogicalDevice,
  type LogicalName,
  type Principal,
  type PushEvent,
  type PushPort,
  type PushResult,
  type PushSettings,
  type Refused,
  type Registry,
  readPushBody,
  refused,
  transportService,
} from "../../../cosem/index.js";
import type { ByteChannel, Clock, Logger } from "../../ports/index.js";

export interface PushSendingParts {
  readonly registry: Registry;
  /** With whose rights the values are read; what may be named at all was decided when the list was written. */
  readonly principal: Principal;
  readonly localTimeAt: LocalTimeAt;
  /** @throws in words, where the other side is not there */
  open(destination: PushDestination): Promise<ByteChannel>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface PushDestination {
  readonly service: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
}

export interface PushSending {
  /** Of one setup. */
  portOf(setup: LogicalName): PushPort;
  /** Nothing is sent any more. */
  stop(): Promise<void>;
}

interface Queued {
  readonly settings: PushSettings;
  readonly destination: PushDestination;
  readonly device: LogicalDevice;
  readonly body: Data;
  readonly atMs: number;
}

const mostWaiting = 16;
/** The clock may be set: deadlines are looked at again at least so often. */
const longestWaitMs = 60_000;
const attemptLimitMs = 30_000;
/** APDUs beyond go out in blocks; on UDP one to a datagram that no network cuts. */
const mostApduBytes = { tcp: 0xffff, udp: 1200 } as const;
const invokeIds = 0x1000000;

export function createPushSending(parts: PushSendingParts): PushSending {
  const { registry, principal, localTimeAt, open, clock, logger } = parts;
  const ends = new Set<() => void>();
  let isStopped = false;
  // Grows over restarts too: there are fewer pushes than seconds.
  let nextInvokeId = Math.floor(clock.now() / 1000) % invokeIds;

  /** One push from its first attempt to its end. */
  function deliver(setup: LogicalName, push: Queued): Promise<void> {
    const { settings, destination, device, body, atMs } = push;
    const { service, host, port } = destination;
    const sender = createPushSender({
      ownSap: device.sap,
      clientSap: settings.pushClientSap,
      protectionForm: "plain",
      maxPduSize: mostApduBytes[service],
      firstInvokeId: nextInvokeId,
    });
    const dateTime = cosemDateTimeToBytes(cosemDateTimeFromInstant(atMs, localTimeAt(atMs).deviation));
    const message = sender.message(body, { dateTime });
    nextInvokeId = sender.nextInvokeId;
    const made = sender.apdus(message);
    const told = { setup, destination: `${host}:${port}` };
    let cause: string | undefined = made.ok ? undefined : made.reason;

    async function attempt(): Promise<"sent" | "failed"> {
      if (!made.ok) return "failed";
      try {
        const { sourceSap, destinationSap, apdus } = made;
        const frames = apdus.map((apdu) =>
          encodeWrapperFrame({ sourceWPort: sourceSap, destinationWPort: destinationSap, apdu }),
        );
        await withinLimit(send(await open(destination), frames));
        return "sent";
      } catch (error) {
        cause = error instanceof Error ? error.message : String(error);
        return "failed";
      }
    }

    return new Promise((resolve) => {
      const delivery = beginPush({ plan: settings, localTimeAt, random: Math.random }, clock.now());
      let cancel: (() => void) | undefined;
      const stop = () => {
        cancel?.();
        ends.delete(stop);
        resolve();
      };
      ends.add(stop);
      function ended(result: PushResult): void {
        stop();
        if (result === "delivered") logger.info("push sent", told);
        else logger.warn("push not sent", { ...told, cause: result === "noWindow" ? "no window opens again" : cause });
      }
      function act(events: readonly PushEvent[]): void {
        for (const event of events) {
          if (event.kind === "ended") {
            ended(event.result);
            return;
          }
          void attempt().then((outcome) => {
            if (ends.has(stop)) act(delivery.settled(outcome, clock.now()));
          });
        }
        const deadline = delivery.nextDeadline();
        cancel?.();
        if (deadline === undefined) return;
        const wait = Math.min(Math.max(deadline - clock.now(), 0), longestWaitMs);
        cancel = clock.after(wait, () => act(delivery.expire(clock.now())));
      }
      act([]);
    });
  }

  function withinLimit<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(attemptLimitMs, () => reject(new Error("the other side takes nothing")));
      work.then(resolve, reject).finally(cancel);
    });
  }

  return {
    portOf(setup) {
      const waiting: Queued[] = [];
      let isBusy = false;

      async function work(): Promise<void> {
        isBusy = true;
        for (let push = waiting.shift(); push !== undefined && !isStopped; push = waiting.shift()) {
          await deliver(setup, push);
        }
        isBusy = false;
      }
      function no(reason: Refused, problem: string): Refused {
        logger.warn("push refused", { setup, problem });
        return reason;
      }
      function enter(push: Queued): undefined | Refused {
        if (isStopped || waiting.length >= mostWaiting) {
          return no(refused.temporaryFailure, "too many wait for their turn");
        }
        waiting.push(push);
        if (!isBusy) void work();
        return undefined;
      }

      return {
        push({ settings, device }) {
          const destination = destinationOf(settings);
          if (typeof destination === "string") return no(refused.temporaryFailure, destination);
          const made = readPushBody({ registry, device, principal, objects: settings.pushObjectList });
          const entered = (body: Data | Refused) =>
            isRefused(body)
              ? no(body, "there is more to be sent than fits")
              : enter({ settings, destination, device, body, atMs: clock.now() });
          return made instanceof Promise ? made.then(entered) : entered(made);
        },
        reset() {
          waiting.length = 0;
          return undefined;
        },
        lastConfirmation: () => undefined,
      };
    },
    async stop() {
      isStopped = true;
      for (const end of [...ends]) end();
    },
  };
}

async function send(channel: ByteChannel, frames: readonly Uint8Array[]): Promise<void> {
  // An answer is not expected; one that comes all the same is taken off the line.
  channel.listen({ received: () => undefined, closed: () => undefined });
  try {
    for (const frame of frames) await channel.write(frame);
  } finally {
    await channel.close();
  }
}

/** Where it goes to, or in words why nowhere. */
export function destinationOf(settings: PushSettings): PushDestination | string {
  const { sendDestinationAndMethod, pushProtectionParameters, pushClientSap } = settings;
  const { transportService: service, destination, message } = sendDestinationAndMethod;
  if (destination.length === 0) return "it has no destination yet: write attribute 3";
  if (pushProtectionParameters.length > 0) return "protected pushes are not built: attribute 10 wants no element";
  if (service !== transportService.tcp && service !== transportService.udp)
    return "it goes by TCP (0) or UDP (1) alone";
  if (message !== aXdr) return "it is sent as A-XDR (0) alone";
  if (pushClientSap < 0) return "push_client_SAP is below 0";
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i.exec(new TextDecoder().decode(destination));
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > 0xffff) return "its destination is no text such as 192.0.2.1:4059";
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  return { service: service === transportService.tcp ? "tcp" : "udp", host, port };
}

/** message_type: A-XDR encoded xDLMS APDU. */
const aXdr = 0;

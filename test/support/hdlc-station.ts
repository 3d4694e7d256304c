/** An HDLC server station under test: hex in, hex out, with an application of one line. */
import {
  createHdlcServer,
  fromHex,
  type HdlcServer,
  type HdlcServerEvent,
  type HdlcServerOptions,
  toHex,
} from "../../cosem/index.js";

export interface StationUnderTest {
  readonly station: HdlcServer;
  /** All events so far but sends, in words. */
  readonly log: string[];
  /** Feeds bytes; what is sent, as hex. */
  feed(hex: string, now?: number): readonly string[];
  expire(now: number): readonly string[];
}

/** SAPs 1 and 2 at physical device 17. `answer` gives the answers to an APDU (hex); undefined: it is not dealt with yet. */
export function stationUnderTest(
  options: Partial<HdlcServerOptions> = {},
  answer: (apdu: string, link: number) => readonly string[] | undefined = () => [],
): StationUnderTest {
  const station = createHdlcServer({
    parameters: { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 1, windowReceive: 1 },
    physicalDevice: 17,
    hasDevice: (sap) => sap === 1 || sap === 2,
    maxApduBytes: 1024,
    interOctetTimeoutMs: 200,
    inactivityTimeoutMs: 120_000,
    ...options,
  });
  const log: string[] = [];

  function act(events: readonly HdlcServerEvent[]): string[] {
    return events.flatMap(actOn);
  }

  function actOn(event: HdlcServerEvent): string[] {
    switch (event.kind) {
      case "send":
        return [toHex(event.bytes)];
      case "request": {
        log.push(`request ${event.clientSap} ${event.serverSap} ${toHex(event.apdu)}`);
        const answers = answer(toHex(event.apdu), event.link);
        if (answers === undefined) return [];
        for (const apdu of answers) station.respond(event.link, fromHex(apdu));
        return act(station.processed(event.link));
      }
      case "unconfirmed":
        log.push(`unconfirmed ${event.clientSap} ${event.serverSap} ${toHex(event.apdu)}`);
        return [];
      case "connected":
        log.push(`connected ${event.clientSap} ${event.serverSap}`);
        return [];
      case "disconnected":
        log.push(`disconnected ${event.clientSap} ${event.serverSap} ${event.reason}`);
        return [];
      case "discarded":
        log.push(`discarded ${event.reason}`);
        return [];
    }
  }

  return {
    station,
    log,
    feed: (hex, now = 0) => act(station.receive(fromHex(hex), now)),
    expire: (now) => act(station.expire(now)),
  };
}

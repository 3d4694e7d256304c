/** What a client of GET /api/v1/events saw: readings of meters, as the gateway showed them. */
import { get, type IncomingMessage } from "node:http";
import type { Meter, MeterList } from "../../src/views/rest/contract.js";
import { fetchAsOwner, ownerHeaders } from "./gateway-process.js";

/** A reading as it was shown. */
export interface SeenReading {
  readonly sap: number;
  readonly number: number;
  /** Hundredths of a second are all that is shown. */
  readonly readAtMs: number;
}

export interface EventListener {
  readonly seen: readonly SeenReading[];
  /** Resolves when the stream has ended, whoever ended it. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Listens, then asks for what was shown before. Resolves when the stream is open. */
export async function listenToReadings(origin: string): Promise<EventListener> {
  const seen: SeenReading[] = [];
  const response = await opened(`${origin}/api/v1/events`);
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (piece: string) => {
    text += piece;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^event: meter\ndata: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) seen.push(...readingOf(JSON.parse(data) as Meter));
    }
  });
  // A killed gateway breaks the stream; what came before it counts.
  response.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => response.once("close", () => resolve()));
  seen.push(...(await listed(origin)).flatMap(readingOf));
  return { seen, ended, stop: () => response.destroy() };
}

function opened(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: ownerHeaders(url) }, resolve).once("error", reject);
  });
}

/** None where the gateway is gone. */
async function listed(origin: string): Promise<readonly Meter[]> {
  try {
    const answer = await fetchAsOwner(`${origin}/api/v1/meters?limit=500`);
    return ((await answer.json()) as MeterList).meters;
  } catch {
    return [];
  }
}

function readingOf({ sap, readingNumber, readAt }: Meter): SeenReading[] {
  if (readingNumber === null || readAt === null) return [];
  return [{ sap, number: readingNumber, readAtMs: Date.parse(readAt) }];
}

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { openDlms } from "../support/dlms-session.js";
import { Cleanup, type Doors, type RunningGateway, startDemo, until, when } from "../support/gateway-process.js";
import {
  crowd,
  type Door,
  halfFrames,
  hugeLengthFields,
  neverReads,
  randomBytes,
  slowSenders,
} from "./hostile-input.js";
import { seededRandom } from "./kill-run.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const doors: readonly Door[] = ["web", "dlms", "modbus"];
const rounds = 3;

/**
 * What the process may hold more, at any moment, than before the attack: 3,000 sockets cost Node some 10 KiB each
 * (30 MB), each door's limits allow less than 10 MB of half requests and answers that nobody reads, and V8 lets its
 * heap grow by a few young generations of 16 MB before it collects. Nothing here is a leak: what grows with each
 * round is bounded apart.
 */
const mostMoreMb = 150;
/** From the end of the second round to the end of the last: what stays is noise of the allocator. */
const mostPerRoundMb = 20;

it("answers as before after malformed input and crowds on each door, and holds no more memory", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const again = `repeat with SEED=${seed}`;
  const random = seededRandom(seed);
  const gateway = await cleanup.gateway(startDemo(["--schedule", "0 0 1 1 *", "--log", "info"]));
  await gateway.process.until("the first cycle", () =>
    when(gateway.process.logged("readout cycle ended") !== undefined),
  );
  const before = await goodAnswers(gateway);
  expect(before.modbus).toMatch(/^00010000000b010308[0-9a-f]{16}$/);

  const watch = watchMemory(gateway.process.pid);
  cleanup.after(watch.stop);
  const startMb = memoryMb(gateway.process.pid);
  const afterRound: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await Promise.all(doors.map((door) => attack(gateway.doors, door, random)));
    await Promise.all(doors.map((door) => crowd(gateway.doors[door], door, 1000)));
    expect(await goodAnswers(gateway), `${again}, round ${round}`).toEqual(before);
    afterRound.push(memoryMb(gateway.process.pid));
  }

  const memory = `${again}: ${startMb} MB before, ${watch.peakMb()} at most, ${afterRound.join(", ")} after each round`;
  expect(gateway.process.exit, again).toBeUndefined();
  expect(watch.peakMb() - startMb, memory).toBeLessThan(mostMoreMb);
  expect((afterRound.at(-1) ?? 0) - (afterRound[1] ?? 0), memory).toBeLessThan(mostPerRoundMb);
  // What was refused was refused, nothing failed inside.
  expect(gateway.process.log().filter(({ level }) => level >= 50)).toEqual([]);
  expect(await gateway.process.stop()).toEqual({ code: 0, signal: null });
}, 90_000);

async function attack(ports: Doors, door: Door, random: () => number): Promise<void> {
  const port = ports[door];
  await randomBytes(port, door, random);
  await halfFrames(port, door);
  await hugeLengthFields(port, door);
  await slowSenders(port, door);
  await Promise.all(Array.from({ length: 5 }, () => neverReads(port, door)));
}

/** One good request at each door. Doors that turned clients away take them again once the crowd is gone. */
async function goodAnswers(gateway: RunningGateway): Promise<Readonly<Record<Door, unknown>>> {
  let failure: unknown;
  const asked = async () => {
    try {
      const [web, dlms, modbus] = await Promise.all([
        webAnswer(gateway),
        dlmsAnswer(gateway.doors.dlms),
        modbusAnswer(gateway.doors.modbus),
      ]);
      return { web, dlms, modbus };
    } catch (error) {
      failure = error;
      return undefined;
    }
  };
  return until("good answers", asked).catch((error: unknown) => {
    throw new Error(String(error), { cause: failure });
  });
}

async function webAnswer({ origin }: RunningGateway): Promise<unknown> {
  const answer = await fetch(`${origin}/api/v1/meters/sap16`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

async function dlmsAnswer(port: number): Promise<unknown> {
  const session = await openDlms(port, 16);
  try {
    return [await session.get(4, "1-1:12.7.0*255", 2), await session.objectList()];
  } finally {
    await session.close();
  }
}

/** Read 4 holding registers from 0: bytes of the specification, as hex. */
function modbusAnswer(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () =>
      socket.write(Buffer.from("000100000006010300000004", "hex")),
    );
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString("hex"));
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed without an answer")));
  });
}

/** Resident memory of a process. */
function memoryMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

function watchMemory(pid: number) {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryMb(pid));
  }, 50);
  return { peakMb: () => peak, stop: () => clearInterval(timer) };
}

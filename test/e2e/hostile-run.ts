/** Attacks every door of a running demo and tells what it answered and held. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { openDlms } from "../support/dlms-session.js";
import {
  type Cleanup,
  type Doors,
  fetchAsOwner,
  type RunningGateway,
  startDemo,
  until,
  when,
} from "../support/gateway-process.js";
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

const doors: readonly Door[] = ["web", "dlms", "modbus"];

export type Answers = Readonly<Record<Door, unknown>>;

export interface Survival {
  readonly gateway: RunningGateway;
  /** To good requests, before and after each round. */
  readonly before: Answers;
  readonly after: readonly Answers[];
  readonly startMb: number;
  readonly peakMb: number;
  readonly afterRoundMb: readonly number[];
}

/** Rounds of everything in hostile-input.ts, on all doors at once; only the demo's first cycle runs. */
export async function surviveRounds(cleanup: Cleanup, rounds: number, seed: number): Promise<Survival> {
  const random = seededRandom(seed);
  const gateway = await cleanup.gateway(startDemo(["--schedule", "0 0 1 1 *"]));
  const { process: demo } = gateway;
  await demo.until("the first cycle", () => when(demo.logged("readout cycle ended") !== undefined));
  const before = await goodAnswers(gateway);
  const watch = watchMemory(demo.pid);
  cleanup.after(watch.stop);
  const startMb = memoryMb(demo.pid);
  const after: Answers[] = [];
  const afterRoundMb: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await Promise.all(doors.map((door) => attack(gateway.doors, door, random)));
    await Promise.all(doors.map((door) => crowd(gateway.doors[door], door, 1000)));
    after.push(await goodAnswers(gateway));
    afterRoundMb.push(memoryMb(demo.pid));
  }
  return { gateway, before, after, startMb, peakMb: watch.peakMb(), afterRoundMb };
}

async function attack(ports: Doors, door: Door, random: () => number): Promise<void> {
  const port = ports[door];
  await randomBytes(port, door, random);
  await halfFrames(port, door);
  await hugeLengthFields(port, door);
  await slowSenders(port, door);
  await Promise.all(Array.from({ length: 5 }, () => neverReads(port, door)));
}

/** One good request at each door. Doors that turned clients away take them again once the crowd is gone. */
async function goodAnswers(gateway: RunningGateway): Promise<Answers> {
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
  const answer = await fetchAsOwner(`${origin}/api/v1/meters/sap16`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

async function dlmsAnswer(port: number): Promise<unknown> {
  const session = await openDlms(port, 16);
  try {
    return [await session.get(4, "1-0:1.8.1*255", 2), await session.objectList()];
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

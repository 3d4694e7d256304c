import { type ChildProcess, spawn } from "node:child_process";
import type { ByteChannel } from "../ports/index.js";
import { TransportError } from "./transport-error.js";

/** A program that was asked to end gets so long before it is killed. */
const endLimitMs = 500;
/** A program whose input has ended gets so long to hand on what it has before it is asked to end. */
const drainLimitMs = 5000;
/** What is kept of the last program's words, for the cause of its end. */
const keptWords = 500;

/**
 * Starts programs, the output of each being the input of the next (`rtl_sdr … | rtl_wmbus`); the output of the last is
 * the channel. No shell reads the commands: words are parted by blanks, double quotes hold blanks together.
 * @param pipeline  commands in order, at least one
 * @throws TransportError `notFound` when one cannot be started
 */
export async function openProgram(pipeline: readonly string[]): Promise<ByteChannel> {
  const programs: ChildProcess[] = [];
  try {
    for (const command of pipeline) programs.push(await startProgram(command, programs.at(-1)));
  } catch (error) {
    end(programs);
    throw error;
  }
  const last = programs.at(-1);
  if (last?.stdout == null) throw new TransportError("notFound", "no program is given");
  return channelOf(programs, last, pipeline.at(-1) ?? "");
}

function channelOf(programs: readonly ChildProcess[], last: ChildProcess, name: string): ByteChannel {
  let isAskedToClose = false;
  let words = "";
  last.stderr?.on("data", (bytes: Buffer) => {
    words = (words + bytes.toString("latin1")).slice(-keptWords);
  });
  const ended = Promise.all(programs.map(exitOf));
  // Half a pipeline hears nothing. Those before one that ended are ended; those behind it get the end of its output, and
  // some time to hand on what they have.
  for (const [index, program] of programs.entries()) {
    void exitOf(program).then(() => {
      end(programs.slice(0, index));
      setTimeout(() => end(programs.slice(index + 1)), drainLimitMs).unref();
    });
  }
  return {
    listen(listener) {
      last.stdout?.on("data", (bytes: Uint8Array) => listener.received(bytes));
      void ended.then(() => {
        const said = words.trim().split("\n").at(-1) ?? "";
        listener.closed(isAskedToClose ? undefined : `${name}: the program ended${said === "" ? "" : `: ${said}`}`);
      });
    },
    write: () => Promise.reject(new TransportError("closed", `${name}: a program is only listened to`)),
    async close() {
      isAskedToClose = true;
      end(programs);
      await ended;
    },
  };
}

function startProgram(command: string, before: ChildProcess | undefined): Promise<ChildProcess> {
  const [file = "", ...words] = wordsOf(command);
  const program = spawn(file, words, { stdio: [before === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
  if (before?.stdout != null && program.stdin !== null) before.stdout.pipe(program.stdin);
  // A reader that is gone: its exit is told.
  program.stdin?.on("error", () => undefined);
  // Nobody reads what the first ones say; it must not fill up.
  program.stderr?.on("data", () => undefined);
  return new Promise((resolve, reject) => {
    program.once("spawn", () => resolve(program));
    program.once("error", (error) => {
      reject(new TransportError("notFound", `cannot start ${file}: ${error.message}; check that it is installed`));
    });
  });
}

/** Words parted by blanks; double quotes hold blanks together. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

/** Resolves when the program has ended and its output is read to the end. */
function exitOf(program: ChildProcess): Promise<void> {
  const isRead = program.stdout === null || program.stdout.destroyed;
  if ((program.exitCode !== null || program.signalCode !== null) && isRead) return Promise.resolve();
  return new Promise((resolve) => program.once("close", () => resolve()));
}

function end(programs: readonly ChildProcess[]): void {
  for (const program of programs) {
    if (program.exitCode !== null || program.signalCode !== null) continue;
    program.kill("SIGTERM");
    const kill = setTimeout(() => program.kill("SIGKILL"), endLimitMs);
    program.once("exit", () => clearTimeout(kill));
  }
}

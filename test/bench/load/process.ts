import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Argument of a forked script. */
export function argumentOf<T>(): T {
  return JSON.parse(process.argv[2] ?? "{}") as T;
}

export interface Usage {
  /** CPU time used so far, user and system. */
  readonly cpuMicroseconds: number;
  readonly residentBytes: number;
  /** Heap and external memory. */
  readonly usedBytes: number;
}

/** In a forked server: tells its port and what else is to be known, gives its usage when asked, ends with its parent. */
export function serve(ready: { readonly port: number }): void {
  process.on("message", (message) => {
    if (message === "usage") process.send?.(usage());
    if (message === "collect") {
      globalThis.gc?.();
      process.send?.(usage());
    }
    if (message === "stop") process.exit(0);
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.(ready);
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMicroseconds: user + system, residentBytes: rss, usedBytes: heapUsed + external };
}

/** A forked server. */
export interface ServerProcess<R> {
  readonly ready: R;
  usage(): Promise<Usage>;
  /** After a garbage collection; needs --expose-gc. */
  usageCollected(): Promise<Usage>;
  stop(): Promise<void>;
}

/** Forks `script` (beside this file) and waits for what it says first. */
export async function startServer<R extends { readonly port: number }>(
  script: string,
  argument: unknown,
  nodeArguments: readonly string[] = [],
): Promise<ServerProcess<R>> {
  const child = start(script, argument, nodeArguments);
  const ready = (await nextMessage(child)) as R;
  return {
    ready,
    async usage() {
      child.send("usage");
      return (await nextMessage(child)) as Usage;
    },
    async usageCollected() {
      child.send("collect");
      return (await nextMessage(child)) as Usage;
    },
    stop: () => end(child, () => child.send("stop")),
  };
}

/** A forked script that answers each message with one. */
export interface WorkerProcess {
  ask<T>(question: unknown): Promise<T>;
  stop(): Promise<void>;
}

export function startWorker(script: string): WorkerProcess {
  const child = start(script, {}, []);
  return {
    async ask<T>(question: unknown) {
      child.send(question as object);
      return (await nextMessage(child)) as T;
    },
    stop: () => end(child, () => child.disconnect()),
  };
}

/** Runs `script` to its one answer. */
export async function runOnce<T>(script: string, argument: unknown, nodeArguments: readonly string[] = []): Promise<T> {
  const child = start(script, argument, nodeArguments);
  const answer = (await nextMessage(child)) as T;
  await end(child, () => child.disconnect());
  return answer;
}

function start(script: string, argument: unknown, nodeArguments: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: [...(process.env["BENCH_NODE_ARGUMENTS"]?.split(" ") ?? []), ...nodeArguments],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

async function end(child: ChildProcess, tell: () => void): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  tell();
  await ended;
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`${child.spawnargs.at(1)} ended with code ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}

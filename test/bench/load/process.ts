import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** In a forked server: answers the message `cpu` with the CPU time used so far, `stop` with an end. */
export function serveCpuTime(): void {
  process.on("message", (message) => {
    if (message === "cpu") {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMicroseconds: user + system });
    }
    if (message === "stop") process.exit(0);
  });
  process.on("disconnect", () => process.exit(0));
}

/** A forked server under test. */
export interface ServerProcess {
  readonly port: number;
  readonly ready: Readonly<Record<string, unknown>>;
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Forks `script` (beside this file) and waits for its first message, which carries `port`. */
export async function startServer(
  script: string,
  argument: unknown,
  nodeArguments: readonly string[] = [],
): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: [...nodeArguments],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ready = (await nextMessage(child)) as { port: number };
  return {
    port: ready.port,
    ready,
    async cpuMicroseconds() {
      child.send("cpu");
      return ((await nextMessage(child)) as { cpuMicroseconds: number }).cpuMicroseconds;
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.send("stop");
      await once(child, "exit");
    },
  };
}

/** Runs `script` to its one answer. */
export async function runOnce<T>(script: string, argument: unknown, nodeArguments: readonly string[] = []): Promise<T> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: [...nodeArguments],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const answer = (await nextMessage(child)) as T;
  if (child.exitCode === null) child.kill();
  return answer;
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`the process ended with code ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}

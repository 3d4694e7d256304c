/** From starting the process to all three doors of the demo open, as its greeting says. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../support/repository.js";
import { alternate } from "./alternate.js";
import { type Bench, result } from "./result.js";

const demo = [
  `${repositoryRoot}/dist/src/host/main.js`,
  ...["demo", "--web-port", "0", "--dlms-port", "0", "--modbus-port", "0", "--baud", "none"],
];
const threePorts = [fileURLToPath(new URL("load/three-ports.js", import.meta.url))];
/** The last of the greeting's lines that name a port. */
const greeting = /http:\/\/localhost:[1-9]\d*\/.*dlms list localhost:[1-9]\d*.*-p [1-9]\d*/s;

export const startBench: Bench = {
  names: ["start-time"],
  async run() {
    await startTime(demo, greeting);
    const { value, reference } = await alternate(
      () => startTime(demo, greeting),
      () => startTime(threePorts, /doors open/),
    );
    const what = "bare Node process with three listening ports";
    return [result("start-time", value, "ms", { what, value: reference }, "demo, 40 meters; less is better")];
  },
};

/** Milliseconds until the process has written what `isUp` wants. */
async function startTime(words: readonly string[], isUp: RegExp): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let written = "";
  const time = await new Promise<number>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      written += chunk.toString("utf8");
      if (isUp.test(written)) resolve(performance.now() - started);
    });
    child.once("exit", (code) => reject(new Error(`${words[0]} ended with code ${code}: ${written}`)));
  });
  child.kill("SIGTERM");
  await ended;
  return time;
}

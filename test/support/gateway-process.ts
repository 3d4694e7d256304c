/** The program as a child process: its doors, its words and its log lines. Ended by its own id. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repositoryRoot } from "./repository.js";

const program = join(repositoryRoot, "dist/src/host/main.js");

/** One structured line of stderr. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Finished extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Asks again and again until there is an answer. @throws when there is none in time */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  limitMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(10);
  }
}

/** True or undefined, for `until`. */
export const when = (isSo: boolean): true | undefined => (isSo ? true : undefined);

export class GatewayProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stdout = "";
  stderr = "";
  /** Set when the process is gone and all it wrote is read. */
  exit: Exit | undefined;
  private readonly child: ChildProcess;

  constructor(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [program, ...words], { stdio: ["pipe", "pipe", "pipe"], env });
    this.child = child;
    this.pid = child.pid ?? 0;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // A child that ends without reading its input is no fault of the test.
    child.stdin?.on("error", () => undefined);
    this.exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  /** What was logged so far; whole lines only. */
  log(): readonly LogLine[] {
    return this.stderr
      .split("\n")
      .slice(0, -1)
      .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as LogLine] : []));
  }

  logged(message: string): LogLine | undefined {
    return this.log().find((line) => line.msg === message);
  }

  /** Waits for it; @throws with all that the process said when it ends before */
  until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>, limitMs?: number): Promise<T> {
    const asked = () => {
      if (this.exit !== undefined) throw new Error(`${what}: the process ended (${this.exit.code}): ${this.stderr}`);
      return ask();
    };
    return until(what, asked, limitMs);
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  end(text = ""): void {
    this.child.stdin?.end(text);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.exit === undefined) this.child.kill(signal);
  }

  /** Ends it in order, or by force when it does not. */
  async stop(): Promise<Exit> {
    this.signal("SIGTERM");
    const force = setTimeout(() => this.signal("SIGKILL"), 5000);
    const exit = await this.exited;
    clearTimeout(force);
    return exit;
  }
}

/** Runs a command to its end. */
export async function runCommand(words: readonly string[], input = "", limitMs = 15_000): Promise<Finished> {
  const child = new GatewayProcess(words);
  child.end(input);
  const force = setTimeout(() => child.signal("SIGKILL"), limitMs);
  const exit = await child.exited;
  clearTimeout(force);
  return { ...exit, stdout: child.stdout, stderr: child.stderr };
}

export interface Doors {
  readonly web: number;
  readonly dlms: number;
  readonly modbus: number;
}

export interface RunningGateway {
  readonly process: GatewayProcess;
  /** Ports on 127.0.0.1; 0 for a door that is closed. */
  readonly doors: Doors;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
}

async function opened(child: GatewayProcess, isReady: () => boolean): Promise<RunningGateway> {
  await child.until("the gateway's doors", () => when(isReady()), 15_000);
  const portOf = (door: string) =>
    Number(child.log().find((line) => line.msg === "door opened" && line["door"] === door)?.["port"] ?? 0);
  const doors = { web: portOf("web"), dlms: portOf("dlms"), modbus: portOf("modbus") };
  return { process: child, doors, origin: `http://127.0.0.1:${doors.web}` };
}

/** The demo on free ports, as fast as it goes unless `--baud` is among the words; logs at level info. */
export function startDemo(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<RunningGateway> {
  const free = ["--web-port", "0", "--dlms-port", "0", "--modbus-port", "0", "--log", "info"];
  const pace = words.includes("--baud") ? [] : ["--baud", "none"];
  const child = new GatewayProcess(["demo", ...free, ...pace, ...words], environment);
  // Two pipes: what was logged first may arrive last.
  const doors = () => child.log().filter(({ msg }) => msg === "door opened").length;
  return opened(child, () => child.stdout.includes("Ctrl-C") && doors() === 3);
}

/** `run` with these words. */
export function startRun(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<RunningGateway> {
  const child = new GatewayProcess(["run", ...words], environment);
  return opened(child, () => child.logged("gateway started") !== undefined).then((gateway) => {
    const path = join(words[words.indexOf("--data") + 1] ?? "", "local.json");
    if (existsSync(path))
      tokens.set(gateway.origin, (JSON.parse(readFileSync(path, "utf8")) as { token: string }).token);
    return gateway;
  });
}

/** Of gateways started here, by origin: what their data directories let their owner do. */
const tokens = new Map<string, string>();

/** GET as the owner of the gateway's data directory; of the demo as anybody. */
export function fetchAsOwner(url: string): Promise<Response> {
  return fetch(url, { headers: ownerHeaders(url) });
}

/** What makes a request one of the owner's; nothing for the demo, which anybody may read. */
export function ownerHeaders(url: string): Record<string, string> {
  const token = tokens.get(new URL(url).origin);
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** The password of client 1, as the demo prints it. */
export function demoPassword(gateway: RunningGateway): string {
  return /--password (\S+)/.exec(gateway.process.stdout)?.[1] ?? "";
}

/** Undoes what a test started, the last first; call `run` after each test. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add<T extends { stop(): unknown } | undefined>(part: T): T {
    this.steps.push(() => part?.stop());
    return part;
  }

  after(step: () => unknown): void {
    this.steps.push(step);
  }

  /** A folder that is removed at the end. */
  folder(): string {
    const path = mkdtempSync(join(tmpdir(), "gateway-test-"));
    this.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  async gateway(starting: Promise<RunningGateway>): Promise<RunningGateway> {
    const gateway = await starting;
    this.add(gateway.process);
    return gateway;
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0).reverse()) await step();
  }
}

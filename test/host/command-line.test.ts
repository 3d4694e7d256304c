import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup, runCommand, startDemo, when } from "../support/gateway-process.js";
import { openSqlite } from "../support/sqlite.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const commands = ["demo", "run", "simulate", "decode", "dlms", "conformance", "settings"];

describe("the command line", { timeout: 60_000 }, () => {
  it("tells its commands, and says nothing to do without one", async () => {
    const help = await runCommand(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const command of commands) expect(help.stdout).toMatch(new RegExp(`^  ${command} +\\S`, "m"));
    expect(await runCommand([])).toMatchObject({ code: 2, stdout: help.stdout });
  });

  it.each(commands)("explains %s with --help", async (command) => {
    const help = await runCommand([command, "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(new RegExp(`^\\S.*\\n\\nusage: cosem-gateway ${command}\\b`));
  });

  it.each([
    [["frobnicate"], 'cosem-gateway: no command "frobnicate"; see cosem-gateway --help\n'],
    [
      ["run"],
      "cosem-gateway run: --config FILE is missing, and there is no settings.yaml in data; see cosem-gateway run --help\n",
    ],
    [["decode"], "cosem-gateway decode: --json or --explain is missing; see cosem-gateway decode --help\n"],
    [["demo", "--baud", "1000"], /^cosem-gateway demo: --baud wants one of 300, .* or none, not "1000"; see .*\n$/],
    [
      ["demo", "--web-port", "65536"],
      /^cosem-gateway demo: --web-port wants a port, 0 to 65535, not "65536"; see .*\n$/,
    ],
    [["demo", "--colour"], /^cosem-gateway demo: Unknown option '--colour'.*; see cosem-gateway demo --help\n$/],
    [["run", "--config"], /^cosem-gateway run: .*--config.*; see cosem-gateway run --help\n$/],
    [["simulate", "--ports", "1,2"], /^cosem-gateway simulate: --ports wants 3 ports; see .*\n$/],
    [["settings", "polish"], /^cosem-gateway settings: .*; see cosem-gateway settings --help\n$/],
    [["dlms", "list"], /^cosem-gateway dlms: HOST:PORT is missing.*; see cosem-gateway dlms --help\n$/],
  ])("calls %j wrong use, with code 2 and one line", async (words, stderr) => {
    const outcome = await runCommand(words);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(stderr);
    expect(outcome.stderr.split("\n")).toHaveLength(2);
  });
});

it("refuses a data directory with another program's database in one line, and ends", async () => {
  const folder = cleanup.folder();
  const other = openSqlite(join(folder, "gateway.sqlite"));
  other.exec("CREATE TABLE songs (title TEXT)");
  other.close();
  const ports = ["--web-port", "0", "--dlms-port", "0", "--modbus-port", "0"];
  const outcome = await runCommand(["demo", "--data", folder, ...ports]);
  expect(outcome).toMatchObject({ code: 1, stdout: "" });
  expect(outcome.stderr).toMatch(/^cosem-gateway demo: .*gateway\.sqlite: .*another program.*\n$/);
});

describe("a settings file", { timeout: 60_000 }, () => {
  async function runWith(text: string) {
    const folder = cleanup.folder();
    const config = join(folder, "gateway.yaml");
    writeFileSync(config, text);
    const words = ["--config", config];
    return { config, outcome: await runCommand(["run", ...words, "--data", join(folder, "data")]), words };
  }

  it("is refused with the line of a key that is not known", async () => {
    const { config, outcome, words } = await runWith("readout:\n  schedule: '* * * * *'\n  intervall: 5\n");
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`${config}:3: readout.intervall`);
    expect(await runCommand(["settings", "check", ...words])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${config}:3: `),
    });
  });

  it("that is not there is named", async () => {
    const outcome = await runCommand(["run", "--config", "/nowhere/gateway.yaml"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(
      /^cosem-gateway run: cannot read the settings file: .*\/nowhere\/gateway\.yaml'?\n$/,
    );
  });
});

describe("the demo", { timeout: 60_000 }, () => {
  it("listens on three TCP ports of loopback and on nothing else, also during a readout", async () => {
    const gateway = await cleanup.gateway(startDemo(["--baud", "38400"]));
    const wanted = Object.values(gateway.doors)
      .map((port) => `127.0.0.1:${port}`)
      .toSorted();
    // The simulated buses' connections were made before the first request.
    await gateway.process.until("the first readings", async () => {
      const answer = await fetch(`${gateway.origin}/api/v1/meters?limit=500`);
      const { meters } = (await answer.json()) as { meters: { readingNumber: number | null }[] };
      return when(meters.filter(({ readingNumber }) => readingNumber !== null).length > 3);
    });
    expect(gateway.process.logged("readout cycle ended")).toBeUndefined();
    expect(await listening(gateway.process.pid)).toEqual(wanted);
    await gateway.process.until("the end of the cycle", () =>
      when(gateway.process.logged("readout cycle ended") !== undefined),
    );
    expect(await listening(gateway.process.pid)).toEqual(wanted);
  });
});

/** Listening TCP sockets of a process, from /proc: `address:port`, IPv6 as it stands there. */
async function listening(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const inodes = new Set(descriptors.flatMap((descriptor) => socketInode(`/proc/${pid}/fd/${descriptor}`)));
  return ["tcp", "tcp6"]
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n").slice(1))
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      return state === "0A" && inodes.has(inode) ? [addressOf(local)] : [];
    })
    .toSorted();
}

function socketInode(path: string): string[] {
  try {
    return [/^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? ""];
  } catch {
    // closed since it was listed
    return [];
  }
}

/** `0100007F:0FDB`: the address in the machine's byte order, the port in the network's. */
function addressOf(text: string): string {
  const [address = "", port = ""] = text.split(":");
  const octets =
    address.length === 8
      ? (address.match(/../g) ?? []).reverse().map((octet) => Number.parseInt(octet, 16))
      : [address];
  return `${octets.join(".")}:${Number.parseInt(port, 16)}`;
}

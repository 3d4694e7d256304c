#!/usr/bin/env node
import { type Command, CommandFailed, WrongUse } from "./command.js";
/** The command `cosem-gateway`: finds the command, runs it, turns its outcome into an exit code. */
import { commands } from "./commands/index.js";
import { packageVersion } from "./version.js";

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
const exitCode = await main(process.argv.slice(2));
// What a failed command had opened must not keep the process.
if (exitCode !== 0) process.exit(exitCode);

/** @returns 0 good, 1 failed, 2 wrong use */
async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version") {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) {
    process.stderr.write(`cosem-gateway: no command "${name}"; see cosem-gateway --help\n`);
    return 2;
  }
  const command = await entry.load();
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(`${entry.summary}\n\n${command.usage}\n`);
    return 0;
  }
  return runCommand(name, command, rest);
}

async function runCommand(name: string, command: Command, words: readonly string[]): Promise<number> {
  try {
    return await command.run(words);
  } catch (error) {
    if (error instanceof WrongUse || isParseArgsError(error)) {
      process.stderr.write(`cosem-gateway ${name}: ${error.message}; see cosem-gateway ${name} --help\n`);
      return 2;
    }
    if (error instanceof CommandFailed) {
      process.stderr.write(`cosem-gateway ${name}: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

function overview(): string {
  const lines = commands.map((command) => `  ${command.name.padEnd(15)} ${command.summary}`);
  return [
    `cosem-gateway ${packageVersion()}: reads M-Bus meters and serves every value`,
    "",
    "usage: cosem-gateway COMMAND [OPTIONS]",
    "",
    ...lines,
    "",
    "cosem-gateway COMMAND --help tells more.",
    "",
  ].join("\n");
}

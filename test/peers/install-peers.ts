/**
 * Programs that others wrote, for the peer tests: found, or installed by apt-get where this process may, or missed by
 * name before any test runs.
 */
import { execFileSync } from "node:child_process";

/** Debian package by command. */
const peers: Readonly<Record<string, string>> = {
  mbpoll: "mbpoll",
  socat: "socat",
  ser2net: "ser2net",
  vsftpd: "vsftpd",
  chromium: "chromium",
  curl: "curl",
  faketime: "faketime",
  ssconvert: "gnumeric",
};

export default function installPeers(): void {
  const wanted = missing();
  if (wanted.length === 0) return;
  if (process.getuid?.() !== 0 || !isThere("apt-get")) throw new Error(message(wanted));
  const packages = wanted.map((command) => peers[command] ?? command);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync("apt-get", ["update"], { env, stdio: "inherit" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env, stdio: "inherit" });
  } catch (error) {
    throw new Error(message(missing()), { cause: error });
  }
  const left = missing();
  if (left.length > 0) throw new Error(message(left));
}

function missing(): string[] {
  return Object.keys(peers).filter((command) => !isThere(command));
}

/** Daemons stand in sbin, which is not on everybody's path. */
function isThere(command: string): boolean {
  const folders = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/local/sbin`;
  try {
    execFileSync("/bin/sh", ["-c", 'command -v "$1"', "sh", command], {
      env: { ...process.env, PATH: folders },
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

function message(commands: readonly string[]): string {
  const packages = commands.map((command) => peers[command] ?? command).join(" ");
  return `the peer tests need ${commands.join(", ")}; install with: apt-get install ${packages}`;
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { testFile } from "../support/repository.js";

/** Its home exists on every Debian, which vsftpd insists on. */
const account = "daemon";

export interface Vsftpd {
  readonly port: number;
  /** Where uploads to the folder `in` arrive. */
  readonly inbox: string;
  stop(): Promise<void>;
}

/** A vsftpd on a loopback port of its own, as a child of this process; anonymous may write below `in`. */
export async function startVsftpd(tls: "none" | "explicit" | "implicit"): Promise<Vsftpd> {
  if (process.getuid?.() !== 0) throw new Error("vsftpd starts as root only; run the peer tests as root");
  const home = mkdtempSync(join(tmpdir(), "vsftpd-"));
  const root = join(home, "root");
  const inbox = join(root, "in");
  mkdirSync(inbox, { recursive: true });
  mkdirSync(join(home, "empty"));
  for (const folder of [home, root]) chmodSync(folder, 0o755);
  const uid = Number(execFileSync("id", ["-u", account], { encoding: "utf8" }));
  const gid = Number(execFileSync("id", ["-g", account], { encoding: "utf8" }));
  chownSync(inbox, uid, gid);
  const port = await freePort();
  const config = join(home, "vsftpd.conf");
  writeFileSync(config, [...baseConfig(home, root, port), ...tlsConfig(tls)].join("\n"), { mode: 0o600 });
  const child = spawn("vsftpd", [config], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` },
  });
  await answering(port, child);
  return {
    port,
    inbox,
    async stop() {
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      if (child.exitCode === null) child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function baseConfig(home: string, root: string, port: number): string[] {
  return [
    "listen=YES",
    "listen_address=127.0.0.1",
    `listen_port=${port}`,
    "background=NO",
    "seccomp_sandbox=NO",
    `secure_chroot_dir=${join(home, "empty")}`,
    "anonymous_enable=YES",
    "local_enable=NO",
    "no_anon_password=NO",
    `ftp_username=${account}`,
    `anon_root=${root}`,
    "write_enable=YES",
    "anon_upload_enable=YES",
    "anon_mkdir_write_enable=YES",
    "anon_other_write_enable=YES",
    "anon_umask=022",
    "pasv_address=127.0.0.1",
    "",
  ];
}

function tlsConfig(tls: "none" | "explicit" | "implicit"): string[] {
  if (tls === "none") return [];
  return [
    "ssl_enable=YES",
    "allow_anon_ssl=YES",
    "force_anon_logins_ssl=YES",
    "force_anon_data_ssl=YES",
    `implicit_ssl=${tls === "implicit" ? "YES" : "NO"}`,
    `rsa_cert_file=${testFile("services/delivery/localhost.cert.pem")}`,
    `rsa_private_key_file=${testFile("services/delivery/localhost.key.pem")}`,
    "ssl_ciphers=HIGH",
    "",
  ];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  const said: string[] = [];
  child.stdout?.on("data", (chunk) => said.push(String(chunk)));
  child.stderr?.on("data", (chunk) => said.push(String(chunk)));
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`vsftpd ended: ${said.join("")}`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error(`vsftpd does not answer: ${said.join("")}`);
}

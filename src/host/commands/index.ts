import type { Command } from "../command.js";

/** The commands in the order of --help; each is loaded only when it is run, so that starting stays quick. */
export const commands: readonly { name: string; summary: string; load(): Promise<Command> }[] = [
  {
    name: "demo",
    summary: "run the gateway on simulated buses, to try it",
    load: async () => (await import("./demo.js")).command,
  },
  {
    name: "run",
    summary: "run the gateway on real interfaces",
    load: async () => (await import("./run.js")).command,
  },
  {
    name: "simulate",
    summary: "serve buses of simulated meters on TCP, for a gateway or another M-Bus master",
    load: async () => (await import("./simulate.js")).command,
  },
  {
    name: "decode",
    summary: "decode M-Bus telegrams: NDJSON in, NDJSON out",
    load: async () => (await import("./decode.js")).command,
  },
  {
    name: "dlms",
    summary: "list or read a DLMS/COSEM server",
    load: async () => (await import("./dlms.js")).command,
  },
  {
    name: "conformance",
    summary: "check a DLMS/COSEM server",
    load: async () => (await import("./conformance.js")).command,
  },
  {
    name: "settings",
    summary: "check a settings file, or show the settings with their defaults",
    load: async () => (await import("./settings.js")).command,
  },
  {
    name: "licence",
    summary: "licences: make an issuer's key, issue, show, install",
    load: async () => (await import("./licence.js")).command,
  },
  {
    name: "log",
    summary: "the system log of a running gateway",
    load: async () => (await import("./log.js")).command,
  },
  {
    name: "series",
    summary: "measurement series of a running gateway: values, computed ones, a meter swap",
    load: async () => (await import("./series.js")).command,
  },
  {
    name: "meters",
    summary: "the meter list of a running gateway",
    load: async () => (await import("./meters.js")).command,
  },
  {
    name: "keys",
    summary: "encryption keys of meters, of a running gateway",
    load: async () => (await import("./keys.js")).command,
  },
  {
    name: "search",
    summary: "search for meters with a running gateway",
    load: async () => (await import("./search.js")).command,
  },
  {
    name: "report",
    summary: "the commission report of a running gateway",
    load: async () => (await import("./report.js")).command,
  },
  {
    name: "jobs",
    summary: "jobs of a running gateway: list, start, stop, schedule",
    load: async () => (await import("./jobs.js")).command,
  },
  {
    name: "cron",
    summary: "what a schedule means and when it is due next",
    load: async () => (await import("./cron.js")).command,
  },
  {
    name: "config",
    summary: "save or load the settings of a running gateway",
    load: async () => (await import("./files.js")).config,
  },
  {
    name: "backup",
    summary: "make a backup of a running gateway",
    load: async () => (await import("./files.js")).backup,
  },
  {
    name: "restore",
    summary: "restore a backup or configuration file where no gateway runs",
    load: async () => (await import("./restore.js")).command,
  },
  {
    name: "files",
    summary: "configuration files and backups kept on a running gateway",
    load: async () => (await import("./files.js")).command,
  },
  {
    name: "diagnostics",
    summary: "make a bundle for who is to help; no secrets",
    load: async () => (await import("./files.js")).diagnostics,
  },
  {
    name: "factory-reset",
    summary: "forget all settings, users, keys and readings",
    load: async () => (await import("./restore.js")).factoryReset,
  },
  {
    name: "read",
    summary: "read a meter or all meters of a running gateway now",
    load: async () => (await import("./read.js")).command,
  },
  {
    name: "readouts",
    summary: "how the readouts of a running gateway went",
    load: async () => (await import("./readouts.js")).command,
  },
  {
    name: "send",
    summary: "send a command to a meter through a running gateway",
    load: async () => (await import("./send.js")).command,
  },
  {
    name: "users",
    summary: "users of a running gateway: list, add, set-role, set-password, remove",
    load: async () => (await import("./accounts.js")).users,
  },
  {
    name: "tokens",
    summary: "API tokens of a running gateway: list, create, revoke",
    load: async () => (await import("./accounts.js")).tokens,
  },
  {
    name: "audit",
    summary: "who did or tried what on a running gateway",
    load: async () => (await import("./accounts.js")).audit,
  },
];

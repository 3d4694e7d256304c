import { inspect } from "node:util";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import {
  formatProblems,
  loadSettings,
  redactSettings,
  Secret,
  type Settings,
  SettingsSchema,
  settingsDocumentation,
} from "../../src/settings/index.js";
import type { SettingNode } from "../../src/settings/kinds.js";

const checks = {
  schedule: (text: string) => (text.split(" ").length === 5 ? undefined : "wants five fields"),
  secondaryAddress: (text: string) => (/^(\d{8}|[\dA-F]{16})$/i.test(text) ? undefined : "wants 8 digits"),
};

function load(yaml: string): Settings {
  const loaded = loadSettings(yaml, "settings.yaml", checks);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded.settings;
}

function problems(yaml: string): string {
  const loaded = loadSettings(yaml, "settings.yaml", checks);
  return loaded.ok ? "" : formatProblems(loaded.problems);
}

const full = `
identity: { manufacturerId: ABC, serial: 00123456 }
clock: { timeZone: Europe/Paris }
readout:
  schedule: "*/5 * * * *"
interfaces:
  - name: cellar
    kind: serial
    path: /dev/ttyUSB0
    baudRate: 300
  - { name: roof, kind: tcp, host: 10.0.0.7, port: 10001 }
meters:
  - { interface: cellar, secondaryAddress: 00345678, position: Kitchen }
  - { interface: roof, primaryAddress: 5 }
doors:
  dlms: { managementPassword: 12345678 }
  modbus: { enabled: true, port: 1503 }
reports:
  - name: daily
    receivers:
      - { kind: http, url: "https://example.org/in", auth: { method: basic, user: u, password: hunter22 } }
      - { kind: ftp, host: ftp.example.org, security: explicit, password: hunter33 }
      - { kind: http, url: "http://example.org/in" }
logging: { level: debug }
`;

/** Every text of the settings that is no secret, as a document that has it alone. */
function* textsOf(node: Node, path: string, wrap: (value: unknown) => unknown): Generator<[string, unknown]> {
  if (node.anyOf !== undefined) {
    for (const part of node.anyOf) {
      const chosen = node.discriminator ?? "";
      const kind = part.properties?.[chosen]?.const;
      yield* textsOf(part, path, (value) => wrap({ [chosen]: kind, ...(value as object) }));
    }
  } else if (node.items !== undefined) yield* textsOf(node.items, `${path}[]`, (value) => wrap([value]));
  else if (node.properties !== undefined) {
    for (const [name, part] of Object.entries(node.properties))
      yield* textsOf(part, `${path}.${name}`, (value) => wrap({ [name]: value }));
  } else if (node.type === "string" && node.secret !== true && node.const === undefined) {
    yield [path, wrap("ftp://user:urlsecret@h/x")];
  }
}

type Node = Pick<SettingNode, "type" | "secret" | "const" | "discriminator"> & {
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
};

describe("loading settings", () => {
  it("takes no password within a URL, wherever a text may stand, and tells none", () => {
    const texts = [...textsOf(SettingsSchema as Node, "", (value) => value)];
    expect(texts.length).toBeGreaterThan(80);
    expect(texts.map(([path]) => path)).toContain(".eventReports.onDemand.ftp.to");
    for (const [path, document] of texts) {
      const said = problems(JSON.stringify(document));
      expect([path, said.includes("put user and password"), said.includes("urlsecret")]).toEqual([path, true, false]);
    }
    const events = (to: string) => problems(`eventReports: { bootUp: { ftp: { to: "${to}" } } }`);
    expect(events("sftp://example.org/folder")).toBe("");
    expect(events("//user:urlsecret@h")).toContain("wants a URL");
  });

  it("gives the defaults for an empty file", () => {
    const settings = load("");
    expect(settings.readout).toEqual({
      enabled: true,
      schedule: "*/15 * * * *",
      responseTimeoutMs: 1500,
      responseTimeout: "learned",
      retries: 3,
      selectionRetries: 2,
      initialisationIdleMs: 10000,
      collisionIdleMs: 3500,
      requestIdleMs: 1000,
      multiTelegram: "off",
      telegramLimit: 0,
      continuous: false,
      staleAfterSeconds: 0,
      jumpFactor: 50,
      meterClockLimitSeconds: 900,
    });
    expect(settings.doors.web).toMatchObject({ enabled: true, host: "127.0.0.1", port: 8080 });
    expect([settings.doors.dlms.port, settings.doors.modbus.port]).toEqual([4059, 1502]);
    expect(settings.doors.modbus.enabled).toBe(false);
    expect(settings.clock.timeZone).toBe("UTC");
    expect(settings.interfaces).toEqual([]);
    expect(settings.identity.serial).toBeUndefined();
  });

  it("reads every kind of setting", () => {
    const settings = load(full);
    expect(settings.identity.serial).toBe("00123456");
    expect(settings.interfaces[0]).toEqual({
      name: "cellar",
      kind: "serial",
      path: "/dev/ttyUSB0",
      baudRate: 300,
      rts: "leave",
    });
    expect(settings.interfaces[1]).toEqual({
      name: "roof",
      kind: "tcp",
      host: "10.0.0.7",
      port: 10001,
      baudRate: 2400,
    });
    expect(settings.meters[0]).toEqual({ interface: "cellar", secondaryAddress: "00345678", position: "Kitchen" });
    expect(settings.meters[1]).toEqual({ interface: "roof", primaryAddress: 5, position: "" });
    expect(settings.doors.dlms.managementPassword?.reveal()).toBe("12345678");
    const [http, ftp, plain] = settings.reports[0]?.receivers ?? [];
    expect(http?.kind === "http" && http.auth.method === "basic" && http.auth.password.reveal()).toBe("hunter22");
    expect(ftp).toMatchObject({ kind: "ftp", port: 21, user: "anonymous", folder: ".", security: "explicit" });
    expect(plain).toEqual({ kind: "http", url: "http://example.org/in", auth: { method: "none" } });
  });

  it("gives what its own JSON Schema accepts", () => {
    const asJson = (settings: Settings) => JSON.parse(JSON.stringify(settings)) as unknown;
    expect(Value.Check(SettingsSchema, asJson(load("")))).toBe(true);
    expect(Value.Check(SettingsSchema, asJson(load(full)))).toBe(true);
  });

  it("refuses an unknown key by name, with its line and the nearest known key", () => {
    expect(problems("doors:\n  web:\n    hots: 127.0.0.1\n")).toBe(
      'settings.yaml:3: doors.web.hots: unknown setting; did you mean "host"?',
    );
    expect(problems("zzzzzz: 1")).toMatch(
      /^settings.yaml:1: zzzzzz: unknown setting; known here: identity, conventions, branding, clock/,
    );
    expect(
      problems("reports:\n  - name: a\n    receivers:\n      - kind: ftp\n        host: h\n        pasword: p"),
    ).toBe('settings.yaml:6: reports[0].receivers[0].pasword: unknown setting; did you mean "password"?');
  });

  it("names path, line and what is wanted for a wrong value", () => {
    expect(problems("readout:\n  retries: many\n")).toBe(
      'settings.yaml:2: readout.retries: wants a whole number from 0 to 20, not "many"',
    );
    expect(problems("readout:\n\n  responseTimeoutMs: 10\n")).toBe(
      'settings.yaml:3: readout.responseTimeoutMs: wants a whole number of milliseconds from 50 to 60000, not "10"',
    );
    expect(problems("doors: { dlms: { enabled: yes } }")).toContain('wants true or false, not "yes"');
    expect(problems("logging: { level: loud }")).toContain("wants one of debug, info, warn, error");
    expect(problems("interfaces: { name: x }")).toContain("wants a list");
    expect(problems("readout: 5")).toContain("wants a group of settings: enabled, schedule");
    expect(problems("readout:\n  retries:\n")).toBe("");
    expect(problems("meters:\n  -\n")).toContain("meters[0]");
    expect(problems("identity: { serial: 1234567 }")).toContain('wants 8 digits, not "1234567"');
    expect(problems("clock: { timeZone: Mars/Olympus }")).toContain('"Mars/Olympus" is not a time zone');
    expect(problems("readout: { schedule: hourly }")).toBe("settings.yaml:1: readout.schedule: wants five fields");
  });

  it("reports all problems at once, in the order of lines", () => {
    const lines = problems("readout:\n  retries: -1\nlogging:\n  level: 7\nreadot: 1\n").split("\n");
    expect(lines.map((line) => line.split(":")[1])).toEqual(["2", "4", "5"]);
  });

  it("refuses duplicate keys and broken YAML with their line", () => {
    expect(problems("readout:\n  retries: 1\n  retries: 2\n")).toBe(
      'settings.yaml:3: "retries" is given twice; remove one of them',
    );
    expect(problems("readout: [\n")).toMatch(/^settings.yaml:\d+: is not YAML: /);
  });

  it("requires what has no default", () => {
    expect(problems("interfaces:\n  - kind: tcp\n    name: a\n    port: 1\n")).toBe(
      "settings.yaml:2: interfaces[0].host: is missing: Address or name of the converter.",
    );
    expect(problems("interfaces:\n  - name: a\n")).toBe(
      "settings.yaml:2: interfaces[0].kind: is missing: wants serial or tcp or rfc2217 or udp or ir",
    );
    expect(problems("interfaces:\n  - { name: a, kind: usb }\n")).toContain(
      'wants serial or tcp or rfc2217 or udp or ir, not "usb"',
    );
  });

  it("checks what belongs together", () => {
    const bus = "interfaces: [{ name: a, kind: tcp, host: h, port: 1 }]\n";
    expect(problems(`${bus}meters:\n  - interface: b\n    primaryAddress: 1`)).toContain(
      'settings.yaml:3: meters[0].interface: there is no interface "b"; known: a',
    );
    expect(problems(`${bus}meters:\n  - interface: a\n`)).toContain("either secondaryAddress or primaryAddress");
    expect(
      problems(`${bus}meters:\n  - { interface: a, primaryAddress: 1 }\n  - { interface: a, primaryAddress: 1 }`),
    ).toBe(
      "settings.yaml:4: meters[1]: has the same interface and address as meters[0]; give one of them another address",
    );
    expect(problems("doors: { web: { port: 4059 } }")).toContain("4059 is the port of doors.dlms too");
    expect(problems("doors: { dlms: { hdlc: { enabled: true, port: 8080 } } }")).toContain("port of doors.web too");
  });

  it("refuses HDLC settings that do not go together", () => {
    expect(problems("doors: { dlms: { hdlc: { physicalDevice: 127 } } }")).toContain("127 has a meaning of its own");
    const serial = "{ path: /dev/ttyS0, opticalStart: true, baudRate: 38400 }";
    expect(problems(`doors: { dlms: { hdlc: { serial: ${serial} } } }`)).toContain("can offer 19200 at most");
  });

  it.each(["127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "192.168.1.2"])("lets web listen on %s", (host) => {
    expect(problems(`doors: { web: { host: "${host}" } }`)).toBe("");
  });

  it("survives aliases, also of what is around them", () => {
    expect(load("clock: &c { timeZone: UTC }\n").clock.timeZone).toBe("UTC");
    expect(problems("readout: &r\n  retries: *r\n")).toContain("readout.retries");
  });
});

describe("secrets", () => {
  it("print as [secret] in text, JSON and inspect", () => {
    const password = new Secret("hunter22");
    expect(
      [`${password}`, JSON.stringify({ password }), inspect({ password }), inspect([password])].join(),
    ).not.toContain("hunter22");
    expect(`${password}`).toBe("[secret]");
  });

  it("are left out of the effective settings and of error messages", () => {
    const yaml = redactSettings(load(full));
    expect(yaml).toContain('password: "[secret]"');
    expect(yaml).not.toMatch(/hunter22|hunter33|12345678\n/);
    expect(yaml).toContain("retryDelaySeconds: 60");
    expect(problems("doors: { dlms: { managementPassword: short } }")).not.toContain("short");
  });
});

describe("the settings table", () => {
  const rows = settingsDocumentation();

  it("has a help text for each setting, and a default or a duty for most", () => {
    expect(rows.filter((row) => row.help === "")).toEqual([]);
    expect(rows.find((row) => row.path === "doors.web.port")).toMatchObject({
      default: 8080,
      restart: true,
      secret: false,
    });
    expect(rows.find((row) => row.path === "interfaces[kind=tcp].host")).toMatchObject({ required: true });
    expect(rows.find((row) => row.path === "doors.dlms.managementPassword")).toMatchObject({ secret: true });
  });

  it("never gives a logical name twice", () => {
    const names = rows.flatMap((row) => row.logicalName ?? []);
    expect(names.length).toBeGreaterThan(25);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("wireless settings", () => {
  const receiver = (more = "") =>
    `wireless: { receivers: [{ name: stick, group: air, type: im871a, ${more}connection: { kind: serial, path: /dev/ttyUSB0 } }] }`;

  it("have defaults, and a key that does not print", () => {
    const { wireless, meters } = load(
      `${receiver()}\nmeters: [{ interface: air, secondaryAddress: 12345678, key: 000102030405060708090a0b0c0d0e0f }]`,
    );
    expect(wireless).toMatchObject({ storeEveryTelegram: false, repeatWindowMs: 2000, whitelist: [], blacklist: [] });
    expect(wireless.receivers[0]).toMatchObject({ mode: "CT", appendsRssi: false, silenceResetSeconds: 14_400 });
    expect(meters[0]?.key?.reveal()).toBe("000102030405060708090a0b0c0d0e0f");
    expect(JSON.stringify(redactSettings({ meters } as unknown as Settings))).not.toContain("0a0b0c");
  });

  it.each([
    ["meters: [{ interface: roof, secondaryAddress: 12345678 }]", 'there is no interface "roof"; known: air'],
    ["meters: [{ interface: air, primaryAddress: 1 }]", "a wireless meter is known by its secondaryAddress"],
    [
      `meters: [{ interface: air, secondaryAddress: 12345678, key: ${"x".repeat(32)} }]`,
      "meters[0].key: wants 32 hex digits",
    ],
    ["meters: [{ interface: air, secondaryAddress: 12345678, key: 0011 }]", "meters[0].key: wants"],
    [
      "meters: [{ interface: air, secondaryAddress: 12345678, addressingMode: esecondary }]",
      "esecondary is for meters behind a receiver on a wired interface",
    ],
    [
      "meters: [{ interface: air, secondaryAddress: 12345678, receiverAddress: 62000997 }]",
      "goes with addressingMode esecondary",
    ],
    [
      "meters: [{ interface: air, secondaryAddress: 12345678, addressingMode: primary }]",
      "does not go with secondaryAddress",
    ],
    ["interfaces: [{ name: air, kind: tcp, host: h, port: 1 }]", '"air" names an interface already'],
  ])("refuse %s", (more, message) => {
    expect(problems(`${receiver()}\n${more}`)).toContain(message);
  });

  it("refuse a pattern, a type and a program that are none", () => {
    expect(problems("wireless: { whitelist: ['KAM**'] }")).toContain("wireless.whitelist[0]: wants manufacturer");
    expect(problems("wireless: { receivers: [{ name: a, type: im872a, connection: { kind: udp } }] }")).toContain(
      "wireless.receivers[0].type: wants one of im871a, iu891a",
    );
    expect(problems("wireless: { receivers: [{ name: a, type: rtl433, connection: { kind: program } }] }")).toContain(
      "wants at least one command",
    );
  });

  it("refuse a fabrication number and a rate for a wireless meter", () => {
    const meter = (more: string) => problems(`${receiver()}\nmeters: [{ interface: air, ${more} }]`);
    expect(meter('secondaryAddress: 12345678, fabricationNumber: "11223344"')).toContain(
      "goes with the secondaryAddress",
    );
    expect(meter("secondaryAddress: 12345678, baudRate: 300")).toContain("is for wired meters");
  });

  it("take an Elvaco receiver's address for a meter on the wired bus", () => {
    const { meters } = load(
      "interfaces: [{ name: bus, kind: tcp, host: h, port: 1 }]\n" +
        "meters: [{ interface: bus, secondaryAddress: 12345678, addressingMode: esecondary, receiverAddress: 62000997 }]",
    );
    expect(meters[0]).toMatchObject({ addressingMode: "esecondary", receiverAddress: "62000997" });
  });
});

describe("wired meters with something of their own", () => {
  const interfaces = `interfaces:
  - { name: line, kind: serial, path: /dev/ttyUSB0 }
  - { name: net, kind: tcp, host: h, port: 1 }
`;
  const meters = (...lines: readonly string[]) =>
    `${interfaces}meters:\n${lines.map((line) => `  - { ${line} }\n`).join("")}`;
  const twin = (more: string) => `interface: line, secondaryAddress: 12345678${more}`;

  it("have a fabrication number where two share an address", () => {
    const good = meters(twin(', fabricationNumber: "00000011"'), twin(', fabricationNumber: "00000012"'));
    expect(load(good).meters.map(({ fabricationNumber }) => fabricationNumber)).toEqual(["00000011", "00000012"]);
    const advice = "meters[1]: has the same interface and address as meters[0]; give both their own fabricationNumber";
    expect(problems(meters(twin(""), twin(', fabricationNumber: "00000012"')))).toContain(advice);
    const same = ', fabricationNumber: "00000011"';
    expect(problems(meters(twin(same), twin(same)))).toContain(advice);
    expect(problems(meters('interface: line, primaryAddress: 1, fabricationNumber: "00000011"'))).toContain(
      "goes with the secondaryAddress of a wired meter",
    );
    expect(problems(meters(twin(', fabricationNumber: "1234"')))).toContain("wants 8 digits");
  });

  it("have both addresses where the primary one is asked and the other says whose answer it is", () => {
    const both = "interface: net, primaryAddress: 5, addressingMode: primary, secondaryAddress:";
    expect(load(meters(`${both} 1234567824400107`)).meters[0]).toMatchObject({ primaryAddress: 5 });
    expect(problems(meters(`${both} 12345678`))).toContain("wants all 16 digits beside a primaryAddress");
    expect(problems(meters("interface: net, primaryAddress: 5, secondaryAddress: 1234567824400107"))).toContain(
      "wants either secondaryAddress or primaryAddress",
    );
  });

  it("have a rate where the interface can change its own", () => {
    expect(load(meters(twin(", baudRate: 300"))).meters[0]?.baudRate).toBe(300);
    expect(problems(meters("interface: net, primaryAddress: 1, baudRate: 300"))).toContain(
      'meters[0].baudRate: is for meters on an interface of kind serial, rfc2217 or ir; "net" is of kind tcp, whose converter keeps its rate: leave it out',
    );
    expect(problems(meters(twin(", baudRate: 1234")))).toContain("wants one of 300");
  });
});

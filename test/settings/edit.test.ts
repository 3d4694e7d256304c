import { expect, it } from "vitest";
import {
  ChangeRefused,
  changedSettings,
  loadSettings,
  sealSecrets,
  settingsDifferences,
  settingsDocumentation,
  unbuiltSettings,
  withoutSettings,
} from "../../src/settings/index.js";

const checks = { schedule: () => undefined, secondaryAddress: () => undefined };

const yaml = `# our house
doors:
  dlms:
    managementPassword: opensesame # of the head-end
mail: { host: mail.example.org, password: "123456" }
meters:
  - { interface: a, primaryAddress: 1, key: 000102030405060708090a0b0c0d0e0f }
  - { interface: a, primaryAddress: 2 }
`;

it("replaces plain secrets by sealed ones once, and keeps comments", () => {
  const { text, sealed } = sealSecrets(yaml, (name, secret) => Buffer.from(`${name}=${secret}`).toString("base64"));
  expect(sealed).toEqual(["doors.dlms.managementPassword", "mail.password", "meters[0].key"]);
  expect(text).toContain("# our house");
  expect(text).toContain("# of the head-end");
  expect(text).not.toMatch(/opensesame|123456|0a0b0c0d/);
  expect(sealSecrets(text, () => "never")).toEqual({ text, sealed: [] });
  const loaded = loadSettings(`${text}interfaces: [{ name: a, kind: serial, path: /dev/x }]`, "s", {
    ...checks,
    openSecret: (name, base64) =>
      Buffer.from(base64, "base64")
        .toString()
        .slice(name.length + 1),
  });
  expect(loaded).toMatchObject({ ok: true });
  if (loaded.ok) {
    expect(loaded.settings.mail.password?.reveal()).toBe("123456");
    expect(loaded.settings.doors.dlms.managementPassword?.reveal()).toBe("opensesame");
  }
});

it("refuses a sealed secret where there is no key to open it", () => {
  const loaded = loadSettings("mail: { password: enc:AAAA }", "s", checks);
  expect(loaded).toMatchObject({ ok: false, problems: [{ path: "mail.password" }] });
});

it("merges groups, takes null for the default, replaces lists and keeps comments", () => {
  const text = changedSettings(yaml, {
    mail: { port: 587, host: null },
    doors: { dlms: { managementPassword: "anotherone" } },
  });
  expect(text).toContain("managementPassword: anotherone # of the head-end");
  expect(text).toContain("port: 587");
  expect(text).not.toContain("mail.example.org");
  expect(changedSettings("", { readout: { retries: 1 } })).toBe("readout:\n  retries: 1\n");
});

it("keeps a redacted secret with its entry, however the list was moved", () => {
  const key = "[secret]";
  const moved = changedSettings(yaml, {
    meters: [
      { interface: "a", primaryAddress: 2 },
      { interface: "a", primaryAddress: 1, key },
    ],
  });
  expect(moved.indexOf("primaryAddress: 2")).toBeLessThan(moved.indexOf("primaryAddress: 1"));
  expect(moved).toMatch(/primaryAddress: 1\s+key: "?000102030405060708090a0b0c0d0e0f/);
  expect(() => changedSettings(yaml, { meters: [{ interface: "a", primaryAddress: 2, key }] })).toThrow(ChangeRefused);
});

it("takes the whole: what is not named is the default again", () => {
  const text = changedSettings(yaml, { mail: { password: "[secret]" } }, true);
  expect(text).toContain('password: "123456"');
  expect(text).not.toMatch(/doors|meters|mail\.example/);
});

it("leaves out what belongs to the device", () => {
  const { text, leftOut } = withoutSettings(
    "network: { address: 10.0.0.1 }\nreadout: { retries: 2 }\n",
    ({ schema }) => schema.deviceBound === true,
  );
  expect(text).toBe("readout: { retries: 2 }\n");
  expect(leftOut.map(({ path }) => path)).toEqual(["network.address"]);
});

it("names settings of doors that do not exist yet, unless they are the default", () => {
  expect(unbuiltSettings("mail: { host: h, port: 25 }\nreadout: { retries: 2 }")).toEqual(["mail.host"]);
  const rows = settingsDocumentation().filter(({ built }) => !built);
  expect(rows.length).toBeGreaterThan(100);
  for (const row of rows) expect(`${row.path}: ${row.help}`).toContain("Takes effect when the door is built.");
});

it("tells which settings differ and whether they wait for a restart", () => {
  const settingsOf = (text: string) => {
    const loaded = loadSettings(text, "s", checks);
    if (!loaded.ok) throw new Error("not loaded");
    return loaded.settings;
  };
  expect(
    settingsDifferences(
      settingsOf("mail: { password: a }"),
      settingsOf("mail: { password: b }\nreadout: { retries: 1 }"),
    ),
  ).toEqual([
    { path: "readout.retries", restart: true },
    { path: "mail.password", restart: false },
  ]);
});

/** users, tokens and audit: clients of a running gateway. */
import { parseArgs } from "node:util";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { createRestClient, type RestClient, restClientOptions, restClientUsage } from "../rest-client.js";

interface Listed {
  readonly [field: string]: unknown;
}

export const users: Command = {
  usage: `usage: cosem-gateway users list
       cosem-gateway users add NAME --role viewer|operator|installer|admin
       cosem-gateway users set-role NAME --role ROLE
       cosem-gateway users set-password NAME
       cosem-gateway users remove NAME

add and set-password read the password from the first line of the standard input: it stands in no list of processes.

${restClientUsage}`,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { ...restClientOptions, role: { type: "string" } },
      allowPositionals: true,
    });
    const [action, name] = positionals;
    const client = createRestClient(values);
    if (action === "list") {
      const { users: listed } = await client.get<{ users: readonly Listed[] }>("/users");
      return show(listed, ["name", "role", "hasPassword", "createdAt"]);
    }
    if (name === undefined) throw new WrongUse("wants list, or add, set-role, set-password or remove with a NAME");
    const path = `/users/${encodeURIComponent(name)}`;
    const { role } = values;
    switch (action) {
      case "add":
        if (role === undefined) throw new WrongUse("--role is missing");
        await client.post("/users", { name, role, password: await passwordFromInput() });
        return 0;
      case "set-role":
        if (role === undefined) throw new WrongUse("--role is missing");
        await client.call({ path, method: "PATCH", body: { role } });
        return 0;
      case "set-password":
        await client.call({ path, method: "PATCH", body: { password: await passwordFromInput() } });
        return 0;
      case "remove":
        await client.call({ path, method: "DELETE" });
        return 0;
      default:
        throw new WrongUse(`there is no "users ${action}"`);
    }
  },
};

export const tokens: Command = {
  usage: `usage: cosem-gateway tokens list
       cosem-gateway tokens create NAME --role ROLE [--user USER] [--scope RIGHT,RIGHT] [--days N]
       cosem-gateway tokens revoke ID

create prints the token, this once. --scope leaves only these rights of the role; --days: default 365, 0: never expires.

${restClientUsage}`,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        role: { type: "string" },
        user: { type: "string" },
        scope: { type: "string" },
        days: { type: "string" },
      },
      allowPositionals: true,
    });
    const [action, word] = positionals;
    const client = createRestClient(values);
    switch (action) {
      case "list": {
        const { tokens: listed } = await client.get<{ tokens: readonly Listed[] }>("/tokens");
        return show(listed, ["id", "name", "user", "role", "scope", "expiresAt"]);
      }
      case "create": {
        if (word === undefined || values.role === undefined) throw new WrongUse("wants a NAME and --role ROLE");
        const { text } = await createToken(client, word, values);
        process.stdout.write(`${text}\n`);
        return 0;
      }
      case "revoke":
        if (word === undefined) throw new WrongUse("wants the ID of a token, as tokens list shows it");
        await client.call({ path: `/tokens/${encodeURIComponent(word)}`, method: "DELETE" });
        return 0;
      default:
        throw new WrongUse("wants list, create NAME or revoke ID");
    }
  },
};

export const audit: Command = {
  usage: `usage: cosem-gateway audit [--user NAME] [--action ACTION] [--result done|refused|failed] [--limit N]

Who did or tried what on a running gateway, newest first. --action users shows users.add, users.remove ….

${restClientUsage}`,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        user: { type: "string" },
        action: { type: "string" },
        result: { type: "string" },
        limit: { type: "string", default: "50" },
      },
    });
    const query = new URLSearchParams({ limit: values.limit });
    for (const key of ["user", "action", "result"] as const) {
      const value = values[key];
      if (value !== undefined) query.set(key, value);
    }
    const { entries } = await createRestClient(values).get<{ entries: readonly Listed[] }>(`/audit?${query}`);
    return show(entries, ["at", "user", "token", "door", "peer", "action", "target", "result", "count", "detail"]);
  },
};

function createToken(
  client: RestClient,
  name: string,
  { role, user, scope, days }: { role?: string; user?: string; scope?: string; days?: string },
): Promise<{ readonly text: string }> {
  return client.post("/tokens", {
    name,
    role,
    ...(user === undefined ? {} : { user }),
    ...(scope === undefined ? {} : { scope: scope.split(",") }),
    ...(days === undefined ? {} : { days: Number(days) }),
  });
}

/** Columns between tabs, under their names. */
function show(rows: readonly Listed[], columns: readonly string[]): number {
  const text = (value: unknown) => (Array.isArray(value) ? value.join(",") : String(value ?? "-"));
  const lines = rows.map((row) => columns.map((column) => text(row[column])).join("\t"));
  process.stdout.write(`${[columns.join("\t"), ...lines].join("\n")}\n`);
  return 0;
}

const longestInput = 1024;

/** @throws CommandFailed */
async function passwordFromInput(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("password (it is shown as you type): ");
  let read = "";
  for await (const chunk of process.stdin) {
    read += String(chunk);
    if (read.includes("\n") || read.length > longestInput) break;
  }
  const [line = ""] = read.split(/\r?\n/, 1);
  if (line === "" || line.length > longestInput) throw new CommandFailed("no password on the standard input");
  return line;
}

import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { conformanceCases, declarationSchema, resolveDeclaration } from "../../conformance/index.js";
import { readCheckedYaml } from "../../src/settings/checked-yaml.js";
import { Cleanup, GatewayProcess, runCommand, when } from "../support/gateway-process.js";
import { repositoryRoot } from "../support/repository.js";
import { startOurServer } from "./our-server.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

describe("cosem-gateway conformance", { timeout: 60_000 }, () => {
  it("names its cases", async () => {
    const { code, stdout } = await runCommand(["conformance", "--list"]);
    expect(code).toBe(0);
    for (const { name } of conformanceCases) expect(stdout).toContain(`${name} `);
    expect(stdout).toContain("no certificate");
  });

  it("runs a declaration, and writes every report", async () => {
    const { port } = cleanup.add(await startOurServer());
    const folder = cleanup.folder();
    const file = (name: string) => join(folder, name);
    const associations = [{ clientSap: 16 }, { clientSap: 1, mechanism: "low", secret: "12345678" }];
    writeFileSync(file("meter.json"), JSON.stringify({ associations }));
    const report = `json=${file("out.json")},junit=${file("out.xml")},html=${file("out.html")}`;
    const words = ["conformance", `127.0.0.1:${port}`, "--declare", file("meter.json"), "--report", report];
    const { code, stdout, stderr } = await runCommand([...words, "--only", "APPL_,COSEM_"], "", 40_000);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("0 fail, 0 inconclusive");
    const document = JSON.parse(readFileSync(file("out.json"), "utf8"));
    expect(document).toMatchObject({ target: `127.0.0.1:${port}, wrapper`, isPartial: false });
    expect(readFileSync(file("out.xml"), "utf8")).toContain('failures="0" errors="0"');
    expect(readFileSync(file("out.html"), "utf8")).toContain("COSEM_OBJECT");
  });

  it.each([
    ["associations: [{ clientSap: 16, pasword: x }]", /meter\.yaml:1: associations\[0\]\.pasword: is not known here/],
    ["associations: [{ clientSap: 1, mechanism: low }]", /meter\.yaml: association "client 1": mechanism low wants/],
  ])("refuses a declaration by name: %s", async (text, words) => {
    const fileName = join(cleanup.folder(), "meter.yaml");
    writeFileSync(fileName, text);
    const outcome = await runCommand(["conformance", "127.0.0.1:1", "--declare", fileName]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(words);
  });

  it("takes no option that stands in the declaration, and no report of another kind", async () => {
    const both = await runCommand(["conformance", "a", "--declare", "b", "--client", "1"]);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("--client stands in the file") });
    const kind = await runCommand(["conformance", "a", "--report", "pdf=x"]);
    expect(kind).toMatchObject({ code: 2, stderr: expect.stringContaining('not "pdf=x"') });
  });

  it("ends with the report so far on Ctrl-C", async () => {
    // Takes connections and says nothing: each case waits for its time-out.
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    cleanup.after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const report = join(cleanup.folder(), "out.json");
    const words = ["conformance", `127.0.0.1:${port}`, "--timeout", "1", "--report", `json=${report}`];
    const running = new GatewayProcess(words);
    cleanup.after(() => running.signal("SIGKILL"));
    await running.until("a first failed case", () => when(running.stdout.includes("fail ")), 20_000);
    running.signal("SIGINT");
    expect(await running.exited).toMatchObject({ code: 1 });
    expect(running.stdout).toContain("cancelled\n");
    const document = JSON.parse(readFileSync(report, "utf8"));
    expect(document.isPartial).toBe(true);
    expect(document.results.length).toBeLessThan(conformanceCases.length);
  });
});

it("docs/conformance.md has a declaration that is one", () => {
  const text = readFileSync(join(repositoryRoot, "docs/conformance.md"), "utf8");
  const yaml = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  const declaration = resolveDeclaration(readCheckedYaml(declarationSchema, yaml, "docs/conformance.md").value);
  expect(declaration.associations.map(({ name }) => name)).toEqual(["client 16", "reader", "head-end"]);
});

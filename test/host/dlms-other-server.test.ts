/** `cosem-gateway dlms` with a server that is not ours: the recorded answers of the C server. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { command } from "../../src/host/commands/dlms.js";
import { captureOutput } from "../support/captured-output.js";
import { type RecordedServer, startRecordedServer } from "../support/recorded-c-server.js";

let server: RecordedServer | undefined;
const output = captureOutput();

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function run(...words: string[]): Promise<number> {
  const [action = "", ...rest] = words;
  return command.run([action, `127.0.0.1:${server?.port}`, ...rest]);
}

const low = ["--client", "17", "--password", "Gurux"];
const deviceName = "sap1/1:0-0:42.0.0*255/2";

describe("the dlms command at the C server", () => {
  it("reads, in words and as JSON", async () => {
    server = await startRecordedServer(["c-lls-ldn"]);
    expect(await run("read", deviceName, ...low)).toBe(0);
    expect(output.out).toBe(`${deviceName} = "47525830303030303030313233343536" "GRX0000000123456" (octet-string)\n`);
    output.out = "";
    expect(await run("read", deviceName, "--json", ...low)).toBe(0);
    expect(JSON.parse(output.out)).toMatchObject({ address: deviceName, value: "47525830303030303030313233343536" });
    expect(output.told).toBe("");
  });

  it("lists the objects, and goes on where there is no SAP list", async () => {
    server = await startRecordedServer(["c-lls-object-list"]);
    expect(await run("list", "--all", ...low)).toBe(0);
    // "52 objects", says the record.
    expect(output.out.trimEnd().split("\n")).toHaveLength(52);
    expect(output.out).toContain("sap1/0-0:40.0.0*255  class 15 version 2 Association LN\n");
    expect(output.told).toBe("the SAP list cannot be read (object-undefined): taking sap1 alone\n");
    output.out = "";
    expect(await run("list", "--device", "sap1", "--json", ...low)).toBe(0);
    expect(JSON.parse(output.out.split("\n")[0] ?? "")).toMatchObject({ classId: 15, logicalName: "0-0:40.0.0*255" });
  });

  it("reads all that may be read: what is refused comes with its error, and the rest follows", async () => {
    server = await startRecordedServer(["c-lls-object-list", "c-lls-ldn"]);
    expect(await run("read", "--all", "--device", "sap1", ...low)).toBe(1);
    // Recorded are the object list and the name; all else is undefined there.
    expect(
      output.out
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual(["sap1/15:0-0:40.0.0*255/2", deviceName]);
    expect(output.told.trimEnd().split("\n").length).toBeGreaterThan(100);
    expect(output.told).toContain("sap1/15:0-0:40.0.0*255/3: object-undefined\n");
    output.out = "";
    expect(await run("read", "--all", "--device", "sap1", "--json", ...low)).toBe(1);
    const items = output.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { address: string; value: unknown; error?: string });
    expect(items.filter(({ error }) => error === undefined)).toHaveLength(2);
    expect(items.find(({ error }) => error !== undefined)).toMatchObject({ value: null, error: "object-undefined" });
  });

  it("says why it is not let in, without the password", async () => {
    server = await startRecordedServer(["c-lls-wrong-password"]);
    await expect(run("read", deviceName, "--client", "17", "--password", "wrong")).rejects.toThrow(
      "association rejected: result 1, user diagnostic 13: is the client known there, and are password and keys right?",
    );
    expect(output.out + output.told).not.toContain("wrong");
    expect(server.received).toHaveLength(1);
  });

  it("tells how far it is, and ends at SIGINT, while an answer is awaited", async () => {
    // The object list goes silent behind its second block: 474 and 464 octets by then.
    server = await startRecordedServer(["c-lls-object-list"], "c002c100000002");
    const { received } = server;
    const running = run("list", "--device", "sap1", ...low, "--timeout", "3600");
    await vi.waitFor(() => expect(received.at(-1)).toBe("c002c100000002"), 10_000);
    await vi.waitFor(() => expect(output.told).toMatch(/^938 bytes of an answer so far; Ctrl-C ends$/m), 20_000);
    process.emit("SIGINT");
    await expect(running).rejects.toThrow("cancelled");
    expect(received.at(-1)).toBe("c002c100000002");
  });

  it("gives up an answer that does not come, and does not take it for the next", async () => {
    server = await startRecordedServer(["c-lls-object-list", "c-lls-ldn"], "c001c1000f0000280000ff03");
    expect(await run("read", "--all", "--device", "sap1", ...low, "--timeout", "3")).toBe(1);
    expect(output.told).toContain("sap1/15:0-0:40.0.0*255/3: 127.0.0.1:");
    expect(output.told).toContain("no answer within 3000 ms");
    expect(output.out).toContain("GRX0000000123456");
    // A second association after the one that was given up.
    expect(server.received.filter((apdu) => apdu.startsWith("60"))).toHaveLength(2);
  });
});

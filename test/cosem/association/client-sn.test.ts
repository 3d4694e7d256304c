/** Our client with short names: the recorded dialogues, and whatever our server has, in blocks too. */
import { describe, expect, it } from "vitest";
import {
  type ClientAssociation,
  type ClientEvent,
  classById,
  createClientAssociation,
  createShortNameClient,
  type Data,
  decodeReadRequest,
  decodeReadResponse,
  decodeWriteRequest,
  fromHex,
  logicalName,
  offeredShortNameConformance,
  readObjectList,
  Secret,
  ServiceFailed,
  toHex,
  type VariableAccess,
} from "../../../cosem/index.js";
import { fixtureRows } from "../../support/dlms-fixture.js";
import { createLoopback } from "../../support/dlms-loopback.js";
import { shortNameTranscripts, type Transcript } from "../../support/dlms-transcripts.js";

const password = new Secret(new TextEncoder().encode("12345678"));
const references = (variables: readonly VariableAccess[]) =>
  variables.flatMap((access) => (access.kind === "variable" ? [access.variable] : []));

/** Asks what the recorded client asked. */
function ask(client: ClientAssociation, apdu: string): readonly ClientEvent[] {
  const bytes = fromHex(apdu);
  switch (bytes[0]) {
    case 0x60:
      return client.open();
    case 0x62:
      return client.release();
    case 0x06: {
      const { variables, values } = decodeWriteRequest(bytes);
      return client.write(references(variables), values);
    }
    default:
      return client.read(references(decodeReadRequest(bytes).variables));
  }
}

function resultOf(events: readonly ClientEvent[]): unknown {
  const [event] = events;
  if (event?.kind === "gotten" || event?.kind === "written") return event.results;
  return event?.kind;
}

describe("recorded dialogues", () => {
  it.each(shortNameTranscripts)("$name", (transcript: Transcript) => {
    const client = createClientAssociation({
      applicationContext: 2,
      proposedConformance: 0x1c0320,
      ...(transcript.parameters["auth"] === "low" ? { password } : {}),
    });
    const { steps } = transcript;
    for (const [index, step] of steps.entries()) {
      if (step.direction === "<") continue;
      const sent = ask(client, step.apdu).map((event) => event.kind === "send" && toHex(event.apdu));
      expect(sent).toEqual([step.apdu]);
      const answer = steps[index + 1]?.apdu ?? "";
      const result = resultOf(client.receive(fromHex(answer)));
      if (answer.startsWith("0c")) expect(result).toEqual(decodeReadResponse(fromHex(answer)).items);
      else if (answer.startsWith("0d"))
        expect(result).toEqual([answer === "0d0100" ? 0 : Number(`0x${answer.slice(6)}`)]);
      else expect(result).toBe(answer.startsWith("61") ? "opened" : "released");
    }
  });
});

const attribute = (classId: number, name: string, attributeIndex: number) => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex,
  selectiveAccess: undefined,
});
const profile = attribute(7, "1-0:99.1.0*255", 2);
const text = attribute(1, "0-0:96.1.1*255", 2);
const rows: Data = { type: "array", value: fixtureRows.map((value) => ({ type: "structure", value })) };
const shortNames = { applicationContext: 2, conformance: offeredShortNameConformance } as const;

async function opened(
  options: Parameters<typeof createLoopback>[0] = {},
  policy: Parameters<typeof createLoopback>[1] = {},
) {
  const loopback = createLoopback({ applicationContext: 2, ...options }, { ...shortNames, ...policy });
  await loopback.client.open();
  return { ...loopback, objects: createShortNameClient(loopback.client, classById) };
}

describe("a client of objects", () => {
  it.each([48, 64, 128, 1024, 0])("reads object list and profile with a PDU of %i", async (maxReceivePduSize) => {
    const { client, objects, trace } = await opened({ maxReceivePduSize });
    expect(client.association.negotiated?.vaaName).toBe(0xfa00);
    expect(await objects.get(profile)).toEqual({ kind: "data", data: rows });
    expect((await objects.objects()).find(({ classId }) => classId === 12)?.baseName).toBe(-1536);
    const longest = Math.max(...trace.filter(({ direction }) => direction === "<").map(({ apdu }) => apdu.length));
    if (maxReceivePduSize !== 0) expect(longest).toBeLessThanOrEqual(maxReceivePduSize);
  });

  it("reads by entry, and a list with errors in it", async () => {
    const { objects } = await opened();
    const unsigned = (type: "double-long-unsigned" | "long-unsigned", value: number) => ({ type, value }) as const;
    const parameters: Data = {
      type: "structure",
      value: [
        unsigned("double-long-unsigned", 3),
        unsigned("double-long-unsigned", 3),
        unsigned("long-unsigned", 1),
        unsigned("long-unsigned", 0),
      ],
    };
    const row = rows.type === "array" ? rows.value.slice(2, 3) : [];
    expect(
      await objects.getList([
        attribute(3, "8-0:99.0.0*255", 2),
        { ...profile, selectiveAccess: { selector: 2, parameters } },
        attribute(3, "8-0:1.0.0*255", 9),
        attribute(3, "8-0:1.0.0*255", 2),
      ]),
    ).toEqual([
      { kind: "error", error: 4 },
      { kind: "data", data: { type: "array", value: row } },
      { kind: "error", error: 4 },
      { kind: "data", data: { type: "double-long-unsigned", value: 103_000 } },
    ]);
  });

  it.each([64, 1024])("writes long values where the server takes %i bytes", async (maxReceivePduSize) => {
    const { objects } = await opened({}, { maxReceivePduSize });
    const value: Data = { type: "octet-string", value: Uint8Array.from({ length: 300 }, (_, index) => index & 0xff) };
    expect(await objects.set(text, value)).toBe(0);
    expect(await objects.get(text)).toEqual({ kind: "data", data: value });
    expect(await objects.set(attribute(1, "0-0:42.0.0*255", 2), value)).toBe(3);
    expect(await objects.setList([attribute(1, "0-0:99.0.0*255", 2), text], [value, value])).toEqual([4, 0]);
  });

  it("reads many variables in a request of blocks", async () => {
    const { objects } = await opened({}, { maxReceivePduSize: 64 });
    const many = Array.from({ length: 40 }, () => attribute(3, "8-0:1.0.0*255", 2));
    const results = await objects.getList(many);
    expect(results).toHaveLength(40);
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  it("calls methods: by WRITE, and by READ where something comes back", async () => {
    const { client, objects } = await opened();
    const execute = { classId: 9, logicalName: logicalName("0-0:10.0.106*255"), methodIndex: 1 };
    expect(await objects.invoke(execute, { type: "long-unsigned", value: 1 })).toEqual({
      result: 0,
      returned: undefined,
    });
    expect((await objects.invoke(execute, { type: "long-unsigned", value: 9 })).result).toBe(13);
    const wanted = {
      type: "structure",
      value: [
        { type: "long-unsigned", value: 3 },
        { type: "octet-string", value: fromHex("0800010000ff") },
        { type: "integer", value: 2 },
      ],
    } as const;
    const readByLogicalName = { classId: 12, logicalName: logicalName("0-0:40.0.0*255"), methodIndex: 3 };
    expect(await objects.invoke(readByLogicalName, { type: "array", value: [wanted] })).toEqual({
      result: 0,
      returned: { kind: "data", data: { type: "array", value: [{ type: "double-long-unsigned", value: 103_000 }] } },
    });
    expect((await objects.invoke({ ...execute, methodIndex: 7 })).result).toBe(4);
    await client.release();
  });

  it("authenticates by the four passes of MD5", async () => {
    const secret = { password, mechanism: 3, random: (count: number) => new Uint8Array(count).fill(0x5a) } as const;
    const server = {
      mechanism: 3,
      secret: password,
      random: (count: number) => new Uint8Array(count).fill(0xa5),
    } as const;
    const { objects } = await opened(secret, server);
    expect((await objects.get(profile)).kind).toBe("data");
    const wrong = { ...secret, password: new Secret(new TextEncoder().encode("87654321")) };
    await expect(opened(wrong, server)).rejects.toThrow("rejected");
  });

  it("is told of a service error", async () => {
    const { client } = await opened({ proposedConformance: 0x080000 });
    await expect(client.read([{ variableName: 0xfd08, parameterizedAccess: undefined }])).rejects.toThrow(
      ServiceFailed,
    );
  });
});

describe("a driver with short names", () => {
  it("gets, sets and invokes by class and logical name, and shows the object list as Association LN has it", async () => {
    const { client } = createLoopback({ applicationContext: 2, classOf: classById }, shortNames);
    await client.open();
    expect(await client.get(profile)).toEqual({ kind: "data", data: rows });
    expect(await client.set(text, { type: "octet-string", value: Uint8Array.of(7) })).toBe(0);
    expect(await client.getList([text])).toEqual([
      { kind: "data", data: { type: "octet-string", value: Uint8Array.of(7) } },
    ]);
    const execute = { classId: 9, logicalName: logicalName("0-0:10.0.106*255"), methodIndex: 1 };
    expect((await client.invoke(execute, { type: "long-unsigned", value: 1 })).result).toBe(0);
    const list = await client.get(attribute(15, "0-0:40.0.0*255", 2));
    const objects = list.kind === "data" ? readObjectList(list.data) : [];
    expect(objects.map(({ classId }) => classId)).toContain(12);
    expect(objects.find(({ logicalName: name }) => name === "1-0:99.1.0*255")).toMatchObject({
      classId: 7,
      version: 1,
    });
  });
});

describe("answers that cannot be used", () => {
  it.each([
    ["another number of results", ["0c0200110500" + "1105"]],
    ["a block out of order", ["0c010200000201" + "01"]],
    ["an acknowledgement of nothing", ["0c01030001"]],
    ["blocks among results", ["0c02" + "001105" + "030001"]],
    ["a write-response", ["0d0100"]],
    ["blocks in blocks", ["0c010201000104" + "01030001"]],
  ])("%s", (_, [answer = ""]) => {
    const client = createClientAssociation({ applicationContext: 2 });
    client.open();
    client.receive(fromHex("6129a109060760857405080102a203020100a305a103020100be10040e0800065f1f04001c03200400fa00"));
    client.read([{ variableName: 0xfd08, parameterizedAccess: undefined }]);
    expect(client.receive(fromHex(answer)).map(({ kind }) => kind)).toEqual(["failed"]);
  });
});

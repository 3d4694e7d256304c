import { describe, expect, it } from "vitest";
import {
  type AccessContext,
  createAssociation,
  createLogicalDevice,
  createPushSetup,
  type Data,
  logicalName,
} from "../../../cosem/index.js";
import { createKeptWrites } from "../../../src/host/management/kept-writes.js";
import { recordingLogger } from "../../support/recording-logger.js";

const name = logicalName("0-4:25.9.0*255");
const numberOfRetries = 6;
const three: Data = { type: "unsigned", value: 3 };

function gateway(states: Map<string, string>, isBroken = false) {
  const logger = recordingLogger();
  const keptWrites = createKeptWrites({
    logger,
    store: {
      statesWithPrefix: async (prefix) => new Map([...states].filter(([key]) => key.startsWith(prefix))),
      async setState(key, value) {
        if (isBroken) throw new Error("disk full");
        states.set(key, value);
      },
    },
  });
  const setup = keptWrites.keep(createPushSetup({ logicalName: name, changed: () => undefined }));
  const device = createLogicalDevice({ name: "XXX00000001", sap: 1, kind: "management", objects: [setup] });
  const association = createAssociation({ name: "management", clientSap: 1, rules: [{ access: "declared" }] });
  const context: AccessContext = {
    principal: { association, user: "test", door: "test", peer: "test" },
    device,
    selectiveAccess: undefined,
  };
  return { setup, device, context, keptWrites, logger };
}

describe("what was written to a setup object", () => {
  it("is there again after a restart", async () => {
    const states = new Map<string, string>();
    const first = gateway(states);
    expect(await first.setup.write(numberOfRetries, three, first.context)).toEqual({ ok: true });
    const second = gateway(states);
    await second.keptWrites.restore(second.device);
    expect(await second.setup.read(numberOfRetries, second.context)).toEqual({ ok: true, value: three });
    // What was restored stays kept when another attribute is written.
    await second.setup.write(7, { type: "long-unsigned", value: 60 }, second.context);
    const third = gateway(states);
    await third.keptWrites.restore(third.device);
    expect(await third.setup.read(numberOfRetries, third.context)).toEqual({ ok: true, value: three });
  });

  it("is refused and put back where it cannot be kept", async () => {
    const { setup, context, logger } = gateway(new Map(), true);
    expect(await setup.write(numberOfRetries, three, context)).toEqual({ ok: false, refusal: "hardwareFault" });
    expect(await setup.read(numberOfRetries, context)).toEqual({ ok: true, value: { type: "unsigned", value: 0 } });
    expect(logger.lines.map(({ level }) => level)).toEqual(["error"]);
  });

  it("is left out, and told of, where it is no longer taken", async () => {
    const states = new Map([["object.written/40:0-4:25.9.0*255", JSON.stringify({ 6: "0600000001", 7: "12003c" })]]);
    const { setup, device, context, keptWrites, logger } = gateway(states);
    await keptWrites.restore(device);
    expect(await setup.read(numberOfRetries, context)).toEqual({ ok: true, value: { type: "unsigned", value: 0 } });
    expect(await setup.read(7, context)).toEqual({ ok: true, value: { type: "long-unsigned", value: 60 } });
    expect(logger.lines.map(({ message }) => message)).toEqual(["a kept value is no longer taken"]);
  });
});

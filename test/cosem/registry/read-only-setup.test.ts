import { expect, it } from "vitest";
import { createNtpSetup, logicalName, ntpAuthenticationMethod } from "../../../cosem/index.js";

it("a hidden attribute that cannot be written has no access, and no value of its own", () => {
  const setup = createNtpSetup({
    logicalName: logicalName("0-0:25.10.0*255"),
    values: () => ({
      activated: false,
      serverAddress: "",
      serverPort: 123,
      authenticationMethod: ntpAuthenticationMethod.none,
      authenticationKeys: [],
      clientKey: Uint8Array.of(1, 2, 3),
    }),
  });
  expect(setup.offer?.attributes[7]).toBe(0);
  const context = {} as Parameters<typeof setup.read>[1];
  expect(setup.read(7, context)).toEqual({ ok: false, refusal: "readWriteDenied" });
});

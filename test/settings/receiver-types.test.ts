import { expect, it } from "vitest";
import { receiverTypes } from "../../src/mbus/index.js";
import { receiverTypeNames } from "../../src/settings/index.js";

it("settings name every driver, and no other", () => {
  expect(Object.keys(receiverTypes)).toEqual([...receiverTypeNames]);
});

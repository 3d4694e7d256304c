import { describe, expect, it } from "vitest";
import { applicationContextName, decodeAarq, encodeAarq, toHex } from "../../../cosem/index.js";

/** [9] EXPLICIT INTEGER of an AARQ, by X.690: A9, length, 02, length, two's complement. */
describe("calling-AE-invocation-id", () => {
  it.each([
    [7, "a903020107"],
    [200, "a904020200c8"],
  ])("%i is written and read", (userId, member) => {
    const aarq = encodeAarq({
      hasProtocolVersion1: true,
      applicationContextName: applicationContextName(1),
      callingApTitle: undefined,
      callingAeQualifier: undefined,
      callingAeInvocationId: userId,
      requiresAuthentication: false,
      mechanismName: undefined,
      callingAuthenticationValue: undefined,
      userInformation: undefined,
    });
    const contents = `a109060760857405080101${member}`;
    expect(toHex(aarq)).toBe(`60${(contents.length / 2).toString(16).padStart(2, "0")}${contents}`);
    expect(decodeAarq(aarq).callingAeInvocationId).toBe(userId);
  });
});

import { describe, expect, it } from "vitest";
import { classById, interfaceClasses } from "../../../cosem/index.js";

/** IEC 62056-6-2: attributes and methods of each class in the order of their indexes, all counting from 1. */
const standard = {
  "1/0": ["logicalName value", ""],
  "3/0": ["logicalName value scalerUnit", "reset"],
  "4/0": ["logicalName value scalerUnit status captureTime", "reset"],
  "7/1": [
    "logicalName buffer captureObjects capturePeriod sortMethod sortObject entriesInUse profileEntries",
    "reset capture",
  ],
  "8/0": [
    "logicalName time timeZone status daylightSavingsBegin daylightSavingsEnd daylightSavingsDeviation daylightSavingsEnabled clockBase",
    "adjustToQuarter adjustToMeasuringPeriod adjustToMinute adjustToPresetTime presetAdjustingTime shiftTime",
  ],
  "15/1": [
    "logicalName objectList associatedPartnersId applicationContextName xdlmsContextInfo authenticationMechanismName secret associationStatus securitySetupReference",
    "replyToHlsAuthentication changeHlsSecret addObject removeObject",
  ],
  "17/0": ["logicalName sapAssignmentList", "connectLogicalDevice"],
} as const;

const names = (list: readonly (readonly [string, unknown] | undefined)[]) =>
  list
    .slice(1)
    .map((entry) => entry?.[0])
    .join(" ");

describe("the list of classes", () => {
  it.each(Object.entries(standard))(
    "class %s has the attributes and methods of the standard",
    (key, [attributes, methods]) => {
      const [classId, version] = key.split("/").map(Number);
      const interfaceClass = classById(classId ?? 0, version);
      expect(names(interfaceClass?.attributeAt ?? [])).toBe(attributes);
      expect(names(interfaceClass?.methodAt ?? [])).toBe(methods);
      expect(classById(classId ?? 0)).toBe(interfaceClass);
    },
  );

  it("holds nothing else", () => {
    expect(interfaceClasses.map(({ classId, version }) => `${classId}/${version}`).sort()).toEqual(
      Object.keys(standard).sort(),
    );
    expect(classById(15, 3)).toBeUndefined();
    expect(classById(9999)).toBeUndefined();
  });

  it("never lets a secret be read", () => {
    expect(classById(15)?.attributeAt[7]?.[1].access).toBe("set");
  });
});

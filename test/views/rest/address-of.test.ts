import { expect, it } from "vitest";
import { type CosemObject, type LogicalDevice, logicalName, parseAddress } from "../../../cosem/index.js";
import { addressOf } from "../../../src/views/rest/value-json.js";

it("writes the class where another object answers to the bare OBIS code, so that the address leads back", () => {
  const object = (classId: number, obis: string) =>
    ({ interfaceClass: { classId }, logicalName: logicalName(obis) }) as CosemObject;
  const objects = [object(8, "0-0:1.0.0*255"), object(1, "0-0:1.0.0*255"), object(4, "6-0:1.0.0*255")];
  const device: LogicalDevice = {
    name: "KAM1234567890804",
    sap: 16,
    kind: "meter",
    objects: () => objects,
    find: (name, classId) =>
      objects.find(
        ({ logicalName: own, interfaceClass }) =>
          own === name && (classId === undefined || classId === interfaceClass.classId),
      ),
  };
  expect(objects.map((each) => addressOf(device, each, 2))).toEqual([
    "KAM1234567890804/0-0:1.0.0*255/2",
    "KAM1234567890804/1:0-0:1.0.0*255/2",
    "KAM1234567890804/6-0:1.0.0*255/2",
  ]);
  for (const each of objects) {
    const address = parseAddress(addressOf(device, each));
    expect(address && device.find(address.logicalName, address.classId)).toBe(each);
  }
});

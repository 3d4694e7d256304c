import {
  type CosemObject,
  createObject,
  type Data,
  DataClass,
  encodeData,
  logicalName,
  nullData,
  refused,
} from "../../../cosem/index.js";

const longestTestValue = 256;
const name = logicalName("0-0:96.1.4*255");

/**
 * What a head-end writes here it reads back, to try SET without touching anything else; forgotten at the end.
 * @param isWritable  false: it is null-data for good
 */
export function createTestObject(isWritable: boolean): CosemObject {
  if (!isWritable) return createObject(DataClass, name, { attributes: { value: nullData } });
  let kept: Data = nullData;
  return createObject(DataClass, name, {
    attributes: {
      value: {
        get: () => kept,
        set: (value) => {
          if (encodeData(value).length > longestTestValue) return refused.scopeOfAccessViolated;
          kept = value;
          return undefined;
        },
      },
    },
  });
}

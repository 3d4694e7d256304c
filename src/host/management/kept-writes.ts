/**
 * What head-ends write to setup objects outlives the process: each attribute that was taken is kept in the database as
 * it came, and written again at the next start.
 */
import {
  accessRequestProtection,
  type CosemObject,
  createAssociation,
  type Data,
  decodeData,
  encodeData,
  fromHex,
  type LogicalDevice,
  type Principal,
  refused,
  toHex,
  type WriteResult,
} from "../../../cosem/index.js";
import type { Logger, ReadingStore } from "../../ports/index.js";

export interface KeptWritesParts {
  readonly store: Pick<ReadingStore, "statesWithPrefix" | "setState">;
  readonly logger: Logger;
}

export interface KeptWrites {
  /** The same object, whose writes are kept. */
  keep<O extends CosemObject>(object: O): O;
  /** Writes again what was kept of all these objects. */
  restore(device: LogicalDevice): Promise<void>;
}

/** Who writes at the start: what was written once was allowed then. */
const restorer: Principal = {
  association: createAssociation({ name: "kept settings", clientSap: undefined, rules: [{ access: "declared" }] }),
  user: "",
  door: "settings",
  peer: "settings",
  protection: accessRequestProtection,
};

interface Entry {
  readonly object: CosemObject;
  /** Octets as hex by attribute index. */
  readonly values: Map<number, string>;
}

export function createKeptWrites({ store, logger }: KeptWritesParts): KeptWrites {
  const entries: Entry[] = [];

  async function remember({ object, values }: Entry, attributeIndex: number, value: Data): Promise<boolean> {
    const before = values.get(attributeIndex);
    values.set(attributeIndex, toHex(encodeData(value)));
    try {
      await store.setState(keyOf(object), JSON.stringify(Object.fromEntries(values)));
      return true;
    } catch (error) {
      if (before === undefined) values.delete(attributeIndex);
      else values.set(attributeIndex, before);
      logger.error("what was written could not be kept", { object: keyOf(object), error: String(error) });
      return false;
    }
  }

  return {
    keep(object) {
      const entry: Entry = { object, values: new Map() };
      entries.push(entry);
      return {
        ...object,
        async write(attributeIndex, value, context): Promise<WriteResult> {
          const former = await object.read(attributeIndex, context);
          const result = await object.write(attributeIndex, value, context);
          if (!result.ok || (await remember(entry, attributeIndex, value))) return result;
          if (former.ok && former.value.type !== "array-stream") {
            await object.write(attributeIndex, former.value, context);
          }
          return refused.hardwareFault;
        },
      };
    },
    async restore(device) {
      const kept = await store.statesWithPrefix(prefix);
      for (const { object, values } of entries) {
        const text = kept.get(keyOf(object));
        if (text === undefined) continue;
        for (const [index, hex] of Object.entries(JSON.parse(text) as Record<string, string>)) {
          const context = { principal: restorer, device, selectiveAccess: undefined };
          try {
            const result = await object.write(Number(index), decodeData(fromHex(hex)), context);
            if (!result.ok) throw new Error(result.refusal);
            values.set(Number(index), hex);
          } catch (error) {
            logger.warn("a kept value is no longer taken", {
              object: keyOf(object),
              attribute: index,
              error: String(error),
            });
          }
        }
      }
    },
  };
}

const prefix = "object.written/";

function keyOf({ interfaceClass, logicalName }: CosemObject): string {
  return `${prefix}${interfaceClass.classId}:${logicalName}`;
}

import fc from "fast-check";
import { expect, it } from "vitest";
import { PayloadPool } from "../../src/mapping/payload-pool.js";

it("keeps each payload as it was, whatever is kept or changed after it", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 40 }), (payloads) => {
      const pool = new PayloadPool();
      const expected = payloads.map((payload) => [...payload]);
      const kept = payloads.map((payload) => pool.keep(payload));
      for (const payload of payloads) payload.fill(0xee);
      expect(kept.map((payload) => [...payload])).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

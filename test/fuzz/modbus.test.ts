import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../cosem/index.js";
import { createRegistry } from "../../cosem/registry/index.js";
import { createRequestAnswerer } from "../../src/views/modbus/answer.js";
import { AnswerBuffer } from "../../src/views/modbus/answer-buffer.js";
import { ModbusStreamDecoder } from "../../src/views/modbus/frame.js";
import { readRegisterMap } from "../../src/views/modbus/index.js";
import { createRegisterSpace } from "../../src/views/modbus/register-space.js";
import { manualClock } from "../support/manual-clock.js";
import { meterDevice, modbusPrincipal, registerObject, u32 } from "../views/modbus/fixture.js";

const frame = fc
  .tuple(fc.integer({ min: 0, max: 65535 }), fc.uint8Array({ minLength: 2, maxLength: 254 }))
  .map(([transactionId, body]) =>
    Uint8Array.of(transactionId >> 8, transactionId & 0xff, 0, 0, 0, body.length, ...body),
  );
const stream = fc
  .array(fc.oneof({ weight: 5, arbitrary: frame }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) }), {
    maxLength: 8,
  })
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

function decodeAll(chunks: readonly Uint8Array[]) {
  const decoder = new ModbusStreamDecoder();
  const requests = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  return {
    requests: requests.map(({ transactionId, unitId, functionCode, data }) =>
      [transactionId, unitId, functionCode, toHex(data)].join(" "),
    ),
    broken: decoder.broken?.message,
  };
}

describe("any bytes on the Modbus door", () => {
  it("give requests or a DecodeError, and cutting the stream elsewhere changes nothing", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(2000), { maxLength: 6 }), (bytes, cuts) => {
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index] ?? 0, end));
        expect(decodeAll(chunks)).toEqual(decodeAll([bytes]));
      }),
    );
  });

  it("get one well-formed answer a request", () => {
    const registry = createRegistry({ onListenerError: () => {} });
    registry.addDevice(meterDevice(16, "TST123456780104", [registerObject("6-0:1.0.0*255", { value: u32(1) }, 0, 30)]));
    const map = readRegisterMap(
      "title: t\nautomatic: { start: 0, registersPerMeter: 10, values: 1, registersPerValue: 10, forms: [{ at: 0, type: s64 }] }\nexamples: [{ type: u16, value: 1, registers: '0001' }]\n",
      "fuzz.yaml",
    );
    const answerer = createRequestAnswerer({
      space: createRegisterSpace({ registry, map }),
      meters: {
        list: () => ({ meters: [], nextAfterSap: undefined, total: 0 }),
        get: () => undefined,
        describe: () => undefined,
        telegrams: () => undefined,
        readings: async () => undefined,
      },
      clock: manualClock(),
      unitId: 1,
      respondOnInvalid: false,
      staleAfterSeconds: 0,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ maxLength: 8 }),
        (unitId, functionCode, data) => {
          const out = new AnswerBuffer(1);
          answerer.answer({ transactionId: 7, unitId, functionCode, data }, modbusPrincipal, out);
          const answer = out.finish();
          expect(answer.length).toBe(6 + (answer[5] ?? 0));
          expect(toHex(answer.subarray(0, 4))).toBe("00070000");
          expect([functionCode, functionCode | 0x80]).toContain(answer[7]);
        },
      ),
    );
  });
});

import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/index.js";
import { AnswerBuffer } from "../../../src/views/modbus/answer-buffer.js";
import { appendException, appendRegisters, ModbusStreamDecoder } from "../../../src/views/modbus/frame.js";

// MODBUS Messaging on TCP/IP Implementation Guide V1.0b, clause 4.4.2: transaction 1501h, unit FFh, one register at 4.
const guideRequest = "15 01 00 00 00 06 FF 03 00 04 00 01";
const guideResponse = "15 01 00 00 00 05 FF 03 02 00 05";

describe("Modbus TCP framing", () => {
  it("reads the request of the implementation guide", () => {
    const [request] = new ModbusStreamDecoder().push(fromHex(guideRequest));
    expect(request).toMatchObject({ transactionId: 0x1501, unitId: 0xff, functionCode: 3 });
    expect(toHex(request?.data ?? new Uint8Array())).toBe("00040001");
  });

  it("writes the response of the implementation guide", () => {
    const [request] = new ModbusStreamDecoder().push(fromHex(guideRequest));
    const out = new AnswerBuffer(1);
    if (request) appendRegisters(out, request, fromHex("0005"));
    expect(toHex(out.finish())).toBe(toHex(fromHex(guideResponse)));
  });

  it("marks an exception with the highest bit of the function code", () => {
    const [request] = new ModbusStreamDecoder().push(fromHex("0001 0000 0006 01 04 0000 0001"));
    const out = new AnswerBuffer(1);
    if (request) appendException(out, request, 2);
    expect(toHex(out.finish())).toBe("000100000003018402");
  });

  it("gives the same requests however the stream is cut", () => {
    const stream = fromHex(guideRequest.repeat(3));
    for (let cut = 0; cut <= stream.length; cut++) {
      const decoder = new ModbusStreamDecoder();
      const requests = [...decoder.push(stream.subarray(0, cut)), ...decoder.push(stream.subarray(cut))];
      expect(requests.map(({ transactionId }) => transactionId)).toEqual([0x1501, 0x1501, 0x1501]);
    }
  });

  it.each([
    ["another protocol", `${guideRequest} 0002 0001 0006 01 03 0000 0001`, "badValue", 14],
    ["a length of one byte", `${guideRequest} 0002 0000 0001 01`, "badLength", 16],
    ["a length over 254", "0002 0000 00FF 01", "lengthOverLimit", 4],
  ])("stops at %s, behind the good requests", (_name, hex, reason, offset) => {
    const decoder = new ModbusStreamDecoder();
    const requests = decoder.push(fromHex(hex));
    expect(requests).toHaveLength(hex.startsWith(guideRequest) ? 1 : 0);
    expect(decoder.broken).toMatchObject({ reason, offset, layer: "mbap" });
    expect(decoder.push(fromHex(guideRequest))).toEqual([]);
  });
});

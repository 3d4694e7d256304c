import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { decodeLinkFrame, encodeLongFrame, LinkSlave, type SlaveMeter } from "../../../src/mbus/index.js";

const address = fromHex("78563412 2440 01 07");
/** 40+5 = 45h */
const nke = "1040054516";
const select = "680b0b6853fd5278563412244001072216";

function slaveWith(parts: Partial<SlaveMeter> = {}): (hex: string) => string {
  let count = 0;
  const slave = new LinkSlave({
    primaryAddress: 5,
    secondaryAddress: address,
    fabricationNumber: address.subarray(0, 4),
    readout: () => {
      count += 1;
      return [Uint8Array.of(0x78, count, 0x1f), Uint8Array.of(0x78, count, 0x0f)];
    },
    ...parts,
  });
  return (hex) => {
    const answer = slave.receive(decodeLinkFrame(fromHex(hex)));
    return answer === undefined ? "" : toHex(answer.bytes);
  };
}
function answer(applicationData: string, at = 5): string {
  return toHex(encodeLongFrame(8, at, fromHex(applicationData)));
}
function send(control: number, to: number, applicationData: string): string {
  return toHex(encodeLongFrame(control, to, fromHex(applicationData)));
}

describe("slave", () => {
  it("answers SND_NKE at its own address, 254, and not at others or 255", () => {
    const ask = slaveWith();
    expect([ask(nke), ask("1040fe3e16"), ask("1040064616"), ask("1040ff3f16"), ask("1040fd3d16")]).toEqual([
      "e5",
      "e5",
      "",
      "",
      "",
    ]);
  });
  it("sends the next telegram for the other frame count bit, and the last again for the same", () => {
    const ask = slaveWith();
    ask(nke);
    // 7b+5 = 80h, 5b+5 = 60h
    expect(ask("107b058016")).toBe(answer("78011f"));
    expect(ask("107b058016")).toBe(answer("78011f"));
    expect(ask("105b056016")).toBe(answer("78010f"));
    expect(ask("105b056016")).toBe(answer("78010f"));
    expect(ask("107b058016")).toBe(answer("78021f"));
  });
  it("starts a new readout after SND_NKE", () => {
    const ask = slaveWith();
    ask("107b058016");
    ask(nke);
    expect(ask("107b058016")).toBe(answer("78021f"));
  });
  it("sends new data whenever the frame count bit is not valid", () => {
    const ask = slaveWith();
    // C = 4B: 4b+5 = 50h
    expect([ask("104b055016"), ask("104b055016")]).toEqual([answer("78011f"), answer("78010f")]);
  });
  it("is selected by its secondary address, with wildcards, and answers at 253", () => {
    const ask = slaveWith();
    expect(ask("107bfd7816")).toBe("");
    for (const selection of ["78563412ffffffff", "7f5fffffffffffff", "ffffffff244001ff", "785634122440ff07"]) {
      expect([selection, ask(send(0x73, 0xfd, `52${selection}`))]).toEqual([selection, "e5"]);
      expect(ask("107bfd7816")).toMatch(/^68/);
    }
  });
  it("is deselected by a selection that does not fit, and by SND_NKE to 253", () => {
    const ask = slaveWith();
    for (const other of ["79563412ffffffff", "ffffffff2340ffff", "ffffffffffff02ff", "ffffffffffffff06"]) {
      expect(ask(select)).toBe("e5");
      expect([other, ask(send(0x53, 0xfd, `52${other}`)), ask("107bfd7816")]).toEqual([other, "", ""]);
    }
    ask(select);
    expect(ask("1040fd3d16")).toBe("e5");
    expect(ask("107bfd7816")).toBe("");
  });
  it("heeds the fabrication number of an enhanced selection", () => {
    const ask = slaveWith();
    expect(ask(send(0x53, 0xfd, "52ffffffffffffffff0c7878563412"))).toBe("e5");
    expect(ask(send(0x53, 0xfd, "52ffffffffffffffff0c7879563412"))).toBe("");
    expect(ask(send(0x53, 0xfd, "52ffffffffffffffff0c78f95fffff"))).toBe("");
    expect(ask(send(0x53, 0xfd, "52ffffffffffffffff0c78f856ffff"))).toBe("e5");
  });
  it("starts anew after each selection, whatever the frame count bit was", () => {
    const ask = slaveWith();
    ask(select);
    expect(ask("107bfd7816")).toBe(answer("78011f"));
    ask(select);
    expect(ask("107bfd7816")).toBe(answer("78021f"));
  });
  it("acknowledges SND_UD and takes a new primary address once", () => {
    const ask = slaveWith();
    expect(ask(send(0x53, 5, "5101fd0800"))).toBe("e5");
    expect(ask(send(0x73, 5, "51017a08"))).toBe("e5");
    expect(ask(nke)).toBe("");
    expect(ask("1040084816")).toBe("e5");
  });
  it("acknowledges REQ_UD1 without alarm and answers it with one", () => {
    // 7a+5 = 7fh
    expect(slaveWith()("107a057f16")).toBe("e5");
    expect(slaveWith({ alarm: () => fromHex("7104") })("107a057f16")).toBe(answer("7104"));
  });
  it("answers with an application error when asked to", () => {
    const ask = slaveWith({ applicationErrorCode: () => 8 });
    expect(ask("107b058016")).toBe(answer("7008"));
  });
  it("hears no other slave", () => {
    const ask = slaveWith();
    expect([ask("e5"), ask(answer("78011f"))]).toEqual(["", ""]);
  });
});

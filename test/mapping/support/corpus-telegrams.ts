/** The good telegrams of both corpora, as application data: wired as sent, wireless opened with their keys. */
import { readFileSync } from "node:fs";
import { fromHex } from "../../../cosem/codec/bytes.js";
import { AesKey, decodeWireless, FragmentReassembler, RememberedFormats } from "../../../src/mbus/index.js";
import { readouts } from "../../mbus/application/support/vectors.js";
import { testFile } from "../../support/repository.js";

interface WirelessItem {
  readonly id: string;
  readonly hex: string;
  readonly key: string | null;
  readonly expect: { readonly kind?: string };
}

export interface CorpusTelegram {
  readonly id: string;
  readonly data: Uint8Array;
}

export function corpusTelegrams(): CorpusTelegram[] {
  return [...readouts(), ...wirelessReadouts()];
}

export function wirelessReadouts(): CorpusTelegram[] {
  const file = readFileSync(testFile("vectors/mbus/corpus-wireless.json"), "utf8");
  const { items } = JSON.parse(file) as { items: WirelessItem[] };
  const formats = new RememberedFormats();
  const fragments = new FragmentReassembler();
  return items.flatMap(({ id, hex, key, expect }) => {
    if (expect.kind !== "wireless") return [];
    const aesKey = key === null ? undefined : new AesKey(fromHex(key));
    const result = decodeWireless(fromHex(hex), { keyFor: () => aesKey, formats, fragments });
    return result.kind === "telegram" ? [{ id, data: result.applicationData }] : [];
  });
}

/**
 * Lines of rtl_433 (-F json or -F csv): its wireless M-Bus decoder gives the telegram as hex in the field `data`. CRCs
 * are taken off in part and the L field may be that of before: it is set right. Levels are relative to full scale, no
 * dBm, and left out.
 */
import { hexBytes } from "./line-splitter.js";
import type { ReceiverDriver, ReceiverEvent } from "./receiver.js";
import { lineDriver } from "./rtl-wmbus.js";
import { leastTelegramBytes, looksLikeTelegram, withRightLength } from "./telegram-bytes.js";

const model = /^Wireless[- ]M-?Bus/i;

export function createRtl433(): ReceiverDriver {
  /** Columns of the CSV, from its first line. */
  let columns: readonly string[] | undefined;
  return lineDriver((line) => {
    if (line.startsWith("{")) return readJson(line);
    const fields = line.split(",");
    if (fields[0] === "time" && fields.includes("model")) {
      columns = fields;
      return [];
    }
    return readCsv(fields, columns);
  });
}

function readJson(line: string): readonly ReceiverEvent[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return [{ kind: "rejected", reason: "cutShort" }];
  }
  const fields = parsed as Readonly<Record<string, unknown>>;
  const { data, mode } = fields;
  if (typeof fields["model"] !== "string" || !model.test(fields["model"]) || typeof data !== "string") return [];
  return telegram(data, typeof mode === "string" ? mode : undefined);
}

function readCsv(fields: readonly string[], columns: readonly string[] | undefined): readonly ReceiverEvent[] {
  if (!fields.some((field) => model.test(field))) return [];
  const named = (name: string) => (columns === undefined ? undefined : fields[columns.indexOf(name)]);
  const hex = named("data") ?? fields.find(isTelegramHex);
  return hex === undefined ? [] : telegram(hex, named("mode"));
}

/** For output whose first line was missed: the one field that can be a telegram. */
function isTelegramHex(field: string): boolean {
  const bytes = field.length < 2 * leastTelegramBytes ? undefined : hexBytes(field);
  return bytes !== undefined && looksLikeTelegram(bytes, 1);
}

function telegram(hex: string, mode: string | undefined): readonly ReceiverEvent[] {
  const bytes = hexBytes(hex);
  if (bytes === undefined) return [{ kind: "rejected", reason: "badHex" }];
  // Old versions gave the data from the CI field on: the sender is lost.
  if (bytes.length < leastTelegramBytes || !looksLikeTelegram(bytes, 1)) {
    return [{ kind: "rejected", reason: "cutShort" }];
  }
  // A telegram whose length is right may be one of format B with its CRC: that is found out later.
  const isWhole = bytes[0] === bytes.length - 1;
  return [
    {
      kind: "telegram",
      bytes: isWhole ? bytes : withRightLength(bytes),
      frameFormat: isWhole ? undefined : "removed",
      rssiDbm: undefined,
      mode: mode === "" ? undefined : mode,
    },
  ];
}

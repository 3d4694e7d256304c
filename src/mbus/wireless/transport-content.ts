/** What stands behind an opened transport header, as records: full, compact, or an error or alarm. */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { throwAlarmStatus, throwApplicationError } from "../application/application-error.js";
import { withoutFillers } from "./fillers.js";
import type { RememberedFormats } from "./formats.js";
import { type TransportLayer, transportLayerName } from "./transport.js";

/**
 * @param data  in plain; that of a format frame is for RememberedFormats.learnFormatFrame()
 * @throws DecodeError `formatUnknown`, `badChecksum`, `truncated` (compact frames), `trailingBytes`;
 *   MeterApplicationError for errors and alarms
 */
export function recordsOf(
  transport: TransportLayer,
  data: Uint8Array,
  formats: RememberedFormats | undefined,
): Uint8Array {
  switch (transport.content) {
    case "full":
      return data;
    case "compact":
      return expandCompact(withoutFillers(data), formats);
    case "error":
      return throwApplicationError(withoutFillers(data), 0);
    case "alarm":
      return throwAlarmStatus(withoutFillers(data), 0);
    default:
      if (data.length === 0) return data;
      throw new DecodeError("trailingBytes", transport.dataOffset, transportLayerName, "no data belongs here");
  }
}

function expandCompact(data: Uint8Array, formats: RememberedFormats | undefined): Uint8Array {
  if (formats !== undefined) return formats.expand(data);
  throw new DecodeError("formatUnknown", 0, "compact frame", "no formats are remembered");
}

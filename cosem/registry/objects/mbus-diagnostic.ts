import { MbusDiagnostic, type MbusLinkStatus } from "../../classes/index.js";
import type { CosemDateTime } from "../../model/cosem-date-time.js";
import type { LogicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";

/** What is known of the link to one meter. */
export interface MbusLink {
  /** dBm without its sign; 0: wired or not known. */
  readonly receivedSignalStrength: number;
  readonly channelId: number;
  readonly linkStatus: MbusLinkStatus;
  readonly broadcastFramesCounter: readonly {
    readonly clientId: number;
    readonly counter: number;
    readonly timeStamp: CosemDateTime;
  }[];
  readonly transmissionsCounter: number;
  readonly fcsOkFramesCounter: number;
  readonly fcsNokFramesCounter: number;
  /** The attribute that changed last, and when. */
  readonly captureTime: { readonly attributeId: number; readonly timeStamp: CosemDateTime };
}

export interface MbusDiagnosticParts {
  /** 0-b:24.9.0*255, b the channel. */
  readonly logicalName: LogicalName;
  link(): MbusLink;
  /** Sets the counters to 0; without it the method is listed without access. */
  readonly reset?: (context: AccessContext) => Answer<undefined | Refused>;
}

/** How the link to a meter fares, live. */
export function createMbusDiagnostic(parts: MbusDiagnosticParts): CosemObject {
  const { reset } = parts;
  const live = <N extends keyof MbusLink>(name: N) => ({ get: () => parts.link()[name] });
  const counter = (name: "transmissionsCounter" | "fcsOkFramesCounter" | "fcsNokFramesCounter") => ({
    get: () => parts.link()[name] >>> 0,
  });
  return createObject(MbusDiagnostic, parts.logicalName, {
    attributes: {
      receivedSignalStrength: live("receivedSignalStrength"),
      channelId: live("channelId"),
      linkStatus: live("linkStatus"),
      broadcastFramesCounter: live("broadcastFramesCounter"),
      transmissionsCounter: counter("transmissionsCounter"),
      fcsOkFramesCounter: counter("fcsOkFramesCounter"),
      fcsNokFramesCounter: counter("fcsNokFramesCounter"),
      captureTime: live("captureTime"),
    },
    methods: { reset: reset && ((_, context) => reset(context)) },
  });
}

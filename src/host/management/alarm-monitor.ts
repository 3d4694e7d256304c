import {
  createInternalReader,
  createRegisterMonitor,
  createScriptPort,
  type Data,
  DataClass,
  logicalName,
  type Principal,
  type RegisterMonitorObject,
  type Registry,
} from "../../../cosem/index.js";
import { type LoggedEvent, standardLog } from "../../mapping/index.js";
import type { Logger } from "../../ports/index.js";

/** 0-0:16.1.0*255: starts scripts when the code of the newest event, or a value of a channel, passes a threshold. */
export interface AlarmMonitor {
  readonly object: RegisterMonitorObject;
  onEvent(event: LoggedEvent): void;
  /** A reading was committed: looks at the watched value where it is another one than the newest event. */
  onReading(): void;
}

const principal: Principal = {
  association: createInternalReader("alarm monitor"),
  user: "",
  door: "monitor",
  peer: "monitor",
};

/** What is watched and what is started is in the management device. */
export function createAlarmMonitor(registry: Registry, logger: Logger): AlarmMonitor {
  const object = createRegisterMonitor({
    logicalName: logicalName("0-0:16.1.0*255"),
    thresholds: [],
    monitoredValue: { classId: DataClass.classId, logicalName: standardLog.id, attributeIndex: 2 },
    actions: [],
    scripts: {
      run(script, cause) {
        const device = registry.device("gateway");
        return device === undefined ? undefined : createScriptPort(device).run(script, cause);
      },
    },
    onRefused: ({ refusal }, threshold) => logger.warn("alarm script refused", { refusal, threshold }),
    changed: () => undefined,
  });
  const isNewestEvent = () => object.monitoredValue().logicalName === standardLog.id;
  const look = async (value: Data) => {
    try {
      await object.look(value);
    } catch (error) {
      logger.error("alarm script failed", { error: String(error) });
    }
  };

  return {
    object,
    onEvent({ code }) {
      if (isNewestEvent()) void look({ type: "long-unsigned", value: code });
    },
    onReading() {
      const device = registry.device("gateway");
      if (device === undefined || isNewestEvent()) return;
      const answer = registry.read({ device, ...object.monitoredValue() }, principal);
      // What stands in memory alone: a profile is no value to be watched.
      if (answer instanceof Promise || !answer.ok || answer.value.type === "array-stream") return;
      void look(answer.value);
    },
  };
}

import { parseArgs } from "node:util";
import { systemClock } from "../../transport/index.js";
import { busesOf } from "../buses.js";
import { type Command, WrongUse } from "../command.js";
import { openDataDirectory } from "../data-directory.js";
import { startGateway } from "../gateway.js";
import { createLogger } from "../logger.js";
import { receiversOf } from "../receivers.js";
import { untilSignal } from "../run-until-signal.js";
import { readSettingsFile } from "../settings-file.js";

const usage = `usage: cosem-gateway run --config FILE [--data DIR] [--read-now]

Reads the meters of the settings file on their interfaces and serves them until SIGINT or SIGTERM.

  --config FILE   settings, YAML; "cosem-gateway settings list" tells them all
  --data DIR      where readings are kept (default ./data)
  --read-now      read all meters once at the start too, without waiting for the schedule`;

export const command: Command = {
  usage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        config: { type: "string" },
        data: { type: "string", default: "data" },
        "read-now": { type: "boolean", default: false },
      },
    });
    if (values.config === undefined) throw new WrongUse("--config FILE is missing");
    const settings = readSettingsFile(values.config);
    const logger = createLogger(settings.logging.level);
    const stopAsked = untilSignal();
    const data = await openDataDirectory(values.data);
    try {
      const gateway = await startGateway({
        settings,
        data,
        buses: busesOf(settings.interfaces, settings.readout),
        receivers: receiversOf(settings.wireless, logger),
        clock: systemClock,
        logger,
        publicClientReadsMeters: false,
        notices: [],
      });
      if (values["read-now"]) gateway.readNow();
      logger.info("gateway started", { meters: settings.meters.length, data: data.path });
      await stopAsked;
      logger.info("gateway stopping");
      await gateway.stop();
    } finally {
      await data.release();
    }
    return 0;
  },
};

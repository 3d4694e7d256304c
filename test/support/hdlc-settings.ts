import type { HdlcDoorParts } from "../../src/host/hdlc-door.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import type { Clock, Logger } from "../../src/ports/index.js";
import { formatProblems, loadSettings } from "../../src/settings/index.js";
import { createDlmsFixture } from "./dlms-fixture.js";
import { recordingLogger } from "./recording-logger.js";

/** What the HDLC door of the host needs, over the transcripts' devices: client 16, no security. `hdlc` is YAML. */
export function hdlcDoorParts(hdlc: string, clock: Clock, logger: Logger = recordingLogger()): HdlcDoorParts {
  const yaml = `identity: { manufacturerId: XYZ, serial: "00000123" }\ndoors: { dlms: { hdlc: ${hdlc} } }`;
  const loaded = loadSettings(yaml, "settings.yaml", settingsChecks);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const fixture = createDlmsFixture();
  return {
    registry: fixture.registry,
    clients: [{ clientSap: 16, association: fixture.association(16), mechanism: 0 }],
    clock,
    logger,
    settings: loaded.settings,
  };
}

/** The Push setups of E7: event log, fraud log, on installation. What they send is still to be built: push() is refused. */
import {
  type CosemObject,
  createPushSetup,
  logicalName,
  type PushPort,
  type PushSetupParts,
  refused,
} from "../../../cosem/index.js";
import type { Logger } from "../../ports/index.js";
import type { ObjectProfile } from "../../settings/index.js";
import type { KeptWrites } from "./kept-writes.js";

export interface PushObjectsParts {
  readonly profile: ObjectProfile;
  readonly keptWrites: KeptWrites;
  readonly logger: Logger;
}

const names = ["0-4:25.9.0*255", "0-8:25.9.0*255", "0-7:25.9.0*255"];

export function createPushObjects({ profile, keptWrites, logger }: PushObjectsParts): readonly CosemObject[] {
  const port: PushPort = {
    push() {
      logger.warn("push refused: reports over DLMS are not there yet");
      return refused.temporaryFailure;
    },
    reset: () => undefined,
    lastConfirmation: () => undefined,
  };
  // A cme3100 is of version 0, and lets nobody write them.
  const form: Pick<PushSetupParts, "version" | "changed"> =
    profile === "cme3100" ? { version: 0 } : { version: 1, changed: () => undefined };
  return names.map((name) => {
    const setup = createPushSetup({ logicalName: logicalName(name), port, ...form });
    return profile === "cme3100" ? setup : keptWrites.keep(setup);
  });
}

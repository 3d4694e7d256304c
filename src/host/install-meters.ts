import type { Mapping, MeterDevice, NewMeter } from "../mapping/index.js";
import type { MeterSettings } from "../settings/index.js";

/**
 * Installs what the settings name and the store does not have yet. A meter found again, by its interface and address,
 * keeps its key and its SAP for life; one that the settings no longer name keeps its history and is not read.
 * @returns the meters that the settings name
 */
export function installMeters(configured: readonly MeterSettings[], mapping: Mapping): Promise<readonly MeterDevice[]> {
  const known = new Map([...mapping.devices()].map((device) => [installationKey(device.row), device]));
  // All at once: the store commits them in one group.
  return Promise.all(
    configured.map(({ interface: interfaceName, position, secondaryAddress, primaryAddress, fabricationNumber }) => {
      const meter = { interfaceName, position, secondaryAddress, primaryAddress, fabricationNumber };
      const found = known.get(installationKey(meter));
      if (found === undefined) return mapping.install(meter);
      found.row = { ...found.row, position };
      return found;
    }),
  );
}

function installationKey(meter: Omit<NewMeter, "position">): string {
  const secondary = meter.secondaryAddress?.toLowerCase() ?? "";
  const address = meter.primaryAddress === undefined ? secondary : `primary ${meter.primaryAddress} ${secondary}`;
  return `${meter.interfaceName}/${address}/${meter.fabricationNumber ?? ""}`;
}

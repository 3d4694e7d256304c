/** REST and web pages: HTTP requests to registry reads. Values come from the registry, words from MeterService. */

export type { GatewayFacts, InstallationServices, RestOptions, UpkeepServices } from "./rest-options.js";
export { createRestView, type RestView } from "./rest-view.js";

/** Serves the fixture's pages for looking at: `node dist/test/support/rest-fixture-server.js [port]`. */
import { join } from "node:path";
import { createRestView } from "../../src/views/rest/index.js";
import { repositoryRoot } from "./repository.js";
import { createFixture } from "./rest-fixture.js";
import { houseOfMeters } from "./rest-fixture-meters.js";
import { systemClock } from "./system-clock.js";

const periodMs = 60_000;
const readings = 14 * 1440;
const fixture = createFixture({
  meters: houseOfMeters(40, readings),
  clock: systemClock,
  firstReadingMs: Math.floor(Date.now() / periodMs) * periodMs - (readings + 1) * periodMs,
  periodMs,
  deviationMinutes: -60,
});
const port = Number(process.argv[2] ?? 8090);
const webRoot = join(repositoryRoot, "dist/web");
const view = createRestView({ ...fixture.options, host: "127.0.0.1", port, webRoot });
await view.start();
process.stdout.write(`http://127.0.0.1:${port}\n`);
let turn = 0;
const timer = setInterval(() => {
  const meter = fixture.meters[turn++ % fixture.meters.length];
  if (meter !== undefined) fixture.commit(meter);
}, 1_500);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    clearInterval(timer);
    void view.stop();
  });
}

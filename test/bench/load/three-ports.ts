/** The bare reference of the start: three listening ports, one of them HTTP's; says so on stdout. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";

const servers = [createHttpServer(), createServer(), createServer()];
await Promise.all(
  servers.map(async (server) => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }),
);
process.stdout.write("doors open\n");

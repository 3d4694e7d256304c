/** The bare reference of REST: one fastify route that answers with a value at hand. Argument: `{"body": …}`; sends `{port}`. */
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { argumentOf, serve } from "./process.js";

const { body } = argumentOf<{ body: unknown }>();
const app = fastify({ logger: false });
app.get("/api/v1/objects/:device/:object/:attribute", async () => body);
await app.listen({ host: "127.0.0.1", port: 0 });
serve({ port: (app.server.address() as AddressInfo).port });

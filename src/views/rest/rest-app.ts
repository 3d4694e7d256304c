import fastifyHelmet from "@fastify/helmet";
import fastifySwagger from "@fastify/swagger";
import fastifySwaggerUi from "@fastify/swagger-ui";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { createAccess } from "./access.js";
import { buildValidator } from "./checks.js";
import { namedSchemas } from "./contract.js";
import { sendProblem } from "./errors.js";
import { createEventHub } from "./event-hub.js";
import { refusesHost } from "./host-check.js";
import { limitPipelining } from "./pipelining.js";
import type { RestOptions } from "./rest-options.js";
import type { RouteContext } from "./route-context.js";
import { addAccountRoutes, addOpenSession, addSessionRoutes } from "./routes/accounts.js";
import { addEventRoute } from "./routes/events.js";
import { addFileRoutes } from "./routes/files.js";
import { addGatewayRoutes } from "./routes/gateway.js";
import { addHistoryRoute } from "./routes/history.js";
import { addJobRoutes } from "./routes/jobs.js";
import { addLicenceRoutes } from "./routes/licences.js";
import { addLogRoutes } from "./routes/log.js";
import { addKeyRoutes } from "./routes/meter-keys.js";
import { addMeterListRoutes } from "./routes/meter-list.js";
import { addCommissionRoute, addSearchRoutes } from "./routes/meter-search.js";
import { addMeterRoutes } from "./routes/meters.js";
import { addObjectRoutes } from "./routes/objects.js";
import { addReadoutRoutes } from "./routes/readouts.js";
import { addReceptionRoutes } from "./routes/receptions.js";
import { addSendRoute } from "./routes/send.js";
import { addSeriesRoutes } from "./routes/series.js";
import { addSettingsRoutes } from "./routes/settings.js";
import { addStorageRoutes } from "./routes/storage.js";
import { addTelegramRoute } from "./routes/telegram.js";
import { createTimes } from "./times.js";
import { addPages } from "./web-pages.js";

const apiRoot = "/api/v1";

/** Limits of the door: what one client can make the process hold. */
const limits = {
  maxConnections: 512,
  bodyLimitBytes: 64 * 1024,
  maxHeaderBytes: 8 * 1024,
  maxParamLength: 128,
  /** For a request to arrive whole. */
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 10_000,
  /** Without any byte in either direction; event streams carry a heartbeat. */
  idleTimeoutMs: 60_000,
} as const;

/** No script but our own files; styles inline because Mantine and uPlot set sizes that way; no other origin. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", "data:"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** The HTTP application without a port: checks, routes, pages. */
export async function createRestApp(options: RestOptions): Promise<FastifyInstance> {
  const { trustedProxies = [] } = options;
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyLimitBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    forceCloseConnections: true,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: limits.maxParamLength },
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: 5_000,
    },
    schemaController: { compilersFactory: { buildValidator } },
    frameworkErrors: (error, request, reply) => sendError(options, error, request, reply as FastifyReply),
  });
  app.server.maxConnections = limits.maxConnections;
  // Answers are made from our own types; a compiled serializer would throw where it only has to write.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.setErrorHandler<FastifyError>((error, request, reply) => sendError(options, error, request, reply));
  limitPipelining(app, options.logger);
  const fixedHeaders = await securityHeaders();
  app.addHook("onRequest", (request, reply, next) => {
    reply.headers(fixedHeaders);
    const refusal = refusesHost(request.headers.host, options);
    if (refusal === undefined) next();
    else void sendProblem(reply, 421, refusal);
  });
  for (const schema of namedSchemas) app.addSchema(schema);
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: `${options.gateway.productName}: REST`,
        version: options.gateway.version,
        description:
          "Meters, their COSEM objects and their history. Every value has one address, `<device>/<OBIS>/<attribute>`, " +
          "the same as over DLMS, Modbus maps and reports. Errors are RFC 9457 problems that say what to do.",
      },
      servers: [{ url: "/" }],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema["$id"] ?? `schema${index}`),
    },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: `${apiRoot}/docs`,
    uiHooks: {
      onRequest(request, reply, next) {
        createAccess(options)
          .identify(request, reply)
          .then(() => (reply.sent ? undefined : next()), next);
      },
    },
    uiConfig: { validatorUrl: null, deepLinking: true, tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
    theme: { title: `${options.gateway.productName}: REST` },
  });
  await app.register((api) => addApi(api, options), { prefix: apiRoot });
  await addPages(app, options);
  return app;
}

/** What helmet sets on an answer. It works that out anew for each one, though it is the same for all: asked once. */
async function securityHeaders(): Promise<Record<string, string>> {
  const once = fastify({ logger: false });
  await once.register(fastifyHelmet, {
    contentSecurityPolicy,
    strictTransportSecurity: false,
    xFrameOptions: { action: "deny" },
  });
  once.get("/", (_request, reply) => reply.send(reply.raw.getHeaders()));
  const answer = await once.inject("/");
  await once.close();
  return answer.json<Record<string, string>>();
}

async function addApi(api: FastifyInstance, options: RestOptions): Promise<void> {
  const { registry, meters, principal, gateway, clock } = options;
  const times = createTimes(gateway.deviationMinutes?.bind(gateway));
  const context: RouteContext = { registry, meters, principal, times, options };
  const routes = api.withTypeProvider<TypeBoxTypeProvider>();
  const access = createAccess(options);
  routes.addHook("onRequest", access.identify);
  routes.addHook("onRequest", access.demandRight);
  // Newest values: never from a cache.
  routes.addHook("onSend", (_request, reply, payload, next) => {
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    next(null, payload);
  });
  // Services record what was to be changed; what was only to be read is recorded here.
  routes.addHook("onResponse", (request, reply, next) => {
    if (reply.statusCode === 403) access.refusedRead(request);
    next();
  });
  routes.get("/openapi.json", { schema: { hide: true } }, async () => api.swagger());
  const { accounts } = options;
  if (accounts === undefined) addOpenSession(routes);
  else {
    addSessionRoutes(routes, context, accounts);
    addAccountRoutes(routes, context, accounts);
  }
  addGatewayRoutes(routes, context);
  addMeterRoutes(routes, context);
  addTelegramRoute(routes, context);
  addObjectRoutes(routes, context);
  addHistoryRoute(routes, context);
  addReceptionRoutes(routes, context);
  addStorageRoutes(routes, context);
  addLogRoutes(routes, context);
  addLicenceRoutes(routes, context);
  addSeriesRoutes(routes, context);
  if (options.jobs !== undefined) addJobRoutes(routes, context, options.jobs);
  if (options.readouts !== undefined) {
    addReadoutRoutes(routes, context, options.readouts);
    addSendRoute(routes, context, options.readouts);
  }
  addSettingsRoutes(routes, context);
  addFileRoutes(routes, context);
  const { installation } = options;
  if (installation !== undefined) {
    addMeterListRoutes(routes, context, installation.list);
    addKeyRoutes(routes, context, installation.keys);
    addSearchRoutes(routes, context, installation.search);
    addCommissionRoute(routes, context, installation.commission);
  }

  const hub = createEventHub({ context, clock, logger: options.logger, maxClients: options.maxEventClients ?? 64 });
  addEventRoute(routes, hub, access);
  const subscription = registry.subscribe((notice) => hub.noticed(notice));
  api.addHook("preClose", async () => {
    subscription.close();
    hub.stop();
  });
}

function sendError(options: RestOptions, error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const status = error.statusCode ?? 500;
  if (status < 500) return sendProblem(reply, status, detailOf(error, request));
  options.logger.error("REST request failed", { method: request.method, url: request.url, error: error.stack });
  // What is stored is damaged: which readings, and what to do; others can be asked for by time.
  const isDamage = (error as { readonly reason?: unknown }).reason === "corrupt";
  return sendProblem(reply, 500, isDamage ? error.message : "the gateway failed to answer; its log has the cause");
}

function detailOf(error: FastifyError, request: FastifyRequest): string {
  const [first] = error.validation ?? [];
  if (first === undefined) return `${error.message}; the calls that exist are at ${apiRoot}/docs`;
  const place = error.validationContext === "params" ? "path" : error.validationContext === "body" ? "body" : "query";
  if (first.keyword === "additionalProperties") {
    const key = String(first.params["additionalProperty"]);
    return `${place} key "${key}" is not known at ${request.routeOptions.url}; known keys are listed at ${apiRoot}/docs`;
  }
  const key = first.instancePath.replace(/^\//, "");
  return `${place} key "${key}" ${first.message ?? "is not valid"}; see ${apiRoot}/docs`;
}

import type { FastifyReply, FastifyRequest } from "fastify";
import type { SettingsService, SettingsView } from "../../../services/settings/contract.js";
import { DryRunQuery, GatewaySettings, NoQuery, SettingsBody, SettingsChanged, SettingsTable } from "../contract.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, principalOf } from "./responses.js";

const tags = ["settings"];

/** GET, PATCH and PUT /settings; GET /settings/table. */
export function addSettingsRoutes(routes: RestRoutes, context: RouteContext): void {
  const settings = context.options.upkeep?.settings;
  if (settings === undefined) return;

  routes.get(
    "/settings",
    {
      schema: {
        tags,
        summary: "The settings, defaults filled in; secrets are never told",
        querystring: NoQuery,
        response: answers(GatewaySettings, "Those of the settings file as it is now.", 403),
      },
    },
    (request, reply) => {
      const answer = settings.read(principalOf(context, request));
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.get(
    "/settings/table",
    {
      schema: {
        tags,
        summary: "Every setting there is, with limits, default and help, and the JSON Schema of all",
        querystring: NoQuery,
        response: answers(SettingsTable, "All of them.", 403),
      },
    },
    (request, reply) => {
      const answer = settings.table(principalOf(context, request));
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const { rows, schema } = answer.value;
      return {
        settings: rows.map((row) => ({ ...row, default: row.default ?? null, logicalName: row.logicalName ?? null })),
        schema,
      } satisfies SettingsTable;
    },
  );

  const schema = (summary: string) => ({
    tags,
    summary,
    querystring: DryRunQuery,
    body: SettingsBody,
    response: answers(SettingsChanged, "What changed, and what waits for a restart.", 403),
  });
  routes.patch(
    "/settings",
    { bodyLimit, schema: schema("Changes some settings: checked as a whole, all or nothing") },
    (request, reply) => change(settings, context, request, reply, false),
  );
  routes.put(
    "/settings",
    { bodyLimit, schema: schema("Replaces all settings: what is not named is the default again") },
    (request, reply) => change(settings, context, request, reply, true),
  );
}

/** 100,000 meters may stand in them. */
const bodyLimit = 16 * 1024 * 1024;

async function change(
  settings: SettingsService,
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  isWhole: boolean,
) {
  const { dryRun: isDryRun = false } = request.query as { dryRun?: boolean };
  const body = request.body as Record<string, unknown>;
  const answer = await settings.change(principalOf(context, request), body, { isWhole, isDryRun });
  if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
  return { ...shown(answer.value), changed: [...answer.value.changed] } satisfies SettingsChanged;
}

function shown({ settings, restartNeeded, warnings }: SettingsView): GatewaySettings {
  return { settings: { ...settings }, restartNeeded: [...restartNeeded], warnings: [...warnings] };
}

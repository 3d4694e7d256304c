import type { LicenceReport } from "../../../services/licences/contract.js";
import { LicenceList } from "../contract/licences.js";
import { NoQuery } from "../contract.js";
import { sendProblem, sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, principalOf } from "./responses.js";
import { addFileBodies, fileBytesOf } from "./table-files.js";

const tags = ["licences"];
const mostBytes = 65_536;

/** GET and POST /licences. */
export function addLicenceRoutes(routes: RestRoutes, context: RouteContext): void {
  const { licences } = context.options;
  if (licences === undefined) return;

  routes.get(
    "/licences",
    {
      schema: {
        tags,
        summary: "What is installed, and what it allows",
        querystring: NoQuery,
        response: answers(LicenceList, "The licences.", 403),
      },
    },
    (request, reply) => {
      const report = licences.report(principalOf(context, request));
      return report.ok ? shown(report.value) : sendServiceRefusal(reply, report.refusal);
    },
  );

  addFileBodies(routes, (scope) => {
    scope.post(
      "/licences",
      {
        schema: {
          tags,
          summary: "Installs a licence file (the body)",
          querystring: NoQuery,
          response: answers(LicenceList, "The licences now.", 403),
        },
      },
      async (request, reply) => {
        const bytes = fileBytesOf(request);
        if (bytes === undefined || bytes.length > mostBytes) {
          return sendProblem(reply, 400, "the body is to be a licence file of at most 64 kB");
        }
        const text = new TextDecoder().decode(bytes);
        const report = await licences.install(principalOf(context, request), text);
        return report.ok ? shown(report.value) : sendServiceRefusal(reply, report.refusal);
      },
    );
  });
}

function shown({ serial, isEnforced, activeMeters, features, installed }: LicenceReport): LicenceList {
  return {
    serial,
    isEnforced,
    activeMeters: activeMeters ?? null,
    features: features === undefined ? null : [...features],
    licences: installed.flatMap(({ licence, fault }) => {
      if (licence === undefined) return [];
      const { format: _format, ...rest } = licence;
      return [{ ...rest, features: [...rest.features], fault: fault ?? null }];
    }),
  };
}

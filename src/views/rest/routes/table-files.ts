/** Files as bodies of requests and answers. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Refusable } from "../../../services/meter-list/contract.js";
import type { ImportReport, WrittenFile } from "../../../services/tables/contract.js";
import type { ImportAnswer } from "../contract/meter-list.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes } from "../route-context.js";

/** As the service's own limit, which says so in better words. */
const maxFileBytes = 17 << 20;

/** Routes whose body is a file, of whatever type the client says it is. */
export function addFileBodies(routes: RestRoutes, add: (scope: RestRoutes) => void): void {
  void routes.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: maxFileBytes }, (_request, body, done) => {
      done(null, body);
    });
    add(scope as RestRoutes);
  });
}

export function fileBytesOf({ body }: FastifyRequest): Uint8Array | undefined {
  return Buffer.isBuffer(body) && body.length > 0 ? new Uint8Array(body) : undefined;
}

export function importJson({ problems, differences, ignoredColumns, ...counts }: ImportReport): ImportAnswer {
  return {
    ...counts,
    ignoredColumns: [...ignoredColumns],
    problems: problems.map(({ line, column, reason }) => ({ line, column: column ?? null, reason })),
    differences: differences.map(({ fields, ...difference }) => ({
      ...difference,
      fields: fields.map((field) => ({ ...field })),
    })),
  };
}

export function sendFile<R extends object>(reply: R, answer: Refusable<WrittenFile>): R {
  if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
  const { name, mediaType, bytes } = answer.value;
  const sending = reply as unknown as FastifyReply;
  void sending
    .type(mediaType)
    .header("content-disposition", `attachment; filename="${name}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return reply;
}

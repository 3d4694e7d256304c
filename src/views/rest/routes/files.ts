import type { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { FileListing, FileService } from "../../../services/files/contract.js";
import {
  FileParams,
  MakeFileBody,
  NewFile,
  NoQuery,
  RemovedFile,
  ResetAnswer,
  ResetBody,
  RestoreBody,
  RestoreReport,
  StoredFile,
  StoredFileList,
} from "../contract.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, principalOf } from "./responses.js";

const tags = ["files"];
const afterRestart = "the gateway starts again now and puts it in place";

/** /files: the repository of configuration files, backups and diagnostics; factory reset. */
export function addFileRoutes(routes: RestRoutes, context: RouteContext): void {
  const files = context.options.upkeep?.files;
  if (files === undefined) return;
  const shown = ({ name, kind, version, madeAtMs, bytes }: FileListing): StoredFile => ({
    name,
    kind,
    version,
    made: context.times.fromMs(madeAtMs),
    bytes,
  });
  addListing(routes, context, files, shown);
  addRestoring(routes, context, files);
  addBytes(routes, context, files, shown);
}

function addListing(
  routes: RestRoutes,
  context: RouteContext,
  files: FileService,
  shown: (file: FileListing) => StoredFile,
): void {
  routes.get(
    "/files",
    {
      schema: {
        tags,
        summary: "The files kept on the gateway, newest first",
        querystring: NoQuery,
        response: answers(StoredFileList, "At most 1000.", 403),
      },
    },
    (request, reply) => {
      const answer = files.list(principalOf(context, request));
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      return { files: answer.value.map(shown) } satisfies StoredFileList;
    },
  );
  routes.post(
    "/files",
    {
      schema: {
        tags,
        summary: "Makes a configuration file, a backup or a diagnostics bundle; secrets only under a passphrase",
        querystring: NoQuery,
        body: MakeFileBody,
        response: answers(NewFile, "The file, and what it leaves out.", 403, 503),
      },
    },
    async (request, reply) => {
      const { kind, passphrase } = request.body;
      const answer = await files.make(principalOf(context, request), kind, passphrase);
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      return { ...shown(answer.value), leftOut: [...answer.value.leftOut] } satisfies NewFile;
    },
  );
  routes.delete(
    "/files/:name",
    {
      schema: {
        tags,
        summary: "Removes a file",
        params: FileParams,
        querystring: NoQuery,
        response: answers(RemovedFile, "It is gone.", 403, 404),
      },
    },
    (request, reply) => {
      const answer = files.remove(principalOf(context, request), request.params.name);
      return answer.ok
        ? ({ removed: request.params.name } satisfies RemovedFile)
        : sendServiceRefusal(reply, answer.refusal);
    },
  );
}

function addRestoring(routes: RestRoutes, context: RouteContext, files: FileService): void {
  routes.post(
    "/files/:name/restore",
    {
      schema: {
        tags,
        summary: "Restores a file, after checking all of it; a dry run changes nothing",
        params: FileParams,
        querystring: NoQuery,
        body: RestoreBody,
        response: answers(RestoreReport, "What is put in place, and what the file does not carry.", 403, 404, 503),
      },
    },
    async (request, reply) => {
      const { passphrase, dryRun: isDryRun = false } = request.body;
      const { name } = request.params;
      const answer = await files.restore(principalOf(context, request), name, { passphrase, isDryRun });
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const { kind, version, madeAt, serial, replaces, leftOut } = answer.value;
      return {
        kind,
        version,
        made: madeAt,
        serial: serial ?? null,
        replaces: [...replaces],
        leftOut: [...leftOut],
        dryRun: isDryRun,
        next: isDryRun ? "nothing was changed" : afterRestart,
      } satisfies RestoreReport;
    },
  );
  routes.post(
    "/factory-reset",
    {
      schema: {
        tags,
        summary: "All settings default; users, keys, readings and logs gone; files and serial number stay",
        querystring: NoQuery,
        body: ResetBody,
        response: answers(ResetAnswer, "It is done at the next start.", 403),
      },
    },
    (request, reply) => {
      const answer = files.reset(principalOf(context, request));
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      return { next: afterRestart } satisfies ResetAnswer;
    },
  );
}

/** Down and up as streams: a backup may be larger than the memory. */
function addBytes(
  routes: RestRoutes,
  context: RouteContext,
  files: FileService,
  shown: (file: FileListing) => StoredFile,
): void {
  routes.get(
    "/files/:name",
    {
      schema: {
        tags,
        summary: "Downloads a file",
        params: FileParams,
        querystring: NoQuery,
        response: { 200: { description: "The .tar.gz.", content: { "application/gzip": { schema: {} } } } },
      },
    },
    (request, reply) => {
      const answer = files.open(principalOf(context, request), request.params.name);
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const { file, bytes } = answer.value;
      void reply
        .type("application/gzip")
        .header("content-length", file.bytes)
        .header("content-disposition", `attachment; filename="${file.name}"`);
      return reply.send(bytes as never);
    },
  );
  void routes.register(async (scope: FastifyInstance) => {
    // The stream as it comes; how much may come is the repository's limit.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.put<{ Params: { name: string }; Body: Readable }>(
      "/files/:name",
      {
        bodyLimit: Number.MAX_SAFE_INTEGER,
        schema: {
          tags,
          summary: "Uploads a file; it is taken in once it is whole and good",
          params: FileParams,
          response: answers(StoredFile, "The file.", 403, 503),
        },
      },
      async (request, reply) => {
        const answer = await files.upload(principalOf(context, request), request.params.name, request.body);
        return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
      },
    );
  });
}

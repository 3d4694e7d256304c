import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Principal } from "../../../cosem/index.js";
import type { MeterContext } from "./meter-json.js";
import type { RestOptions } from "./rest-options.js";

/** Routes know their query and parameters by their schemas. */
export type RestRoutes = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What every route needs. */
export interface RouteContext extends MeterContext {
  readonly options: RestOptions;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who is logged in; set before any route runs. */
    caller?: Principal;
  }
}

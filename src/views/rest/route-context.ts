import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
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

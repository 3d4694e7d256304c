/** How requests are checked: queries and paths are text and made into numbers; bodies are taken as they are. */
import { AjvCompiler } from "@fastify/ajv-compiler";

type BuildValidator = ReturnType<typeof AjvCompiler>;

const build = AjvCompiler();
const common = { removeAdditional: false, useDefaults: true, strict: false } as const;

/** In a body null is null and never 0: coerced, it would make another meter of one whose address is taken away. */
export const buildValidator: BuildValidator = (schemas) => {
  const ofText = build(schemas, { customOptions: { ...common, coerceTypes: true } });
  const ofBody = build(schemas, { customOptions: { ...common, coerceTypes: false } });
  return (route) => (isBody(route) ? ofBody : ofText)(route);
};

function isBody(route: unknown): boolean {
  return (route as { readonly httpPart?: string }).httpPart === "body";
}

/** The unit of an expression: units are never mixed, and never changed silently. */
import { type Expression, ExpressionError, partsOf } from "./expression.js";

/** Units of what goes up and down, of which nothing is used up. */
const momentary: ReadonlySet<string> = new Set([
  "W",
  "VA",
  "var",
  "J/h",
  "m3/h",
  "m3/s",
  "kg/h",
  "°C",
  "K",
  "bar",
  "Pa",
  "V",
  "A",
  "Hz",
  "%",
  "dBm",
]);

/** A number alone fits any unit. */
type Unit = string | undefined;

/**
 * @param unitOf  of a series; throws ExpressionError where there is no such series
 * @throws ExpressionError where units do not go together
 */
export function unitOfExpression(node: Expression, unitOf: (id: string) => string): Unit {
  switch (node.kind) {
    case "number":
      return undefined;
    case "series":
      return unitOf(node.id);
    case "binary": {
      const [left, right] = [unitOfExpression(node.left, unitOf), unitOfExpression(node.right, unitOf)];
      if (node.operator === "*")
        return left === undefined || right === undefined ? (left ?? right) : product(left, right);
      if (node.operator === "/") return right === undefined ? left : ratio(left ?? "", right);
      const unit = common([left, right], `"${node.operator}"`);
      // Two temperatures are apart by kelvins.
      return node.operator === "-" && left === "°C" && right === "°C" ? "K" : unit;
    }
    case "consumption": {
      const unit = unitOfExpression(node.of, unitOf);
      if (unit === undefined || !momentary.has(unit)) return unit;
      throw new ExpressionError(`consumption wants what is counted, not "${unit}"; mean(…, ${node.period}) fits that`);
    }
    case "joined":
      return common(
        partsOf(node).map((part) => unitOfExpression(part, unitOf)),
        "joined",
      );
    default:
      return common(
        partsOf(node).map((part) => unitOfExpression(part, unitOf)),
        node.kind,
      );
  }
}

function product(left: string, right: string): string {
  if (left === "" || right === "") return left + right;
  return `${left}·${right}`;
}

function ratio(left: string, right: string): string {
  if (left === right) return "";
  return right === "" ? left : `${left === "" ? "1" : left}/${right}`;
}

function common(units: readonly Unit[], what: string): Unit {
  const known = units.filter((unit) => unit !== undefined);
  const [first, ...others] = known;
  const other = others.find((unit) => unit !== first);
  if (first === undefined || other === undefined) return first;
  const advice = "multiply one by a factor of its own series first";
  throw new ExpressionError(`${what} mixes ${shown(first)} and ${shown(other)}; ${advice}`);
}

function shown(unit: string): string {
  return unit === "" ? "a number without unit" : `"${unit}"`;
}

/** Whether a factor may have made another unit of it: only then may a definition name its own. */
export function isScaled(node: Expression): boolean {
  return (node.kind === "binary" && (node.operator === "*" || node.operator === "/")) || partsOf(node).some(isScaled);
}

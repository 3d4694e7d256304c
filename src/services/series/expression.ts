/**
 * The language of computed series: numbers, series in brackets, + - * / and a few functions. Read into a tree; nothing of
 * it is ever run as code.
 *
 *     sum([A/1-0:1.8.0], [B/1-0:1.8.0]) / 1000      consumption([A/8-0:1.0.0], day)      mean([A/1-0:16.7.0], hour)
 */

export type Period = "hour" | "day" | "month";
export type FoldName = "sum" | "mean" | "minimum" | "maximum";

export type Expression =
  | { readonly kind: "number"; readonly text: string }
  /** A record's address or the name of a computed series. */
  | { readonly kind: "series"; readonly id: string }
  | { readonly kind: "negate"; readonly of: Expression }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  /** Of several series at each time. */
  | { readonly kind: "fold"; readonly name: FoldName; readonly of: readonly Expression[] }
  /** Of all values of one series in each period. */
  | { readonly kind: "foldPeriod"; readonly name: FoldName; readonly of: Expression; readonly period: Period }
  /** What a counter grew by in each period. */
  | { readonly kind: "consumption"; readonly of: Expression; readonly period: Period }
  /** A meter swap: `before` until the moment, from then on `after` plus the offset. */
  | {
      readonly kind: "joined";
      readonly before: Expression;
      readonly after: Expression;
      readonly atMs: number;
      readonly offset: string;
    };

export type Operator = "+" | "-" | "*" | "/";

/** What is wrong with an expression, and where; columns count from 1. */
export class ExpressionError extends Error {
  readonly column: number | undefined;

  constructor(message: string, offset?: number) {
    super(offset === undefined ? message : `column ${offset + 1}: ${message}`);
    this.name = "ExpressionError";
    this.column = offset === undefined ? undefined : offset + 1;
  }
}

export const longestExpression = 4000;
const deepest = 20;
const mostNodes = 200;

const periods: ReadonlySet<string> = new Set(["hour", "day", "month"]);
const folds: ReadonlySet<string> = new Set(["sum", "mean", "minimum", "maximum"]);
const functionNames = "sum, mean, minimum, maximum, consumption, joined";

type TokenKind = "number" | "series" | "word" | "text" | "sign" | "end";
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

const shape =
  /\s*(?:(?<number>\d+(?:\.\d+)?)|\[(?<series>[^[\]]{1,200})\]|(?<word>[A-Za-z]+)|"(?<text>[^"]{1,40})"|(?<sign>[-+*/(),]))/y;

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let place = 0;
  for (;;) {
    shape.lastIndex = place;
    const match = shape.exec(source);
    const start = place + (/^\s*/.exec(source.slice(place))?.[0].length ?? 0);
    if (match === null) {
      if (start !== source.length)
        throw new ExpressionError(`"${source.slice(start, start + 10)}" is not understood`, start);
      tokens.push({ kind: "end", text: "the end", offset: start });
      return tokens;
    }
    const [kind, text] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? ["end", ""];
    tokens.push({ kind: kind as TokenKind, text: text ?? "", offset: start });
    place = shape.lastIndex;
  }
}

/** @throws ExpressionError */
export function parseExpression(source: string): Expression {
  if (source.length > longestExpression) {
    throw new ExpressionError(
      `an expression has at most ${longestExpression} characters; this one has ${source.length}`,
    );
  }
  return new Parser(tokensOf(source)).whole();
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;
  private nodes = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  whole(): Expression {
    const expression = this.sum();
    this.take("end");
    return expression;
  }

  private peek(): Token {
    return this.tokens[this.next] ?? { kind: "end", text: "the end", offset: 0 };
  }

  private take(kind: TokenKind, text?: string): Token {
    const token = this.peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text)) {
      const wanted =
        text === undefined ? ({ end: "the end", word: "a word" }[kind as "end"] ?? `a ${kind}`) : `"${text}"`;
      throw new ExpressionError(`expected ${wanted}, found ${shown(token)}`, token.offset);
    }
    this.next++;
    return token;
  }

  private isSign(...signs: readonly string[]): boolean {
    const { kind, text } = this.peek();
    return kind === "sign" && signs.includes(text);
  }

  private sum(): Expression {
    let left = this.product();
    while (this.isSign("+", "-")) left = this.binary(left, () => this.product());
    return left;
  }

  private product(): Expression {
    let left = this.factor();
    while (this.isSign("*", "/")) left = this.binary(left, () => this.factor());
    return left;
  }

  private binary(left: Expression, operand: () => Expression): Expression {
    const operator = this.take("sign").text as Operator;
    return this.counted({ kind: "binary", operator, left, right: operand() });
  }

  private counted(node: Expression): Expression {
    if (++this.nodes > mostNodes) throw new ExpressionError(`an expression has at most ${mostNodes} parts`);
    return node;
  }

  private factor(): Expression {
    const token = this.peek();
    if (++this.depth > deepest) throw new ExpressionError(`more than ${deepest} levels of brackets`, token.offset);
    try {
      return this.counted(this.bareFactor(token));
    } finally {
      this.depth--;
    }
  }

  private bareFactor(token: Token): Expression {
    if (this.isSign("-")) {
      this.next++;
      return { kind: "negate", of: this.factor() };
    }
    if (this.isSign("(")) {
      this.next++;
      const inner = this.sum();
      this.take("sign", ")");
      return inner;
    }
    this.next++;
    switch (token.kind) {
      case "number":
        return { kind: "number", text: token.text };
      case "series":
        return { kind: "series", id: token.text.trim() };
      case "word":
        return this.call(token);
      default:
        throw new ExpressionError(`expected a number, a [series] or a function, found ${shown(token)}`, token.offset);
    }
  }

  private call({ text, offset }: Token): Expression {
    this.take("sign", "(");
    const first = this.sum();
    const node = this.callOn(text, offset, first);
    this.take("sign", ")");
    return node;
  }

  private callOn(name: string, offset: number, first: Expression): Expression {
    if (name === "consumption") return { kind: "consumption", of: first, period: this.period() };
    if (name === "joined") return this.joined(first);
    if (!folds.has(name))
      throw new ExpressionError(`there is no function "${name}"; there are ${functionNames}`, offset);
    const fold = name as FoldName;
    const all = [first];
    while (this.isSign(",")) {
      const after = this.tokens[this.next + 1];
      if (after?.kind === "word" && periods.has(after.text)) {
        if (all.length > 1) throw new ExpressionError(`${name} over a period takes one series`, after.offset);
        return { kind: "foldPeriod", name: fold, of: first, period: this.period() };
      }
      this.next++;
      all.push(this.sum());
    }
    if (all.length === 1) {
      throw new ExpressionError(`${name} takes several series, or one and a period: hour, day or month`, offset);
    }
    return { kind: "fold", name: fold, of: all };
  }

  private joined(before: Expression): Expression {
    this.take("sign", ",");
    const after = this.sum();
    this.take("sign", ",");
    const { text, offset } = this.take("text");
    const atMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
    if (Number.isNaN(atMs)) {
      throw new ExpressionError(`"${text}" is not a moment with its zone, as "2026-05-01T10:00:00+02:00"`, offset);
    }
    this.take("sign", ",");
    const isNegative = this.isSign("-");
    if (isNegative) this.next++;
    const number = this.take("number").text;
    return { kind: "joined", before, after, atMs, offset: isNegative ? `-${number}` : number };
  }

  private period(): Period {
    this.take("sign", ",");
    const token = this.take("word");
    if (!periods.has(token.text)) {
      throw new ExpressionError(`"${token.text}" is not a period: hour, day or month`, token.offset);
    }
    return token.text as Period;
  }
}

function shown({ kind, text }: Token): string {
  if (kind === "end") return text;
  return kind === "series" ? `[${text}]` : `"${text}"`;
}

/** Every series that an expression names, once each, in order. */
export function seriesIn(expression: Expression): readonly string[] {
  const found = new Set<string>();
  const walk = (node: Expression): void => {
    if (node.kind === "series") found.add(node.id);
    for (const part of partsOf(node)) walk(part);
  };
  walk(expression);
  return [...found];
}

export function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "number":
    case "series":
      return [];
    case "negate":
    case "foldPeriod":
    case "consumption":
      return [node.of];
    case "binary":
      return [node.left, node.right];
    case "fold":
      return node.of;
    case "joined":
      return [node.before, node.after];
  }
}

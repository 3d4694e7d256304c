import { inspect } from "node:util";
import type { Logger } from "../../src/ports/index.js";

/** Counts lines and keeps the first error alone: a run without end fills no memory. */
export class QuietLogger implements Logger {
  lines = 0;
  errors = 0;
  firstError = "";

  readonly debug = () => this.count();
  readonly info = () => this.count();
  readonly warn = () => this.count();

  readonly error = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    this.count();
    if (this.errors === 0) this.firstError = `${message} ${inspect(fields)}`;
    this.errors += 1;
  };

  private count(): void {
    this.lines += 1;
  }
}

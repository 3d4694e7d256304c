import type { Logger } from "../../src/ports/index.js";

export interface KeepingLogger extends Logger {
  readonly lines: readonly { readonly level: string; readonly message: string }[];
}

/** Keeps what was logged, prints nothing. */
export function keepingLogger(): KeepingLogger {
  const lines: { level: string; message: string }[] = [];
  const keep = (level: string) => (message: string) => {
    lines.push({ level, message });
  };
  return { lines, debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
}

import type { Logger } from "../../src/ports/index.js";

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RecordingLogger extends Logger {
  readonly lines: readonly LogLine[];
  forget(): void;
}

/** A logger that keeps its lines. */
export function recordingLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Logger) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  const forget = () => {
    lines.length = 0;
  };
  return { lines, forget, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

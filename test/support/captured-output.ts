/** What a command running in this process writes; the hooks are set where this is called. */
import { afterEach, beforeEach, vi } from "vitest";

export interface CapturedOutput {
  out: string;
  told: string;
}

export function captureOutput(): CapturedOutput {
  const output: CapturedOutput = { out: "", told: "" };
  beforeEach(() => {
    output.out = "";
    output.told = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      output.out += String(text);
      return true;
    });
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      output.told += String(text);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return output;
}

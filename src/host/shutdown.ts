import type { Logger } from "../ports/index.js";

/** Ends what was started, the last first. One part's failure is logged and does not keep the others from ending. */
export class Shutdown {
  private readonly steps: { readonly name: string; readonly stop: () => Promise<unknown> }[] = [];
  private readonly logger: Logger;
  private running: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  /** `stop` is called once, after everything added later has ended. */
  add(name: string, stop: () => Promise<unknown>): void {
    this.steps.push({ name, stop });
  }

  /** A second call waits for the first. */
  run(): Promise<void> {
    this.running ??= this.stopAll();
    return this.running;
  }

  private async stopAll(): Promise<void> {
    for (const { name, stop } of this.steps.splice(0).reverse()) {
      try {
        await stop();
        this.logger.debug("stopped", { part: name });
      } catch (error) {
        this.logger.error("a part did not stop well", { part: name, error: String(error) });
      }
    }
  }
}

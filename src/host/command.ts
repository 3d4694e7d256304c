/** One command of the command line. */
export interface Command {
  /** Shown by --help, below the summary. */
  readonly usage: string;
  /** @returns the exit code: 0 good, 1 failed, 2 wrong use */
  run(words: readonly string[]): Promise<number>;
}

/** The caller's words make no sense: exit code 2. */
export class WrongUse extends Error {}

/** It could not be done: exit code 1; the message is one line with cause and next step. */
export class CommandFailed extends Error {}

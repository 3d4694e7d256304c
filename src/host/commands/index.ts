import type { Command } from "../command.js";

/** The commands in the order of --help; each is loaded only when it is run, so that starting stays quick. */
export const commands: readonly { name: string; summary: string; load(): Promise<Command> }[] = [];

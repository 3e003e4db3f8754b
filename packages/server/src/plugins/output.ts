import { misfits, type PluginCommand } from "@prunella/contract/plugins";

/** Where an output is not what its command declares; one that declares nothing may give anything. */
export const misfitsOf = (command: PluginCommand, output: unknown): string[] =>
  Object.keys(command.output.properties ?? {}).length === 0
    ? []
    : misfits(command.output, output).map(({ path, expected }) => `${path === "" ? "it" : path}: expected ${expected}`);

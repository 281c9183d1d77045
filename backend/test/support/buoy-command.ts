// Runs a command of Buoy as a person does on the machine: in its own process, with exit code and output.
import { type CommandResult, runCommand } from '../../../testbed/run-command.ts';
import { type ServerProgram, serverProgram } from '../../../testbed/server-program.ts';

/** Milliseconds. */
const DEADLINE_MS = 60_000;

/** Passes on only `environment` and what a process needs to run. */
export function buoyCommand(
  name: Exclude<ServerProgram, 'main'>,
  args: string[],
  environment: Record<string, string>,
): Promise<CommandResult> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  return runCommand(process.execPath, [serverProgram(name), ...args], {
    timeoutMs: DEADLINE_MS,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
  });
}

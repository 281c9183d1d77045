// Runs a command of Buoy as a person does on the machine: in its own process, with exit code and output.
import { fileURLToPath } from 'node:url';
import { type CommandResult, runCommand } from '../../../testbed/run-command.ts';

/** Milliseconds. */
const DEADLINE_MS = 60_000;

/** Runs `backend/src/commands/NAME.ts`; passes on only `environment` and what a process needs to run. */
export function buoyCommand(
  name: 'backup' | 'doctor' | 'keys' | 'restore' | 'sign-in-link',
  args: string[],
  environment: Record<string, string>,
): Promise<CommandResult> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  const script = fileURLToPath(new URL(`../../src/commands/${name}.ts`, import.meta.url));
  return runCommand(process.execPath, [script, ...args], {
    timeoutMs: DEADLINE_MS,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
  });
}

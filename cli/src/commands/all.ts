// Every command, in the order of the help.
import type { Command } from '../command.ts';
import { accessCommands } from './access.ts';
import { adminCommands } from './admin.ts';
import { completionCommands } from './completion.ts';
import { openclawCommands } from './openclaw.ts';
import { serverCommands } from './servers.ts';
import { signInCommands } from './sign-in.ts';
import { taskCommands } from './tasks.ts';
import { tokenCommands } from './tokens.ts';

export const commands: readonly Command[] = [
  ...signInCommands,
  ...serverCommands,
  ...accessCommands,
  ...openclawCommands,
  ...taskCommands,
  ...adminCommands,
  ...tokenCommands,
  ...completionCommands,
];

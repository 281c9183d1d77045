import { expect, it } from 'vitest';
import { commandsAre, machineCommand } from './machine-command.ts';

const installed = { BUOY_COMMANDS: 'buoy-server' };

it.each([
  ['backup', undefined, 'npm run backup', 'buoy-server backup'],
  ['keys', 'prune vault', 'npm run keys -- prune vault', 'buoy-server keys prune vault'],
  ['sign-in-link', '[WHO]', 'npm run sign-in-link [-- WHO]', 'buoy-server sign-in-link [WHO]'],
  ['audit-log', 'verify', 'npm run audit-log -- verify', 'buoy-server audit verify'],
] as const)(
  '%s %s is typed in a checkout as "%s" and where Buoy is installed as "%s"',
  (name, words, inCheckout, whereInstalled) => {
    expect(machineCommand(commandsAre({}), name, words)).toBe(inCheckout);
    expect(machineCommand(commandsAre(installed), name, words)).toBe(whereInstalled);
  },
);

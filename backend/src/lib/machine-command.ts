// How maintenance commands are typed: `npm run` in a checkout, `buoy-server` in an installation.

type MachineCommand =
  | 'sign-in-link'
  | 'backup'
  | 'restore'
  | 'keys'
  | 'audit-log'
  | 'open-snapshot'
  | 'doctor';

/** The program that runs them. */
export type Commands = 'npm' | 'buoy-server';

/** @param environment BUOY_COMMANDS is set by the package */
export function commandsAre(environment: Record<string, string | undefined>): Commands {
  return environment.BUOY_COMMANDS === 'buoy-server' ? 'buoy-server' : 'npm';
}

/** @param words what follows the name; in brackets where it may be left out */
export function machineCommand(commands: Commands, name: MachineCommand, words = ''): string {
  if (commands === 'buoy-server')
    return ['buoy-server', name === 'audit-log' ? 'audit' : name, words].filter(Boolean).join(' ');
  const behindDashes = words.startsWith('[') ? `[-- ${words.slice(1)}` : `-- ${words}`;
  return ['npm run', name, ...(words === '' ? [] : [behindDashes])].join(' ');
}

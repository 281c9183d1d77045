// How maintenance commands are typed: `npm run` in a checkout, `buoy-server` in an installation.

type MachineCommand = 'sign-in-link' | 'backup' | 'restore' | 'keys' | 'audit-log' | 'doctor';

type Environment = Record<string, string | undefined>;

/** @param environment BUOY_COMMANDS is set by the package */
export function commandsAre(environment: Environment = process.env): 'npm' | 'buoy-server' {
  return environment.BUOY_COMMANDS === 'buoy-server' ? 'buoy-server' : 'npm';
}

/**
 * @param words what follows the name; in brackets where it may be left out
 * @param environment as of `commandsAre`
 */
export function machineCommand(
  name: MachineCommand,
  words = '',
  environment: Environment = process.env,
): string {
  if (commandsAre(environment) === 'buoy-server')
    return ['buoy-server', name === 'audit-log' ? 'audit' : name, words].filter(Boolean).join(' ');
  const behindDashes = words.startsWith('[') ? `[-- ${words.slice(1)}` : `-- ${words}`;
  return ['npm run', name, ...(words === '' ? [] : [behindDashes])].join(' ');
}

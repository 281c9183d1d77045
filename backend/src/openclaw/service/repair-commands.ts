// The commands that can bring back a gateway that does not work, as this server would run them.
import { AppError } from '../../lib/app-error.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import type { Installations, ServiceManager } from '../host/installation.ts';
import { doctorWords } from './doctor.ts';

/** Milliseconds to ask the server what runs the gateway. */
const FIND_MS = 15_000;

/** The server names the unit, and people are asked to run what is shown. */
const serviceUnit = /^[\w@.:\\-]{1,100}\.service$/;

const programs: Record<Exclude<ServiceManager, 'none'>, string> = {
  'systemd-user': 'systemctl --user',
  'systemd-system': 'systemctl',
  supervised: 'openclaw-supervisor',
};

/** Each a list of commands. */
export type RepairCommands = {
  restart: string[];
  /** For a unit that failed too often, and does not run. */
  resetFailed: string[];
  doctor: string[];
  /** What a rollback of the version does to the unit. */
  stop: string;
  start: string;
  /** Of OpenClaw; null: it does not tell. */
  version: string | null;
};

/**
 * Reads what is there, and changes nothing.
 * @throws AppError `not_installed`, `unsupported` where no service manager runs the gateway, and those of an unreachable server
 */
export function createReadRepairCommands({ installations }: { installations: Pick<Installations, 'find'> }) {
  return async (serverId: string, { signal }: Pick<CallOptions, 'signal'>): Promise<RepairCommands> => {
    const limits = { deadlineMs: FIND_MS, signal, fresh: true };
    const { installed, manager, unit, version } = await installations.find(serverId, limits);
    if (!installed)
      throw new AppError('not_installed', 'OpenClaw is not installed on this server.', {
        hint: 'Install it with the setup wizard.',
      });
    if (manager === 'none' || unit === null || !serviceUnit.test(unit))
      throw new AppError('unsupported', 'No service manager runs the gateway of this server.', {
        hint: 'Set up the gateway as a service with the setup wizard, or restart it by hand.',
      });
    const control = (order: string) => `${programs[manager]} ${order} ${unit}`;
    const restart = [control('reset-failed'), control('restart')];
    return {
      restart,
      resetFailed: [control('reset-failed'), control('start')],
      doctor: [`openclaw --no-color ${doctorWords.join(' ')}`, ...restart],
      ...{ stop: control('stop'), start: control('start'), version },
    };
  };
}

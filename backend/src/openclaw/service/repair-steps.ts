// What can be done about a gateway that does not work, the mildest step first, with the commands that each runs.
import type { RepairStep } from '@buoy/contract';
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

/**
 * Reads what is there, and changes nothing.
 * @throws AppError `not_installed`, `unsupported` where no service manager runs the gateway, and those of an unreachable server
 */
export function createReadRepairSteps({ installations }: { installations: Pick<Installations, 'find'> }) {
  return async (serverId: string, { signal }: Pick<CallOptions, 'signal'>): Promise<RepairStep[]> => {
    const { installed, manager, unit } = await installations.find(serverId, { deadlineMs: FIND_MS, signal });
    if (!installed)
      throw new AppError('not_installed', 'OpenClaw is not installed on this server.', {
        hint: 'Install it with the setup wizard.',
      });
    if (manager === 'none' || unit === null || !serviceUnit.test(unit))
      throw new AppError('unsupported', 'No service manager runs the gateway of this server.', {
        hint: 'Set up the gateway as a service with the setup wizard, or restart it by hand.',
      });
    const restart = ['reset-failed', 'restart'].map((order) => `${programs[manager]} ${order} ${unit}`);
    return [
      { id: 'restart', title: 'Restart the gateway', runs: restart },
      {
        id: 'doctor',
        title: 'Have OpenClaw mend its config and state, then restart it',
        runs: [`openclaw --no-color ${doctorWords.join(' ')}`, ...restart],
      },
    ];
  };
}

// The shell side of a restart: what runs detached on the server, so that a cut connection cannot leave it half done.
import { AppError } from '../lib/app-error.ts';
import { quote } from '../ssh/quote.ts';
import type { ServiceManager } from './installation/installation.ts';

type Service = { manager: Exclude<ServiceManager, 'none'>; unit: string };

/** Exit codes of the scripts; others come from systemctl. */
const exit = { noUserManager: 41, noSudo: 42, noUnit: 43, failed: 44 };

function preamble({ manager, unit }: Service): string {
  return `
unit=${quote(unit)}
manager=${quote(manager)}
# A login without a session of its own (su, cron, some panels) does not have it set.
XDG_RUNTIME_DIR=/run/user/$(id -u)
export XDG_RUNTIME_DIR
control() {
  if [ "$manager" = systemd-user ]; then systemctl --user "$@"
  elif [ "$(id -u)" = 0 ]; then systemctl "$@"
  else sudo -n systemctl "$@"; fi
}
facts() { control show "$unit" -p ActiveState -p SubState -p MainPID 2>/dev/null | tr '\\n' ' '; }
if [ "$manager" = systemd-system ] && [ "$(id -u)" != 0 ] && ! sudo -n true; then exit ${exit.noSudo}; fi
loaded=$(control show "$unit" -p LoadState) || exit ${exit.noUserManager}
[ "$loaded" != LoadState=not-found ] || exit ${exit.noUnit}
`;
}

/** Restarts the unit and waits for systemd to have done it: up to TimeoutStopSec (330 s) where the gateway has work to finish. */
export function restartScript(service: Service): string {
  return `${preamble(service)}
echo "Before: $(facts)"
# A unit that failed too often would be refused.
control reset-failed "$unit" 2>/dev/null
echo "Restarting $unit."
control restart "$unit" || exit ${exit.failed}
echo "After: $(facts)"
`;
}

/**
 * For a gateway that runs but neither becomes ready nor stops: some were seen to answer SIGTERM with "received SIGTERM during
 * shutdown; ignoring" for minutes (OpenClaw 2026.9.6).
 */
export function forcedRestartScript(service: Service): string {
  return `${preamble(service)}
echo "Killing $unit: $(facts)"
before=$(control show "$unit" -p MainPID)
control kill -s KILL "$unit"
tries=0
while [ "$(control show "$unit" -p MainPID)" = "$before" ] && [ $tries -lt 50 ]; do
  tries=$((tries + 1))
  sleep 0.2
done
control reset-failed "$unit" 2>/dev/null
control restart "$unit" || exit ${exit.failed}
echo "After: $(facts)"
`;
}

/** What an exit code of these scripts means; null for success and for a unit that failed by itself (the journal says why). */
export function scriptFailure(exitCode: number, { unit }: Service): AppError | null {
  switch (exitCode) {
    case 0:
    case exit.failed:
      return null;
    case exit.noUserManager:
      return new AppError(
        'refused',
        'The service manager of this login does not answer, so the gateway cannot be restarted.',
        {
          hint: 'Enable lingering for the login (loginctl enable-linger), or log in to the server once and try again.',
        },
      );
    case exit.noSudo:
      return new AppError(
        'refused',
        'The gateway is a system service, and this login may not use sudo without a password.',
        {
          hint: 'Allow it in sudoers (NOPASSWD for systemctl), or let Buoy log in as root.',
        },
      );
    case exit.noUnit:
      return new AppError('refused', `The service ${unit} is gone from the server.`, {
        hint: 'Install the gateway service again.',
      });
    default:
      return new AppError('refused', `The restart command failed on the server (exit code ${exitCode}).`, {
        hint: 'Its own words are in the output.',
      });
  }
}

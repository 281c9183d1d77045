// The scripts that start and stop a gateway: they run detached on the server, so that a lost connection does not interrupt them.
import { readFileSync } from 'node:fs';
import { AppError } from '../../lib/app-error.ts';
import { quote } from '../../ssh/quote.ts';
import type { ServiceManager } from '../host/installation.ts';

/** What setup installs on a server without systemd, as `openclaw-supervisor`; it takes the words of systemctl that stand below. */
export const supervisorText = readFileSync(new URL('supervisor.sh', import.meta.url), 'utf8').trimEnd();

type Service = { manager: Exclude<ServiceManager, 'none'>; unit: string };

/** Exit codes of the scripts; others come from systemctl. */
const exit = { noUserManager: 41, noSudo: 42, noUnit: 43, failed: 44, killed: 45 };

/** Seconds for a gateway to finish its work: it drains for 315 s at most, and its unit gives it 330 s (OpenClaw 2026.9.6). */
const DRAIN_S = 340;
/** Seconds from SIGKILL to a unit that is down. */
const KILL_S = 30;

function preamble({ manager, unit }: Service): string {
  return `
unit=${quote(unit)}
manager=${quote(manager)}
# A login without a session of its own (su, cron, some panels) does not have it set.
XDG_RUNTIME_DIR=/run/user/$(id -u)
export XDG_RUNTIME_DIR
control() {
  if [ "$manager" = supervised ]; then "$HOME/.local/openclaw/bin/openclaw-supervisor" "$@"
  elif [ "$manager" = systemd-user ]; then systemctl --user "$@"
  elif [ "$(id -u)" = 0 ]; then systemctl "$@"
  else sudo -n systemctl "$@"; fi
}
facts() { control show "$unit" -p ActiveState -p SubState -p MainPID 2>/dev/null | tr '\\n' ' '; }
if [ "$manager" = systemd-system ] && [ "$(id -u)" != 0 ] && ! sudo -n true; then exit ${exit.noSudo}; fi
loaded=$(control show "$unit" -p LoadState) || exit ${exit.noUserManager}
[ "$loaded" != LoadState=not-found ] || exit ${exit.noUnit}
`;
}

/** Whether the login may control the unit; changes nothing. */
export const controlCheckScript = (service: Service): string => preamble(service);

/** Restarts the unit and waits for systemd to have done it: up to TimeoutStopSec (330 s) where the gateway has work to finish. */
export const restartScript = (service: Service): string => bringUp(service, 'restart', 'Restarting');

/** Starts the unit; one that runs already is left as it is. */
export const startScript = (service: Service): string => bringUp(service, 'start', 'Starting');

function bringUp(service: Service, order: 'start' | 'restart', doing: string): string {
  return `${preamble(service)}
echo "Before: $(facts)"
# A unit that failed too often would be refused.
control reset-failed "$unit" 2>/dev/null
echo "${doing} $unit."
control ${order} "$unit" || exit ${exit.failed}
echo "After: $(facts)"
`;
}

/**
 * Stops the unit and waits for it to be down, by SIGKILL when it takes longer than its work may take. A failed unit is
 * `inactive` afterwards: it was stopped on purpose.
 */
export function stopScript(service: Service): string {
  return `${preamble(service)}
is_down() {
  case $(control show "$unit" -p ActiveState) in
    ActiveState=inactive | ActiveState=failed) [ "$(control show "$unit" -p MainPID)" = MainPID=0 ] ;;
    *) return 1 ;;
  esac
}
down_within() {
  ends=$(($(date +%s) + $1))
  until is_down; do
    [ "$(date +%s)" -lt "$ends" ] || return 1
    sleep 0.5
  done
}
echo "Before: $(facts)"
killed=
if is_down; then
  echo "It is stopped already."
  # Without systemd, cron starts what nobody has stopped.
  [ "$manager" != supervised ] || control stop "$unit" || exit ${exit.failed}
else
  echo "Stopping $unit."
  control stop --no-block "$unit" || exit ${exit.failed}
  if ! down_within ${DRAIN_S}; then
    echo "It does not stop: killing it."
    control kill -s KILL "$unit"
    down_within ${KILL_S} || exit ${exit.failed}
    killed=yes
  fi
  # systemd has killed it by itself where its unit is less patient.
  case $(control show "$unit" -p Result) in Result=timeout | Result=signal) killed=yes ;; esac
fi
control reset-failed "$unit" 2>/dev/null
echo "After: $(facts)"
[ -z "$killed" ] || exit ${exit.killed}
`;
}

/**
 * Lines before a script that works while the gateway is down: they stop the unit, and set `stopped` to 0 or to the exit code of what failed. A stop that
 * was made earlier may have been undone since, by a reboot or a person.
 */
export function stopFirst(service: Service): string {
  return `
(
${stopScript(service)}
) </dev/null
stopped=$?
[ "$stopped" != ${exit.killed} ] || stopped=0
`;
}

/** The gateway is stopped, but it had to be killed for that. */
export function wasKilled(exitCode: number): boolean {
  return exitCode === exit.killed;
}

/**
 * What a stopped gateway has left: prints `process` when the process with the id $1 is still one of OpenClaw, `port` when
 * something listens on port $2, and `end`.
 */
export const leftoversScript = `
if [ -n "$1" ] && grep -qa openclaw "/proc/$1/cmdline" 2>/dev/null; then echo process; fi
if [ -n "$2" ]; then
  # State 0A is LISTEN; addresses and ports are hexadecimal.
  if cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v port="$(printf :%04X "$2")" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'
  then echo port; fi
fi
echo end
`;

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

/** The error for an exit code of these scripts; null for success and for a unit that failed by itself (see the journal). */
export function scriptFailure(exitCode: number, { unit }: Service): AppError | null {
  switch (exitCode) {
    case 0:
    case exit.failed:
      return null;
    case exit.noUserManager:
      return new AppError(
        'refused',
        'The service manager of this login does not answer, so Buoy cannot control the gateway.',
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
      return new AppError('refused', `The service ${unit} no longer exists on the server.`, {
        hint: 'Install the gateway service again.',
      });
    default:
      return new AppError('refused', `The command failed on the server (exit code ${exitCode}).`, {
        hint: 'The output quotes its message.',
      });
  }
}

// What Buoy has installed on a server before: Node and OpenClaw in a folder of the account of the login.
import { readFileSync } from 'node:fs';
import type { ServiceInstalled } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import { readKeyValues } from '../openclaw/host/key-values.ts';
import { factsPreamble } from '../openclaw/host/scripts.ts';
import type { CallOptions, Ssh } from '../ssh/ssh.ts';
import { installFailure } from './install-failures.ts';
import { shown } from './prerequisite-facts.ts';

const script = `${factsPreamble}\n${readFileSync(new URL('installed.sh', import.meta.url), 'utf8')}`;
/** Bytes: five short lines. */
const MAX_OUTPUT_BYTES = 16 * 1024;

export type Installed = {
  /** Absolute; the folder of everything that setup installs. */
  prefix: string;
  /** Exact versions; null where there is none that starts. */
  node: string | null;
  openclaw: string | null;
  /** Absolute path of an OpenClaw that setup did not install, the first that is found; null for none. */
  elsewhere: string | null;
  /** null without a config file. */
  config: {
    model: string | null;
    workspace: string | null;
    port: number | null;
    bind: string | null;
    /** It was made by a finished onboarding. */
    isLocal: boolean;
    hasToken: boolean;
    /** How the gateway knows its clients, such as token or none; null: by what else is set. */
    authMode: string | null;
  } | null;
  /** Whether services of the account outlive its logins and start at boot. */
  linger: boolean;
  /** SHA-256 of the supervisor's file, in hex digits; null without one, and where nothing can tell. */
  supervisorSha256: string | null;
  /** cron could start the supervised gateway at boot, and does not yet. */
  lacksBootLine: boolean;
  /** Which service of the gateway runs; null for none. */
  service: ServiceInstalled['manager'] | null;
  /** The account has a user service and a system service, and both start at boot. */
  isEnabledTwice: boolean;
  /** The port in the command of that service; null where it has none. */
  servicePort: number | null;
};

/** Throws AppError. */
export async function readInstalled(
  ssh: Pick<Ssh, 'script'>,
  serverId: string,
  options: CallOptions,
): Promise<Installed> {
  const values = readKeyValues(
    await ssh.script(serverId, script, [], { ...options, maxOutputBytes: MAX_OUTPUT_BYTES }),
  );
  const home = values.text('home');
  if (home === null)
    throw new AppError('refused', 'The login has no home directory on the server.', {
      hint: 'Give the account a home directory that it may write.',
    });
  const hasNpm = values.text('npm') !== null;
  return {
    prefix: `${home}/.local/openclaw`,
    node: hasNpm ? values.text('node') : null,
    openclaw: values.text('openclaw'),
    elsewhere: values.text('elsewhere'),
    config:
      values.text('config') === null
        ? null
        : {
            model: values.text('model'),
            workspace: values.text('workspace'),
            port: values.count('port'),
            bind: values.text('bind'),
            isLocal: values.text('mode') === 'local',
            hasToken: values.text('hasToken') !== null,
            authMode: values.text('authMode'),
          },
    linger: values.text('linger') !== null,
    supervisorSha256: values.text('supervisorSha256'),
    lacksBootLine: values.text('enablable') !== null,
    service:
      values.text('userUnit') === 'active'
        ? 'systemd-user'
        : values.text('systemUnit') === 'active'
          ? 'systemd-system'
          : values.text('supervised') === 'active'
            ? 'supervised'
            : null,
    isEnabledTwice: values.text('enabledTwice') !== null,
    servicePort: values.count('servicePort'),
  };
}

/** Whether an exact version is the one that was asked for, or of the line that was. */
export function isOfVersion(exact: string | null, asked: string): boolean {
  return exact !== null && (exact === asked || exact.startsWith(`${asked}.`));
}

/** @throws AppError `refused` beside an OpenClaw that setup did not install: two of them would share one config and one port */
export function refuseBesideAnother({
  openclaw,
  elsewhere,
}: Pick<Installed, 'openclaw' | 'elsewhere'>): void {
  if (openclaw !== null || elsewhere === null) return;
  throw new AppError('refused', `OpenClaw is installed already, as ${shown(elsewhere)}.`, {
    hint: 'Setup is for a server without it: start its gateway, or remove it first.',
  });
}

/** Of installer.sh. */
const OPENCLAW_MISSING_EXIT_CODE = 25;
/** Milliseconds for a caller who waits for the answer. */
const EXPECT_MS = 15_000;

/** Throws `openclaw_missing` where setup has installed none, and AppError for a server that cannot be reached now. */
export type ExpectOpenclaw = (serverId: string, options: { signal: AbortSignal }) => Promise<void>;

export function createExpectOpenclaw(ssh: Pick<Ssh, 'script'>): ExpectOpenclaw {
  return async (serverId, { signal }) => {
    const installed = await readInstalled(ssh, serverId, { deadlineMs: EXPECT_MS, signal });
    refuseBesideAnother(installed);
    if (installed.openclaw !== null) return;
    throw installFailure(OPENCLAW_MISSING_EXIT_CODE);
  };
}

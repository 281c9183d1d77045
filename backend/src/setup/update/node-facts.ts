// What an update of Node or of its npm finds on the server: only those that Buoy has installed for the login, and that no other account can replace.
import { readFileSync } from 'node:fs';
import { exactVersion } from '@buoy/contract';
import { AppError } from '../../lib/app-error.ts';
import type { Installation } from '../../openclaw/host/installation.ts';
import { readKeyValues } from '../../openclaw/host/key-values.ts';
import { factsPreamble } from '../../openclaw/host/scripts.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import { withVariables } from '../install-step.ts';
import { shown } from '../prerequisite-facts.ts';
import { ASK_MS } from './component-steps.ts';
import type { UpdateContext, UpdateTools } from './update-parts.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = [factsPreamble, ...['../engines.sh', 'node/unit.sh', 'node/preflight.sh'].map(load)].join(
  '\n',
);
/** Bytes: a dozen short lines. */
const MAX_OUTPUT_BYTES = 16 * 1024;

export type NodeFacts = {
  /** OpenClaw's command, and its exact version. */
  openclaw: { command: string; version: string };
  hasService: boolean;
  /** Exact: what the commands of the login run, and the one that runs OpenClaw. */
  linked: string;
  running: string;
  /** Of the service: which Node it starts; null where that is none of Buoy. */
  ofUnit: { version: string | null; path: string | null; canChange: boolean };
  /** Versions that OpenClaw runs on; null: it names none. */
  engines: string | null;
  /** Exact; null where that of this Node is not there. */
  npm: string | null;
  /** Mebibytes. */
  free: number;
};

/** Throws AppError, `unsupported` for a Node that Buoy has not installed, `refused` where other accounts could replace it. */
export async function readNodeFacts(
  tools: Pick<UpdateTools, 'ssh' | 'installations'>,
  context: UpdateContext,
): Promise<NodeFacts> {
  const { ssh, installations } = tools;
  const serverId = serverOf(context);
  const installation = await reachServer(context, ASK_MS, (limits) =>
    installations.find(serverId, { ...limits, fresh: true }),
  );
  const { binaryPath, nodePath, manager, unit } = installation;
  const version = exactVersion.safeParse(installation.version).data ?? null;
  if (binaryPath === null || nodePath === null || version === null)
    throw new AppError(
      'openclaw_missing',
      'Buoy finds no OpenClaw on this server whose Node it could update.',
      {
        hint: 'Install Node and OpenClaw with the setup first.',
      },
    );
  const values = await reachServer(context, ASK_MS, async (limits) =>
    readKeyValues(
      await ssh.script(
        serverId,
        withVariables(script, variablesOf({ binaryPath, nodePath, manager, unit })),
        [],
        {
          ...{ ...limits, maxOutputBytes: MAX_OUTPUT_BYTES },
        },
      ),
    ),
  );
  const has = (key: string) => values.text(key) === 'yes';
  const versionAt = (key: string) => exactVersion.safeParse(values.text(key)).data ?? null;
  const [linked, running] = [versionAt('linked'), versionAt('running')];
  if (linked === null || running === null)
    throw new AppError(
      'unsupported',
      `The Node that runs OpenClaw was not installed by Buoy, so Buoy does not update it: ${shown(nodePath)}`,
      { hint: 'Update it the way it was installed, such as with nvm or the package manager of the system.' },
    );
  const shared = shown(values.text('shared'));
  if (!has('owned') || !has('writable') || shared !== null)
    throw new AppError(
      'refused',
      shared === null
        ? 'Node or OpenClaw on this server does not belong to the login alone, so Buoy does not update it.'
        : `Other accounts may write to ${shared}, so Buoy updates nothing there.`,
      { hint: 'Let Buoy log in as the account that OpenClaw runs as and belongs to.' },
    );
  return {
    openclaw: { command: binaryPath, version },
    ...{ hasService: manager !== 'none', linked, running },
    ofUnit: {
      version: versionAt('unitVersion'),
      path: shown(values.text('unitNode')),
      canChange: has('unitNames') && has('unitWritable'),
    },
    engines: values.text('engines'),
    npm: has('npmOfNode') ? versionAt('npm') : null,
    free: values.count('free') ?? 0,
  };
}

function variablesOf({
  binaryPath,
  nodePath,
  manager,
  unit,
}: Pick<Installation, 'manager' | 'unit'> & { binaryPath: string; nodePath: string }): Record<
  string,
  string
> {
  return {
    ...{ NODE: nodePath, OPENCLAW: binaryPath, MANAGER: manager },
    UNIT: manager === 'none' ? '' : (unit ?? ''),
  };
}

/** @throws AppError where there is less */
export function expectFree({ free }: Pick<NodeFacts, 'free'>, needed: number): void {
  if (free >= needed) return;
  throw new AppError('disk_full', `The update needs ${needed} MiB on the server, and ${free} MiB are free.`, {
    hint: 'Free some space, then start the update again.',
  });
}

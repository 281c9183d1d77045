// Which parts of a server could be newer: OpenClaw, what runs it, and Ollama.
import { readFileSync } from 'node:fs';
import type { ComponentVersion, EffectivePolicy, UpdateComponent } from '@buoy/contract';
import { type Clock, isoTime } from '../lib/clock.ts';
import { compareVersions } from '../lib/compare-versions.ts';
import { createSharedWork } from '../lib/shared-work.ts';
import type { Installations } from '../openclaw/host/installation.ts';
import { readKeyValues } from '../openclaw/host/key-values.ts';
import { factsPreamble } from '../openclaw/host/scripts.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { UpdatePolicies } from '../update-policies/update-policies.ts';
import type { NewestVersions } from './newest-versions.ts';
import { newestNode } from './node-line.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = [
  factsPreamble,
  ...['engines.sh', 'ollama-version.sh', 'component-versions.sh'].map(load),
].join('\n');
/** Milliseconds; the script gives no program more than 5 s. */
const DEADLINE_MS = 20_000;
/** Bytes: five short lines. */
const MAX_OUTPUT_BYTES = 16 * 1024;

export type UpdatesAnswer = { components: ComponentVersion[]; policy: EffectivePolicy; observedAt: string };

/** Joins the check of that server that runs. Throws AppError for a server that cannot be reached. A source of new versions that is silent leaves `latest` null. */
export type CheckUpdates = (serverId: string, options: { signal: AbortSignal }) => Promise<UpdatesAnswer>;

export function createCheckUpdates({
  ssh,
  installations,
  newestVersions,
  updatePolicies,
  clock,
}: {
  ssh: Pick<Ssh, 'script'>;
  installations: Pick<Installations, 'find'>;
  newestVersions: () => Promise<NewestVersions>;
  updatePolicies: Pick<UpdatePolicies, 'effectiveOn'>;
  clock: Clock;
}): CheckUpdates {
  const check = createSharedWork(async (serverId, signal): Promise<UpdatesAnswer> => {
    const limits = { deadlineMs: DEADLINE_MS, signal };
    const [installation, newest] = await Promise.all([
      installations.find(serverId, { ...limits, fresh: true }),
      newestVersions(),
    ]);
    const values = readKeyValues(
      await ssh.script(serverId, script, [installation.nodePath ?? '', installation.binaryPath ?? ''], {
        ...limits,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      }),
    );
    // As late as may be: the server took as long as it wanted.
    const { pinned, policy } = await updatePolicies.effectiveOn(serverId);
    const node = versionIn(values.text('node'));
    const engines = values.text('engines');
    return {
      components: [
        {
          ...component('openclaw', installation.version, newest.openclaw),
          ...(policy.pins.length === 0 ? {} : { pinned, behind: isBehind(installation.version, pinned) }),
        },
        component('node', node, newestNode(newest, { current: node, engines })),
        component('npm', versionIn(values.text('npm')), newest.npm),
        // Its vendor has no list of versions at a registry.
        component('ollama', versionIn(values.text('ollama')), null),
      ],
      policy,
      observedAt: isoTime(clock.now()),
    };
  });
  return (serverId, { signal }) => check(serverId, signal);
}

/** What a program says of itself, without the `v`; null when it is no version. */
function versionIn(text: string | null): string | null {
  return /^v?(\d[0-9A-Za-z.+-]{0,63})$/.exec(text ?? '')?.[1] ?? null;
}

function component(name: UpdateComponent, current: string | null, latest: string | null): ComponentVersion {
  return {
    component: name,
    current,
    latest,
    behind: isBehind(current, latest),
    pinned: null,
    changes: null,
  };
}

/** null where either is not known. */
function isBehind(current: string | null, target: string | null): boolean | null {
  const order = current === null || target === null ? null : compareVersions(current, target);
  return order === null ? null : order < 0;
}

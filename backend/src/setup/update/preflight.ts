// What an update of OpenClaw finds on the server before it changes anything, and whether it can work.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Downloader } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { compareVersions } from '../../lib/compare-versions.ts';
import type { Installations } from '../../openclaw/host/installation.ts';
import { readKeyValues } from '../../openclaw/host/key-values.ts';
import { factsPreamble } from '../../openclaw/host/scripts.ts';
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import type { DownloadSettings } from '../downloads.ts';
import { installFailure } from '../install-failures.ts';
import { withVariables } from '../install-step.ts';
import { shown } from '../prerequisite-facts.ts';

const script = `${factsPreamble}\n${readFileSync(new URL('preflight.sh', import.meta.url), 'utf8')}`;
/** Milliseconds: npm gets 60 s for its question to the registry. */
const DEADLINE_MS = 90_000;
/** Bytes: a dozen short lines. */
const MAX_OUTPUT_BYTES = 16 * 1024;
/** Mebibytes: the package has 650, and npm keeps its downloads (2026.9.6). */
const PACKAGE_SIZE = 1_000;
/** Of OpenClaw's folder: the copy for the rollback, the archive, and what a migration writes beside the old state (2026.9.6). */
const STATE_COPIES = 4;
/** Of OpenClaw's folder: the archive, and what OpenClaw writes while it makes it. */
const ARCHIVE_COPIES = 2;

/** What the other steps need to know. */
export const updatePlan = z.object({
  from: z.string(),
  to: z.string(),
  /** Absolute: the folder of the package, the Node that runs it, and OpenClaw's own folder. */
  package: z.string(),
  node: z.string(),
  state: z.string(),
});
export type UpdatePlan = z.output<typeof updatePlan>;

/** As preflight.sh names it. */
const problem = z.enum(['lineBreak', 'version', 'registry']);
type Problem = z.output<typeof problem>;

export type PreflightFacts = {
  node: string;
  state: string;
  package: string | null;
  /** Exact; null where there is none, and where the registry names none. */
  version: string | null;
  target: string | null;
  problem: Problem | null;
  /** It was installed by npm, in its usual folder. */
  byNpm: boolean;
  /** OpenClaw's folder is the usual one of the login. */
  ownState: boolean;
  /** It can be renamed to a place beside it. */
  movable: boolean;
  /** Something in it lies elsewhere: on another disk, or behind a link. */
  apart: string | null;
  /** A folder in which an update keeps its things, and other accounts may make some too. */
  shared: string | null;
  /** A folder where an update keeps its things, which a person has made. */
  foreign: string | null;
  /** No other account but root can replace what the update runs and changes; the login may change the package. */
  owned: boolean;
  writable: boolean;
  hasNpm: boolean;
  /** Mebibytes. */
  free: { forPackage: number; forState: number; sameDisk: boolean };
  stateSize: number;
  /** Of what an earlier update or restore keeps aside, and the next one removes; part of what counts as free. */
  asideSize: number;
  /** An earlier update was not ended: the old version still lies beside the new one. */
  unfinished: boolean;
};

/**
 * Throws AppError, `config_invalid` where OpenClaw has no config yet.
 * @param options.version the one that is wanted; null: that which is there
 */
export async function readPreflight(
  {
    ssh,
    installations,
    downloads,
  }: {
    ssh: Pick<Ssh, 'script'>;
    installations: Pick<Installations, 'find'>;
    downloads: Pick<DownloadSettings, 'npmRegistry'>;
  },
  serverId: string,
  { version, via, ...limits }: CallOptions & { version: string | null; via?: Downloader | undefined },
): Promise<PreflightFacts> {
  const { binaryPath, nodePath, configPath, statePath } = await installations.find(serverId, limits);
  if (binaryPath === null || nodePath === null)
    throw new AppError(
      'openclaw_missing',
      'The service of the gateway runs no OpenClaw that Buoy can find.',
      {
        hint: 'Check which command its service runs.',
      },
    );
  if (configPath === null)
    throw new AppError('config_invalid', 'OpenClaw has no config on this server yet.', {
      hint: 'Finish its setup first (onboard).',
    });
  const folder = path.posix.dirname(configPath);
  const own = withVariables(script, {
    ...{ BINARY: binaryPath, NODE: nodePath, STATE: folder },
    ...{ OPENCLAW_VERSION: version ?? '', NPM_REGISTRY: downloads.npmRegistry, VIA: via ?? 'server' },
  });
  const values = readKeyValues(
    await ssh.script(serverId, own, [], {
      ...{ ...limits, deadlineMs: DEADLINE_MS },
      maxOutputBytes: MAX_OUTPUT_BYTES,
    }),
  );
  const has = (key: string) => values.text(key) === 'yes';
  return {
    node: nodePath,
    state: values.text('state') ?? folder,
    package: values.text('package'),
    version: exactVersion.safeParse(values.text('version')).data ?? null,
    target: exactVersion.safeParse(values.text('target')).data ?? null,
    problem: problem.safeParse(values.text('problem')).data ?? null,
    byNpm: has('byNpm'),
    writable: has('writable'),
    // A unit may name another folder for the state than for the config.
    ownState:
      has('ownState') && statePath !== null && path.posix.resolve(statePath) === path.posix.resolve(folder),
    movable: has('movable') && !has('mounted'),
    apart: shown(values.text('apart')),
    shared: shown(values.text('shared')),
    foreign: shown(values.text('foreign')),
    owned: has('owned'),
    hasNpm: values.text('npm') !== null,
    free: {
      forPackage: values.count('freeForPackage') ?? 0,
      forState: values.count('freeForState') ?? 0,
      sameDisk: has('sameDisk'),
    },
    stateSize: values.count('stateSize') ?? 0,
    asideSize: values.count('asideSize') ?? 0,
    unfinished: has('unfinished'),
  };
}

export const exactVersion = z.string().regex(/^\d{1,6}(\.\d{1,6}){2}(-[0-9A-Za-z.-]{1,64})?$/);
const REGISTRY_EXIT_CODE = 21;
const VERSION_EXIT_CODE = 23;

/** A snapshot changes nothing; a restore may go back to an older version. */
type PlannedWork = 'update' | 'snapshot' | 'restore';

const whatItDoes: Record<PlannedWork, string> = {
  update: 'update it',
  snapshot: 'back it up',
  restore: 'restore it',
};

/** @throws AppError for whatever would stop the work later */
export function planOf(facts: PreflightFacts, work: PlannedWork = 'update'): UpdatePlan {
  const { version: from, package: folder, state } = facts;
  const does = whatItDoes[work];
  if (facts.problem === 'lineBreak')
    throw new AppError(
      'refused',
      `The path of OpenClaw or of its folder holds a line break, so Buoy does not ${does}.`,
      { hint: orByHand(work, 'Rename that folder on the server') },
    );
  if (folder === null || !facts.byNpm)
    throw new AppError(
      'unsupported',
      `OpenClaw was not installed by npm on this server, so Buoy cannot ${does}.`,
      work === 'update' ? { hint: 'Update it the way it was installed.' } : {},
    );
  if (from === null)
    throw new AppError('unsupported', 'OpenClaw on this server has no version that Buoy understands.', {
      hint: 'Update OpenClaw by hand.',
    });
  if (!facts.ownState)
    throw new AppError(
      'refused',
      `OpenClaw's folder is not ~/.openclaw of the login, so Buoy does not ${does}.`,
      { hint: orByHand(work, 'Let Buoy log in as the account that OpenClaw runs as') },
    );
  if (!facts.owned || (work !== 'snapshot' && !facts.writable))
    throw new AppError(
      'refused',
      `OpenClaw on this server does not belong to the login alone, so Buoy does not ${does}.`,
      { hint: 'Let Buoy log in as the account that OpenClaw runs as and belongs to.' },
    );
  if (facts.shared !== null)
    throw new AppError(
      'refused',
      `Other accounts may write to ${facts.shared}, so Buoy can keep no way back there.`,
      { hint: orByHand(work, 'Take that right from them') },
    );
  if (work === 'snapshot') {
    expectRoomForArchive(facts);
    return { from, to: from, package: folder, node: facts.node, state };
  }
  return changePlan({ ...facts, version: from, package: folder }, work);
}

/** What a person can do; an update can also be made without Buoy. */
function orByHand(work: PlannedWork, way: string): string {
  return work === 'update' ? `${way}, or update OpenClaw by hand.` : `${way}.`;
}

/** Of an update or a restore. */
function changePlan(
  facts: PreflightFacts & { version: string; package: string },
  work: 'update' | 'restore',
): UpdatePlan {
  const { version: from, target: to, package: folder, node, state } = facts;
  if (!facts.movable)
    throw new AppError(
      'refused',
      "OpenClaw's folder is a disk of its own, or the login may not write beside it, so Buoy cannot keep a copy there.",
      work === 'update' ? { hint: 'Update OpenClaw by hand.' } : {},
    );
  if (facts.apart !== null)
    throw new AppError(
      'refused',
      `Part of OpenClaw's folder lies elsewhere, so Buoy could not put it back: ${facts.apart}`,
      { hint: orByHand(work, 'Move it into the folder itself') },
    );
  // A restore moves the folder as a whole.
  if (work === 'restore' && [folder, node].some((file) => file.startsWith(`${state}/`)))
    throw new AppError('refused', 'OpenClaw or its Node is installed in the folder that would be replaced.', {
      hint: 'Install OpenClaw outside of ~/.openclaw.',
    });
  if (!facts.hasNpm && from !== to)
    throw new AppError('refused', 'There is no npm beside the Node that runs OpenClaw.', {
      hint: `Install npm for this Node, then start the ${work} again.`,
    });
  if (facts.unfinished)
    throw new AppError(
      'conflict',
      'An earlier update or restore of this server did not finish, and kept the old version or state.',
      { hint: unfinishedHint(folder, state, work) },
    );
  if (facts.foreign !== null)
    throw new AppError(
      'conflict',
      `Buoy would keep its way back in ${facts.foreign}, which it has not made.`,
      { hint: `Move that folder away, then start the ${work} again.` },
    );
  if (to === null)
    throw installFailure(facts.problem === 'version' ? VERSION_EXIT_CODE : REGISTRY_EXIT_CODE, 'update');
  const order = compareVersions(from, to);
  if (work === 'update' && order !== null && order > 0)
    throw new AppError('refused', `The server has OpenClaw ${from}, which is newer than ${to}.`, {
      hint: 'An older version cannot read the state of a newer one. Restore a snapshot of that version.',
    });
  if (order !== 0 || work === 'restore') expectRoom(facts, work);
  return { from, to, package: folder, node, state };
}

function unfinishedHint(folder: string, state: string, work: 'update' | 'restore'): string {
  const staging = `${shown(path.posix.dirname(folder))}/.update-openclaw`;
  const kept = `${shown(state)}.before-update`;
  return [
    `If OpenClaw works, remove ${staging} and ${kept} (the state before), then start the ${work} again.`,
    `If it does not: stop it, move ${staging}/old/package to ${shown(folder)} if it is there, move what is in ${kept} back into ${shown(state)}, then start it.`,
  ].join(' ');
}

function expectRoom({ free, stateSize, version, target }: PreflightFacts, work: 'update' | 'restore'): void {
  const forState = stateSize * STATE_COPIES;
  const needed = (version === target ? 0 : PACKAGE_SIZE) + (free.sameDisk ? forState : 0);
  if (free.forPackage >= needed && free.forState >= forState) return;
  const [has, needs] = free.forPackage < needed ? [free.forPackage, needed] : [free.forState, forState];
  throw noRoom(work, needs, has);
}

function expectRoomForArchive({ free, stateSize, asideSize }: PreflightFacts): void {
  const needs = stateSize * ARCHIVE_COPIES;
  const has = Math.max(0, free.forState - asideSize);
  if (has < needs) throw noRoom('snapshot', needs, has);
}

function noRoom(work: PlannedWork, needs: number, has: number): AppError {
  return new AppError('disk_full', `The ${work} needs ${needs} MiB on the server, and ${has} MiB are free.`, {
    hint: `Free some space, then start the ${work} again.`,
  });
}

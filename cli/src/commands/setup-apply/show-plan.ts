// The plan as a table, before anything is done: what would change, and where each secret comes from.
import { visibleText } from '@buoy/contract/visible-text';
import type { Context } from '../../command.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { isMoved, type PlannedChange } from './differences.ts';
import { isIdle, isKeyUnknown, type ServerPlan } from './plan.ts';
import type { SecretSources } from './secret-sources.ts';
import type { DescribedServer } from './servers-file.ts';
import { setupParts } from './setup-parts.ts';

type Shown = SecretSources['shown'];

export function showPlan({ output }: Context, plans: readonly ServerPlan[], { shown }: SecretSources): void {
  output.table(
    ['SERVER', fixedColumn('ACTION'), wrappedColumn('WHAT')],
    plans.map((plan) => [plan.described.name, actionText(plan), whatText(plan, shown)]),
  );
  for (const { described, notes } of plans)
    for (const text of notes) output.note(`${cleanLine(described.name)}: ${text}`);
}

/** `1 to add, 2 to set up, 3 as described`. */
export function countText(plans: readonly ServerPlan[]): string {
  const able = plans.filter(({ problem }) => problem === null);
  const counts = [
    [able.filter(({ server }) => server === null).length, 'to add'],
    [able.filter(({ changes }) => changes.length > 0).length, 'to change'],
    [able.filter(({ setup }) => setup.kind === 'start' || setup.kind === 'unseen').length, 'to set up'],
    [able.filter(({ setup }) => setup.kind === 'follow').length, 'being set up'],
    [able.filter(isIdle).length, 'as described'],
    [plans.length - able.length, 'not possible'],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}

/** The plan for scripts; secrets are in none of its parts. */
export function planAnswer(plans: readonly ServerPlan[]): object {
  return {
    servers: plans.map(({ described, server, address, changes, setup, notes, problem }) => ({
      id: server?.id ?? null,
      name: described.name,
      address,
      owner: server?.owner ?? null,
      action: problem !== null ? 'none' : server === null ? 'add' : changes.length > 0 ? 'change' : 'none',
      changes,
      setup: {
        action: setup.kind.replace(' ', '_'),
        changes: setup.kind === 'start' ? setup.changes : [],
        taskId: setup.kind === 'follow' ? setup.task.id : null,
      },
      notes,
      error: problem,
    })),
  };
}

function actionText(plan: ServerPlan): string {
  const { server, changes, setup, problem } = plan;
  if (problem !== null) return 'not possible';
  if (isIdle(plan)) return 'none';
  return [
    ...(server === null ? ['add'] : []),
    ...(changes.length > 0 ? ['change'] : []),
    ...(setup.kind === 'start' || setup.kind === 'unseen' ? ['set up'] : []),
    ...(setup.kind === 'follow' ? ['follow'] : []),
  ].join(', ');
}

function whatText(plan: ServerPlan, shown: Shown): string {
  const { described, server, changes, setup, problem } = plan;
  if (problem !== null) return [problem.error, problem.hint].filter((text) => text !== null).join(' ');
  if (isIdle(plan)) return 'as described';
  const parts = [
    placeText(plan),
    ...(server === null ? newServerParts(described, shown) : changes.map(changeText)),
    ...(server !== null && isMoved(changes) ? loginParts(described, shown) : []),
    ...(isKeyUnknown(plan) ? ['its host key is asked for'] : []),
    ...setupParts(setup, shown).map(partText),
  ];
  // A table leaves hidden characters out, and they are sent.
  return parts.map((part) => visibleText(part, 'command')).join('; ');
}

/** `deploy@web.example`, and which server that is if it is somebody else's: the file may have come from them. */
function placeText({ server, address, owner }: ServerPlan): string {
  return server === null || owner === null ? address : `${address}, ${server.id} of ${owner}`;
}

function newServerParts({ auth, tags = [], hostKey }: DescribedServer, shown: Shown): string[] {
  return [
    ...loginParts({ auth }, shown),
    ...(hostKey === undefined ? [] : [`host key ${hostKey}`]),
    ...(tags.length === 0 ? [] : [`tags ${tags.join(', ')}`]),
  ];
}

function loginParts({ auth }: Pick<DescribedServer, 'auth'>, shown: Shown): string[] {
  if (auth === undefined) return [];
  const { password, privateKey, passphrase } = auth;
  return [
    ...(password === undefined ? [] : [`password from ${shown(password)}`]),
    ...(privateKey === undefined ? [] : [`private key from ${shown(privateKey)}`]),
    ...(passphrase === undefined ? [] : [`passphrase from ${shown(passphrase)}`]),
  ];
}

function partText(part: string | PlannedChange): string {
  return typeof part === 'string' ? part : changeText(part);
}

function changeText({ field, from, to }: PlannedChange): string {
  return `${field}: ${from === null || from === '' ? 'none' : from} → ${to}`;
}

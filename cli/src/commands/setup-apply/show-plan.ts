// The plan as a table, before anything is done: what would change, and where each secret comes from.
import type { Context } from '../../command.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { isMoved, type PlannedChange, providerOf } from './differences.ts';
import { isIdle, type ServerPlan } from './plan.ts';
import { sourceText } from './secret-sources.ts';
import type { DescribedServer, DescribedSetup } from './servers-file.ts';

export function showPlan({ output }: Context, plans: readonly ServerPlan[]): void {
  output.table(
    ['SERVER', fixedColumn('ACTION'), wrappedColumn('WHAT')],
    plans.map((plan) => [plan.described.name, actionText(plan), whatText(plan)]),
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
    servers: plans.map(({ described, server, changes, setup, notes, problem }) => ({
      id: server?.id ?? null,
      name: described.name,
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

function whatText(plan: ServerPlan): string {
  const { described, server, changes, setup, problem } = plan;
  if (problem !== null) return [problem.error, problem.hint].filter((text) => text !== null).join(' ');
  if (isIdle(plan)) return 'as described';
  return [
    ...(server === null ? newServerParts(plan) : changes.map(changeText)),
    ...(server !== null && isMoved(changes) ? loginParts(described) : []),
    ...setupParts(setup),
  ].join('; ');
}

function newServerParts({ described, jump }: ServerPlan): string[] {
  const { username, host, port = 22, tags = [], hostKey } = described;
  return [
    `${username}@${host}${port === 22 ? '' : `:${port}`}${jump ? ` through ${jump.name}` : ''}`,
    ...loginParts(described),
    hostKey === undefined ? 'its host key is asked for' : `host key ${hostKey}`,
    ...(tags.length === 0 ? [] : [`tags ${tags.join(', ')}`]),
  ];
}

function loginParts({ auth }: DescribedServer): string[] {
  if (auth === undefined) return [];
  const { password, privateKey, passphrase } = auth;
  return [
    ...(password === undefined ? [] : [`password from ${sourceText(password)}`]),
    ...(privateKey === undefined ? [] : [`private key from ${sourceText(privateKey)}`]),
    ...(passphrase === undefined ? [] : [`passphrase from ${sourceText(passphrase)}`]),
  ];
}

function setupParts(plan: ServerPlan['setup']): string[] {
  switch (plan.kind) {
    case 'start':
      return [...plan.changes.map(changeText), ...describedParts(plan.setup)];
    case 'unseen':
      return [`OpenClaw ${plan.setup.openclaw?.version ?? 'latest'}`, ...describedParts(plan.setup)];
    case 'follow':
      return [`task ${plan.task.id} sets it up already`];
    default:
      return [];
  }
}

function describedParts(setup: DescribedSetup): string[] {
  const { onboard, channel, sudoPassword } = setup;
  return [
    `provider ${providerOf(setup)}${onboard.apiKey === undefined ? '' : ` with the key from ${sourceText(onboard.apiKey)}`}`,
    ...(onboard.baseUrl === undefined ? [] : [`at ${onboard.baseUrl}`]),
    ...(channel ? [`bot token from ${sourceText(channel.botToken)}`] : []),
    ...(sudoPassword ? [`password for sudo from ${sourceText(sudoPassword)}`] : []),
  ];
}

function changeText({ field, from, to }: PlannedChange): string {
  return `${field}: ${from === null || from === '' ? 'none' : from} → ${to}`;
}

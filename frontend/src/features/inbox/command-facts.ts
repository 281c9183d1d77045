// What decides beside its text what a command does: where it runs, and the variables that the agent sets for it.
import type { ExecApproval } from '@buoy/contract';
import type { inboxTexts } from './texts.ts';

const hosts = ['gateway', 'node', 'sandbox'] as const;

export function factsOf(
  { cwd, env, host, node }: ExecApproval,
  t: (typeof inboxTexts)['en'],
): Array<{ term: string; value: string }> {
  const known = hosts.find((name) => name === host);
  return [
    { term: t.directory, value: cwd },
    { term: t.runsOn, value: known === undefined ? host : t[`host_${known}`] },
    { term: t.device, value: node },
    { term: t.variables, value: env.length === 0 ? null : env.join(', ') },
  ].flatMap(({ term, value }) => (value === null ? [] : [{ term, value }]));
}

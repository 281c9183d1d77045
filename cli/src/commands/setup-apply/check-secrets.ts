// Reads every secret that a plan may need before anything is changed, so that a missing one stops nothing half-way.
import { CommandError, UsageError } from '../../command.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { newServerBody, serverChangeBody, setupBody } from './bodies.ts';
import type { ServerPlan } from './plan.ts';
import type { SecretReader } from './secret-sources.ts';

/** @throws UsageError that names all that are missing or not of the right form, never their text */
export async function checkSecrets(plans: readonly ServerPlan[], secrets: SecretReader): Promise<void> {
  const found = new Set<string>();
  for (const plan of plans) {
    if (plan.problem !== null) continue;
    try {
      for (const issue of await issuesOf(plan, secrets))
        found.add(`${cleanLine(plan.described.name)}: ${issue}`);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      found.add(error.message);
    }
  }
  if (found.size > 0) throw new UsageError([...found].join('\n'), 'Nothing was done.');
}

async function issuesOf(plan: ServerPlan, secrets: SecretReader): Promise<string[]> {
  const { described, server, changes, setup } = plan;
  const { auth } = described;
  const { newServerIssues, setupIssues } = await import('./servers-file.ts');
  const issues: string[] = [];
  if (server !== null) await serverChangeBody(described, changes, { jumpServerId: null }, secrets);
  else if (auth !== undefined) {
    const body = await newServerBody({ ...described, auth }, null, described.hostKey, secrets);
    issues.push(...newServerIssues(body));
  }
  if (setup.kind === 'start' || setup.kind === 'unseen' || setup.kind === 'follow') {
    const facts = setup.kind === 'start' ? setup.facts : null;
    issues.push(...setupIssues(await setupBody(setup.setup, facts, secrets)));
  }
  return issues;
}

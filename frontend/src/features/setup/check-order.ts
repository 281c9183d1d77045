// The checks before a setup in the order in which a person reads them, and what they mean for the setup.
import type { Contract, Prerequisite, ResponseOf } from '@buoy/contract';

export type Prerequisites = ResponseOf<Contract['GET /servers/:id/setup/check-prereqs']>;
type Answer = Pick<Prerequisites, 'ready' | 'checks'>;

/** What becomes of a check: a person must mend it, setup mends it, it only warns, or it is passed. */
export type CheckGroup = 'blocking' | 'mended' | 'warning' | 'passed';

/** Each group keeps the order of the server. */
export function groupChecks(answer: Answer): Record<CheckGroup, Prerequisite[]> {
  const groups: Record<CheckGroup, Prerequisite[]> = { blocking: [], mended: [], warning: [], passed: [] };
  for (const check of answer.checks) groups[groupOf(check, answer)].push(check);
  return groups;
}

function groupOf(check: Prerequisite, answer: Answer): CheckGroup {
  if (check.status === 'pass') return 'passed';
  if (check.fix?.automatic === true) return 'mended';
  if (check.status === 'warn') return 'warning';
  return answer.ready || isLingerBesideAnother(check, answer) ? 'mended' : 'blocking';
}

/** Whether a password lets setup turn lingering on shows only once nothing else blocks: until then it is no reason. */
function isLingerBesideAnother({ id }: Prerequisite, { checks }: Answer): boolean {
  return id === 'linger' && checks.some((check) => check.id !== 'linger' && needsPerson(check));
}

function needsPerson({ status, fix }: Prerequisite): boolean {
  return status === 'fail' && fix?.automatic !== true;
}

/** True where setup can turn lingering on with a password for sudo, and not without one. */
export function asksSudoPassword({ ready, checks }: Answer): boolean {
  return ready && checks.some((check) => check.id === 'linger' && needsPerson(check));
}

import type { Prerequisite, PrerequisiteId } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { asksSudoPassword, groupChecks } from './check-order.ts';

const check = (
  id: PrerequisiteId,
  status: Prerequisite['status'],
  fix: Partial<NonNullable<Prerequisite['fix']>> = {},
): Prerequisite => ({
  id,
  title: id,
  status,
  detail: `About ${id}.`,
  fix: status === 'pass' ? null : { text: 'Do it.', command: null, automatic: false, ...fix },
});
const bySetup = { automatic: true };
const ids = (ready: boolean, ...checks: Prerequisite[]) => {
  const { blocking, mended, warning, passed } = groupChecks({ ready, checks });
  return [blocking, mended, warning, passed].map((group) => group.map(({ id }) => id));
};

describe('order of checks', () => {
  it('puts what a person must mend before what setup mends, warnings and passed checks', () => {
    expect(
      ids(
        false,
        check('os', 'pass'),
        check('memory', 'warn'),
        check('port', 'fail'),
        check('node', 'fail', bySetup),
        check('npm', 'warn', bySetup),
        check('dns', 'pass'),
        check('registry', 'fail'),
      ),
    ).toEqual([['port', 'registry'], ['node', 'npm'], ['memory'], ['os', 'dns']]);
  });

  it('counts lingering as mended where setup can start with a password for sudo', () => {
    expect(ids(true, check('linger', 'fail'), check('sudo', 'warn'))).toEqual([[], ['linger'], ['sudo'], []]);
  });

  it('names lingering as the reason only where nothing else blocks setup', () => {
    expect(ids(false, check('node', 'fail', bySetup), check('linger', 'fail'))[0]).toEqual(['linger']);
    expect(ids(false, check('disk', 'fail'), check('linger', 'fail'))[0]).toEqual(['disk']);
  });
});

describe('password for sudo', () => {
  it('is asked for only where lingering is off and setup cannot turn it on without one', () => {
    expect(asksSudoPassword({ ready: true, checks: [check('linger', 'fail')] })).toBe(true);
    expect(asksSudoPassword({ ready: true, checks: [check('linger', 'fail', bySetup)] })).toBe(false);
    expect(asksSudoPassword({ ready: true, checks: [check('linger', 'pass')] })).toBe(false);
    expect(asksSudoPassword({ ready: true, checks: [check('sudo', 'warn')] })).toBe(false);
  });

  it('is not asked for while setup cannot start', () => {
    expect(asksSudoPassword({ ready: false, checks: [check('linger', 'fail')] })).toBe(false);
  });
});

import { expect, it } from 'vitest';
import { serverRecord } from '../servers/testing/server-record.ts';
import { restoreTargets } from './restore-targets.ts';

const own = serverRecord({ id: 'own' });
const source = serverRecord({ id: 'source' });
const given = serverRecord({ id: 'given', owner: { id: '1', name: 'Anna', givenBy: '2' } });
/** As a super-admin sees it: with the role of an owner. */
const theirs = serverRecord({ id: 'theirs', owner: { id: '2', name: 'Berta', givenBy: null } });

it('offers a super-admin no server of somebody else to restore on', () => {
  expect(restoreTargets([theirs, own, source], source, '1')).toEqual([own]);
});

it('offers the servers of the person, those that somebody transferred to them last', () => {
  expect(restoreTargets([given, own, source], source, '1')).toEqual([own, given]);
});

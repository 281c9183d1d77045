// Where the files of a new agent may go.
import { expect, test } from 'vitest';
import { workspaceFor } from './workspace-path.ts';

const configPath = '/home/deploy/.openclaw/openclaw.json';
const occupied = [
  { id: 'main', workspace: '/home/deploy/.openclaw/workspace' },
  { id: 'ops', workspace: '~/srv/ops/' },
];
const place = (wanted: string | null, id = 'sales') => workspaceFor(id, { wanted, configPath, occupied });

test('by default beside the main one', () => {
  expect(place(null)).toBe('/home/deploy/.openclaw/workspace-sales');
});

test.each([
  ['/srv/sales/', '/srv/sales'],
  ['/srv/a/../sales', '/srv/sales'],
  ['~/sales', '/home/deploy/sales'],
  ['/home/deploy/.openclaw/workspaces', '/home/deploy/.openclaw/workspaces'],
])('%s is %s', (wanted, absolute) => {
  expect(place(wanted)).toBe(absolute);
});

test.each([
  '/home/deploy/.openclaw/workspace',
  '/home/deploy/.openclaw/workspace/sales',
  '/home/deploy/x/../.openclaw/workspace/sales',
  '/home/deploy',
  '/home/deploy/srv/ops/deep',
])('%s is taken by another agent', (wanted) => {
  expect(() => place(wanted)).toThrow(expect.objectContaining({ code: 'conflict' }));
});

test.each(['sales', './sales', '~other/sales', '/', '//'])('%j is not a place', (wanted) => {
  expect(() => place(wanted)).toThrow(expect.objectContaining({ status: expect.toBeOneOf([400, 409]) }));
});

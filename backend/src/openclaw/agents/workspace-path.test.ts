// Which folder the workspace of a new agent may use.
import { expect, test } from 'vitest';
import { workspaceFor } from './workspace-path.ts';

const configPath = '/home/deploy/.openclaw/openclaw.json';
const occupied = [
  { id: 'main', workspace: '/home/deploy/.openclaw/workspace' },
  { id: 'ops', workspace: '~/srv/ops/' },
];
const place = (wanted: string | null, id = 'sales') => workspaceFor(id, { wanted, configPath, occupied });

test('agent workspace › is beside the main workspace by default', () => {
  expect(place(null)).toBe('/home/deploy/.openclaw/workspace-sales');
});

test.each([
  ['/srv/sales/', '/srv/sales'],
  ['/srv/a/../sales', '/srv/sales'],
  ['~/sales', '/home/deploy/sales'],
  ['/home/deploy/.openclaw/workspaces', '/home/deploy/.openclaw/workspaces'],
])('agent workspace › resolves %s to %s', (wanted, absolute) => {
  expect(place(wanted)).toBe(absolute);
});

test.each([
  '/home/deploy/.openclaw/workspace',
  '/home/deploy/.openclaw/workspace/sales',
  '/home/deploy/x/../.openclaw/workspace/sales',
  '/home/deploy',
  '/home/deploy/srv/ops/deep',
])('agent workspace › refuses %s, which overlaps with another agent', (wanted) => {
  expect(() => place(wanted)).toThrow(expect.objectContaining({ code: 'conflict' }));
});

test.each(['sales', './sales', '~other/sales', '/', '//'])(
  'agent workspace › refuses %j, which is not an absolute folder',
  (wanted) => {
    expect(() => place(wanted)).toThrow(expect.objectContaining({ status: expect.toBeOneOf([400, 409]) }));
  },
);

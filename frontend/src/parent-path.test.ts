import { expect, it } from 'vitest';
import { parentPath } from './parent-path.ts';

it.each([
  ['/servers/srv_a1/agents/main', '/servers/srv_a1/agents'],
  ['/servers/srv_a1/agents', '/servers/srv_a1'],
  ['/servers/srv_a1', '/'],
  ['/servers/new', '/'],
  ['/servers/new/several', '/servers/new'],
  ['/tasks/tsk_b2', '/tasks'],
  ['/rollouts/new', '/rollouts'],
  ['/update-policies/prod', '/update-policies'],
  ['/admin/backups', '/admin'],
  ['/account', '/'],
  ['/nothing/here', '/'],
  ['/', '/'],
])('above %s is %s', (path, parent) => {
  expect(parentPath(path)).toBe(parent);
});

import { expect, it } from 'vitest';
import { factsOf } from './command-facts.ts';
import { inboxTexts } from './texts.ts';

const approval = {
  ...{ id: 'a1', command: 'tar czf backup.tgz docs', agentId: 'main', sessionKey: null, warning: null },
  ...{ allowedDecisions: [], requestedAt: null, expiresAt: null, status: 'pending' as const },
};

it('shows the variables that an agent sets for a command, and the device that it chose', () => {
  const asked = { ...approval, cwd: '/srv', env: ['TAR_OPTIONS', 'LANG'], host: 'node', node: 'laptop' };
  expect(factsOf(asked, inboxTexts.en)).toEqual([
    { term: 'Directory', value: '/srv' },
    { term: 'Runs on', value: 'a paired device' },
    { term: 'Device', value: 'laptop' },
    { term: 'Sets variables (OpenClaw hides the values)', value: 'TAR_OPTIONS, LANG' },
  ]);
});

it('shows nothing that OpenClaw does not tell', () => {
  expect(factsOf({ ...approval, cwd: null, env: [], host: null, node: null }, inboxTexts.en)).toEqual([]);
});

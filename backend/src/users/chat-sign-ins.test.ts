// Whom a message to the bot stands for, and whom its calls count for.
import { expect, test } from 'vitest';
import { countedPerson } from './caller.ts';
import { createChatSignIns } from './chat-sign-ins.ts';
import { userRow } from './testing/people.ts';
import { createUserPresenter } from './user.presenter.ts';

const at = '2026-03-01T10:00:00.000Z';
const rows = [
  userRow('7', { approvedAt: at }),
  userRow('8'),
  userRow('9', { approvedAt: at, disabledAt: at }),
];
const chatSignIns = createChatSignIns({
  users: { find: async (id) => rows.find((row) => row.id === id) },
  presentUser: createUserPresenter({ adminUserIds: new Set(), signUp: 'approval' }),
});

test('calls from a chat count apart from those of devices and API tokens of the same person', async () => {
  const chat = await chatSignIns.during('7', (token) => chatSignIns.authenticate(token));
  const token = { ...chat, apiToken: { id: 'tok_1', scopes: [] } };
  const device = { ...chat, apiToken: null, sessionId: 'ses_1' };
  expect(new Set([chat, token, device].map(countedPerson)).size).toBe(3);
});

test.each([
  ['7', 'who is approved', true],
  ['8', 'who waits to be approved', false],
  ['9', 'who is disabled', false],
  ['10', 'whom Buoy does not know', false],
])('%s, %s, is admitted: %s', async (id, _who, isAdmitted) => {
  expect(await chatSignIns.isAdmitted(id)).toBe(isAdmitted);
});

// Connections through jump servers after a right has ended, while the database fails.
import { expect, test } from 'vitest';
import type { Access } from '../access/access.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createJumpServers } from './jump-servers.ts';
import type { ServerStore } from './servers.store.ts';

/** @param barred what is read of each server; by default all are barred */
function jumpServersOf({
  barred = async () => 'barred',
  listDependentIds = async () => ['inner-1', 'inner-2'],
}: {
  barred?: (serverId: string) => Promise<string | null>;
  listDependentIds?: (serverId: string) => Promise<string[]>;
}) {
  const closed: string[] = [];
  const observed: string[] = [];
  const { logger, text } = createRecordingLogger();
  const jumpServers = createJumpServers({
    store: { listDependentIds } as Partial<ServerStore> as ServerStore,
    access: {} as Access,
    rules: { barred, jumpOf: () => expect.unreachable() },
    observe: async (serverId) => void observed.push(serverId),
    onRouteChanged: (serverId) => void closed.push(serverId),
    logger,
  });
  return { jumpServers, closed, observed, text };
}
const failing = () => Promise.reject(new Error('the database is gone'));

test('a server whose right cannot be read is closed, logged, and keeps none of the others open', async () => {
  const { jumpServers, closed, observed, text } = jumpServersOf({
    barred: async (serverId) => (serverId === 'inner-1' ? failing() : serverId === 'jump' ? null : 'barred'),
  });
  await jumpServers.accessChanged('jump');
  expect(closed).toEqual(['inner-1', 'inner-2']);
  expect(observed).toEqual(['inner-2']);
  expect(text()).toMatch(/inner-1.*the database is gone/);
});

test('the connection to a jump server closes, and all through it, when the servers behind it cannot be read', async () => {
  const { jumpServers, closed } = jumpServersOf({ barred: async () => null, listDependentIds: failing });
  await expect(jumpServers.accessChanged('jump')).rejects.toThrow('the database is gone');
  expect(closed).toEqual(['jump']);
});

// SSH services of servers that were taken over, with a Buoy that has logged in to them.
import { systemClock } from '../../src/lib/clock.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { Ssh, SshTarget } from '../../src/ssh/ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import type { HostileClient } from './ssh-packets.ts';

/** For calls that succeed. */
export const soon = { deadlineMs: 10_000 };

/** What `closeAll` runs. */
export const cleanUp: Array<() => Promise<void>> = [];
/** Closes what a test has opened, the last first: for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of cleanUp.splice(0).reverse()) await close();
}

/** Connects to as many servers, each of which runs `onReady` once Buoy has logged in; `others` are known to Buoy as well. */
export async function allConnected(
  count: number,
  onReady: (client: HostileClient) => void,
  ...others: SshTarget[]
): Promise<{ ssh: Ssh; serverIds: string[] }> {
  const found: SshTarget[] = [];
  for (let made = 0; made < count; made += 1) {
    const server = await startScriptedServer({
      config: { algorithms: { cipher: ['aes128-gcm@openssh.com'] } },
      onClient: (client) => client.on('ready', () => onReady(client as unknown as HostileClient)),
    });
    cleanUp.push(() => server.close());
    found.push(server.target());
  }
  const targets = createMemoryTargets(...found, ...others);
  const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
  cleanUp.push(() => ssh.close());
  const serverIds = found.map(({ serverId }) => serverId);
  for (const serverId of serverIds) await ssh.exec(serverId, 'true', soon);
  return { ssh, serverIds };
}

/** The same with one server. */
export async function connected(
  onReady: (client: HostileClient) => void,
): Promise<{ ssh: Ssh; serverId: string }> {
  const { ssh, serverIds } = await allConnected(1, onReady);
  return { ssh, serverId: serverIds[0]! };
}

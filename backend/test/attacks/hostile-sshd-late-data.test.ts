// The SSH service of a managed server that was taken over: data behind the end of a channel must not end Buoy's process.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { Ssh } from '../../src/ssh/ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { cleanUp, closeAll, soon } from '../support/hostile-sshd.ts';
import type { HostileClient } from '../support/ssh-packets.ts';

const STDERR = 1;

/** What would have ended the process. */
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);

beforeEach(() => {
  uncaught.length = 0;
  process.on('uncaughtExceptionMonitor', note);
});
afterEach(async () => {
  process.off('uncaughtExceptionMonitor', note);
  await closeAll();
});

/** Calls `send` for each channel that Buoy opens, before the server answers what Buoy asks for in it, which it refuses. */
async function refusing(
  send: (protocol: HostileClient['_protocol'], channel: number) => void,
): Promise<{ ssh: Ssh; serverId: string }> {
  const server = await startScriptedServer({
    onClient(client) {
      const { _protocol: protocol } = client as unknown as HostileClient;
      const confirm = protocol.channelOpenConfirm.bind(protocol);
      protocol.channelOpenConfirm = (channel, ...rest) => {
        confirm(channel, ...rest);
        send(protocol, channel);
      };
    },
    onSession(session) {
      const refuse = (_accept: unknown, reject: () => void): void => reject();
      session.on('exec', refuse).on('pty', refuse).on('sftp', refuse);
    },
  });
  cleanUp.push(() => server.close());
  const target = server.target();
  const ssh = createSsh({
    targets: createMemoryTargets(target),
    clock: systemClock,
    logger: createKeptLogger().logger,
  });
  cleanUp.push(() => ssh.close());
  return { ssh, serverId: target.serverId };
}

describe('a hostile SSH server that sends on behind the end of a channel that Buoy has just opened', () => {
  for (const [what, send] of [
    ['error output', (protocol, channel) => protocol.channelExtData(channel, Buffer.from('x'), STDERR)],
    ['output', (protocol, channel) => protocol.channelData(channel, Buffer.from('x'))],
  ] satisfies Array<[string, (protocol: HostileClient['_protocol'], channel: number) => void]>)
    test(`does not end the process with ${what}`, async () => {
      const { ssh, serverId } = await refusing((protocol, channel) => {
        protocol.channelEOF(channel);
        send(protocol, channel);
      });
      await expect(ssh.exec(serverId, 'true', soon)).rejects.toMatchObject({ code: 'refused' });
      await expect(ssh.shell(serverId, { columns: 80, rows: 24 }, soon)).rejects.toMatchObject({
        code: 'refused',
      });
      await expect(ssh.writeFile(serverId, 'x', 'content', { ...soon, mode: 0o600 })).rejects.toMatchObject({
        code: 'unsupported',
      });
      expect(uncaught).toEqual([]);
    });
});

// What commands leave behind when they are over: output that nobody reads any more, and channels whose end a hostile server never confirms, must
// not fill Buoy's memory.
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/testing/until.ts';
import { execEvents } from '../../src/servers/exec-events.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { SshLimits } from '../../src/ssh/limits.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { cleanUp, closeAll, soon } from '../support/hostile-sshd.ts';
import type { HostileClient } from '../support/ssh-packets.ts';

const MIB = 1024 * 1024;
/** Fits in the window that Buoy grants, so that all of it comes whether it is read or not. */
const OUTPUT_BYTES = 1_950_000;
const PIECE_BYTES = 30_000;
const LINGER_MS = 50;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

afterEach(closeAll);

/** Bytes outside of the heap that are still referred to. */
async function keptBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await pause(20);
    collectGarbage();
  }
  return process.memoryUsage().arrayBuffers;
}

/** The system's clock, which counts the timers that wait for the last output of commands. */
function lingerClock(): Clock & { lingering(): number } {
  let lingering = 0;
  return {
    now: systemClock.now,
    after(delayMs, run) {
      if (delayMs !== LINGER_MS) return systemClock.after(delayMs, run);
      lingering += 1;
      let isOver = false;
      const end = () => {
        if (!isOver) lingering -= 1;
        isOver = true;
      };
      const cancel = systemClock.after(delayMs, () => {
        end();
        run();
      });
      return () => {
        end();
        cancel();
      };
    },
    lingering: () => lingering,
  };
}

function sshFor(server: ScriptedServer, limits: Partial<SshLimits>, clock: Clock = systemClock) {
  const targets = createMemoryTargets(server.target());
  const ssh = createSsh({ targets, clock, logger: createKeptLogger().logger, limits });
  cleanUp.push(() => ssh.close());
  return ssh;
}

/** Commands that print at once and end. Without `confirms` the server says only at `confirmAll` that their channels are closed. */
async function printingServer(
  confirms: boolean,
  onClosed: () => void = () => undefined,
): Promise<ScriptedServer & { confirmAll(): void }> {
  const unconfirmed: Array<() => void> = [];
  const server = await startScriptedServer({
    onClient(client) {
      if (confirms) return;
      const { _protocol: protocol } = client as unknown as HostileClient;
      const close = protocol.channelClose.bind(protocol);
      protocol.channelClose = (id) => void unconfirmed.push(() => close(id));
    },
    onSession: (session) =>
      session.on('exec', (accept) => {
        const stream = accept();
        const { id } = (stream as unknown as { outgoing: { id: number } }).outgoing;
        const { _protocol: protocol } = server.clients.at(-1) as unknown as HostileClient;
        for (let at = 0; at < OUTPUT_BYTES; at += PIECE_BYTES)
          protocol.channelData(id, Buffer.alloc(PIECE_BYTES));
        stream.exit(0);
        stream.on('close', onClosed);
        if (confirms) stream.resume().end();
        else protocol.channelEOF(id);
      }),
  });
  cleanUp.push(() => server.close());
  return {
    ...server,
    confirmAll() {
      for (const confirm of unconfirmed.splice(0)) confirm();
    },
  };
}

describe('commands whose readers leave while output waits', () => {
  test('keep no memory, no place and no timer', async () => {
    let closed = 0;
    const server = await printingServer(true, () => {
      closed += 1;
    });
    const { serverId } = server.target();
    const clock = lingerClock();
    const ssh = sshFor(server, { lingerMs: LINGER_MS, closeGraceMs: 60_000 }, clock);
    const before = await keptBytes();
    for (let round = 1; round <= 30; round += 1) {
      const leaving = new AbortController();
      const events = execEvents((onOutput) =>
        ssh.exec(serverId, 'print', { ...soon, signal: leaving.signal, onOutput }),
      );
      expect((await events.next()).value).toMatchObject({ event: 'output' });
      // Buoy has read the end of the command, behind all its output.
      await until(() => closed === round, 'the channel is closed');
      leaving.abort();
      await events.return(undefined);
    }
    await until(() => ssh.load().channels.session === 0, 'all places are free');
    expect((await keptBytes()) - before).toBeLessThan(8 * MIB);
    await pause(2 * LINGER_MS);
    expect(clock.lingering()).toBe(0);
  });
});

describe('commands whose end the server never confirms', () => {
  test.each([
    ['once their time to do so is over', { count: 30, closeGraceMs: 50 }],
    ['before that', { count: 8, closeGraceMs: 60_000 }],
  ])('keep no output %s, and the connection stays', async (_when, { count, closeGraceMs }) => {
    const server = await printingServer(false);
    const { serverId } = server.target();
    const ssh = sshFor(server, { lingerMs: LINGER_MS, closeGraceMs });
    const before = await keptBytes();
    for (let round = 1; round <= count; round += 1) {
      const { stdout } = await ssh.exec(serverId, 'print', { ...soon, maxOutputBytes: 2 * MIB });
      expect(stdout).toHaveLength(OUTPUT_BYTES);
    }
    await pause(100);
    expect((await keptBytes()) - before).toBeLessThan(8 * MIB);
    // A server that was only slow keeps its connection.
    server.confirmAll();
    await ssh.exec(serverId, 'print', soon);
    expect(server.clients).toHaveLength(1);
  });
});

describe('a command that a server begins long after its caller has left', () => {
  test('is ended, also where something else keeps the connection', async () => {
    const begin: Array<() => void> = [];
    let ended = 0;
    const server = await startScriptedServer({
      onClient: (client) => client.on('tcpip', (accept) => void accept()),
      onSession: (session) =>
        session.on('exec', (accept) => {
          begin.push(() => {
            const stream = accept();
            stream.on('close', () => {
              ended += 1;
            });
            stream.resume();
          });
        }),
    });
    cleanUp.push(() => server.close());
    const { serverId } = server.target();
    const ssh = sshFor(server, { closeGraceMs: 20 });
    // Keeps the connection, which takes no new channels once the server was late.
    await ssh.forward(serverId, '127.0.0.1', 1, soon);
    await expect(ssh.exec(serverId, 'late', { deadlineMs: 200 })).rejects.toMatchObject({ code: 'deadline' });
    await until(() => ssh.load().channels.session === 0, 'its place is free');
    begin[0]?.();
    await until(() => ended === 1, 'the command is ended');
  });
});

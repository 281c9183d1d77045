// A fake gateway on a managed server that was taken over: its frames and announcements must not exhaust Buoy's CPU time.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { createOneATurn } from '../../src/lib/one-a-turn.ts';
import { openConnection } from '../../src/openclaw/gateway/connection.ts';
import { createHeldFrames } from '../../src/openclaw/gateway/held-frames.ts';
import { startScriptedGateway } from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import { cleanUp, closeAll, connected, soon } from '../support/hostile-sshd.ts';
import { longestBlock } from '../support/main-thread.ts';
import { field, type HostileClient, packets } from '../support/ssh-packets.ts';

/** Milliseconds of one uninterrupted block of this thread. */
const MAX_BLOCK_MS = 50;
/** The first try also compiles code and collects garbage. */
const TRIES = 3;

afterEach(closeAll);

const hold = (onTooMuch: () => void) => createHeldFrames().open('ada', onTooMuch);

/** The answer of a gateway that accepts the upgrade of the request in `head`. */
function upgraded(head: string): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(head)?.[1]?.trim() ?? '';
  const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Yes\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accepted}\r\n\r\n`;
}

describe('CPU time that a fake gateway can use', () => {
  test('a next message announced for thirty years ahead sets no timer that fires each millisecond', async () => {
    const gateway = await startScriptedGateway();
    cleanUp.push(() => gateway.stop());
    gateway.tickIntervalMs = 1e12;
    let timers = 0;
    const clock: Clock = {
      now: systemClock.now,
      after(delayMs, run) {
        timers += 1;
        return systemClock.after(delayMs, run);
      },
    };
    const connection = await openConnection(
      {
        stream: connect(gateway.port, '127.0.0.1'),
        access: { port: gateway.port, auth: { token: gateway.token }, problem: null },
        events: { onEvent: () => undefined, onClosed: () => undefined },
        beforeConnect: async () => {},
        ...{ myTurn: createOneATurn(), hold, clock },
      },
      soon,
    );
    cleanUp.push(() => connection.close());
    timers = 0;
    // Timers of a millisecond that are set now fire before one of fifty.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(timers).toBeLessThan(5);
  });

  test('a frame in pieces of one byte does not block the event loop', async () => {
    const PIECES = 50_000;
    const frameHead = Buffer.concat([
      Buffer.of(0x81, 127),
      Buffer.alloc(6),
      Buffer.of(PIECES >> 8, PIECES & 255),
    ]);
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      let opened: { client: HostileClient; id: number } | undefined;
      const { ssh, serverId } = await connected((client) =>
        client.on('tcpip', (accept) => {
          const channel = (accept as () => Duplex & { outgoing: { id: number } })();
          opened = { client, id: channel.outgoing.id };
          channel.once('data', (head: Buffer) => channel.write(upgraded(String(head))));
        }),
      );
      const stream = await ssh.forward(serverId, '127.0.0.1', 1, soon);
      const access = { port: 1, auth: null, problem: null };
      const events = { onEvent: () => undefined, onClosed: () => undefined };
      const connecting = openConnection(
        {
          ...{ stream, access, events, myTurn: createOneATurn(), hold, clock: systemClock },
          beforeConnect: async () => {},
        },
        { deadlineMs: 60_000 },
      ).catch((error: unknown) => error);
      await once(stream, 'data');
      const { client, id } = opened!;
      const recipient = Buffer.alloc(4);
      recipient.writeUInt32BE(id);
      const data = (bytes: Buffer) => Buffer.concat([Buffer.of(94), recipient, field(bytes)]);
      const flood = Buffer.concat([
        await packets(client, data(frameHead), 1),
        await packets(client, data(Buffer.from('x')), PIECES),
      ]);
      const { blockedMs } = await longestBlock(async () => {
        client._sock.write(flood);
        expect(await connecting).toMatchObject({ code: 'bad_gateway' });
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 40_000);
});

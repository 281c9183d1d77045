// Access changes reach open streams over a real listening socket.
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

const access = (userId: string) => `/servers/${serverId}/access/${userId}`;

describe('open streams', () => {
  let silent: Server;
  const sockets = new Set<Socket>();
  let url: string;
  beforeAll(async () => {
    // Accepts connections and stays silent, so that a task on this server keeps running.
    silent = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  /** Opens the events of a running task. */
  const openEvents = async (person: Person) => {
    const { port } = silent.address() as { port: number };
    serverId = await fixture.newServer({ port });
    const started = await fixture.as('owner', 'POST', `/servers/${serverId}/openclaw/restart`);
    const taskId: string = started.json().task.id;
    const response = await fetch(`${url}/api/tasks/${taskId}/events`, {
      headers: { authorization: `Bearer ${fixture.tokens[person]}` },
      signal: AbortSignal.timeout(20_000),
    });
    expect(response.status).toBe(200);
    const reader = (response.body ?? expect.unreachable()).pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('event: ');
    const untilEnd = async () => {
      while (!(await reader.read()).done);
    };
    const isActive = async () => {
      const { task } = (await fixture.as('owner', 'GET', `/tasks/${taskId}`)).json();
      return ['queued', 'running'].includes(task.status);
    };
    return {
      taskId,
      untilEnd,
      isActive,
      cancel: () => fixture.as('super', 'POST', `/tasks/${taskId}/cancel`),
    };
  };

  test('end when the role is revoked, while the task they follow goes on; a new one is refused', async () => {
    const { taskId, untilEnd, isActive, cancel } = await openEvents('viewer');
    expect((await fixture.as('owner', 'DELETE', access(ids.viewer))).statusCode).toBe(204);
    const revokedAt = Date.now();
    await untilEnd();
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
    expect(await isActive()).toBe(true);
    expect((await fixture.as('viewer', 'GET', `/tasks/${taskId}/events`)).statusCode).toBe(404);
    await cancel();
  });

  test('stay open for a person lowered to a role that may still read', async () => {
    const { untilEnd, isActive, cancel } = await openEvents('admin');
    let ended = false;
    const end = untilEnd().then(() => {
      ended = true;
    });
    await fixture.as('owner', 'PUT', access(ids.admin), { role: 'viewer' });
    // Another person's stream does end, which shows that access was checked meanwhile.
    const other = await openEvents('viewer');
    await fixture.as('owner', 'DELETE', access(ids.viewer));
    await other.untilEnd();
    expect([ended, await isActive()]).toEqual([false, true]);
    await cancel();
    await other.cancel();
    await end;
  });
});

// Buoy's own machine as a managed server: a super-admin may add it, and attempts of strangers affect nobody else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
let machine: ScriptedServer;
beforeAll(async () => {
  fixture = await prepareAccessFixture({ SSH_DENIED_NETWORKS: '127.0.0.2/32' });
  machine = await startScriptedServer({
    onAuth: (context) =>
      context.method === 'password' && context.password === 'right'
        ? context.accept()
        : context.reject(['password']),
  });
});
afterAll(async () => {
  await fixture.running.close();
  await machine.close();
});

const add = (person: Person, changes: object = {}) =>
  fixture.as(person, 'POST', '/servers', {
    ...{ name: 'machine', host: '127.0.0.1', port: machine.port, username: 'root' },
    ...{ authType: 'password', password: 'right', ...changes },
  });
const testOf = async (person: Person, id: string) =>
  (await fixture.as(person, 'POST', `/servers/${id}/test`)).json();

test('a super-admin may add a machine in a denied network, and Buoy connects to it', async () => {
  expect((await add('owner', { name: 'denied', host: '127.0.0.2' })).statusCode).toBe(400);
  const { server } = (await add('super', { name: 'mine', host: '127.0.0.2' })).json();
  const { failure } = await testOf('super', server.id);
  expect(failure?.message ?? '').not.toContain('denied');
});

test('a machine behind a jump server counts as in the network of the jump server', async () => {
  const jump = (await add('owner', { name: 'jump' })).json().server;
  const behind = await add('owner', { name: 'behind', host: '127.0.0.2', jumpServerId: jump.id });
  expect(behind.statusCode).toBe(201);
});

test("guesses of a stranger at an address do not block the owner's logins there", async () => {
  const guessing = (await add('stranger', { name: 'guess', password: 'wrong' })).json().server;
  for (let guess = 0; guess < 6; guess += 1) await testOf('stranger', guessing.id);
  expect(await testOf('stranger', guessing.id)).toMatchObject({
    failure: { kind: 'auth', message: expect.stringContaining('5 logins were refused') },
  });

  const before = machine.tried.length;
  const owned = (await add('owner', { name: 'owned' })).json().server;
  const { failure } = await testOf('owner', owned.id);
  expect(failure?.kind).not.toBe('auth');
  expect(machine.tried.length).toBeGreaterThan(before);
});

// A person who was an admin of a server, or gave it away, must not keep its logins waiting by servers of their own.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';

/** Refused logins after which none is tried for a while. */
const LIMIT = 5;
const LOCKED_OUT = `${LIMIT} logins were refused`;

let fixture: AccessFixture;
let machine: ScriptedServer;
/** Wrong passwords that reached the machine, each as often as it came. */
let guesses: string[];
beforeEach(async () => {
  fixture = await prepareAccessFixture({ SSH_DENIED_NETWORKS: '' });
  guesses = [];
  machine = await startScriptedServer({
    onAuth(context) {
      if (context.method !== 'password') return context.reject(['password']);
      if (context.password === 'right') return context.accept();
      guesses.push(context.password);
      context.reject(['password']);
    },
  });
});
afterEach(async () => {
  await fixture.running.close();
  await machine.close();
});

const add = async (person: Person, name: string, password: string): Promise<string> => {
  const added = await fixture.as(person, 'POST', '/servers', {
    ...{ name, host: '127.0.0.1', port: machine.port, username: 'root', authType: 'password', password },
  });
  expect(added.statusCode, added.body).toBe(201);
  return added.json().server.id;
};
const must = async (status: number, ...call: Parameters<AccessFixture['as']>) => {
  const answer = await fixture.as(...call);
  expect(answer.statusCode, answer.body).toBe(status);
};
const messageOf = async (person: Person, id: string): Promise<string> =>
  (await fixture.as(person, 'POST', `/servers/${id}/test`)).json().failure?.message ?? '';
/** Uses up the refused logins of a server of theirs. */
const lockOut = async (person: Person, id: string) => {
  for (let attempt = 0; attempt <= LIMIT; attempt += 1) await messageOf(person, id);
  expect(await messageOf(person, id)).toContain(LOCKED_OUT);
};
const shared = async (): Promise<string> => {
  const id = await add('owner', 'shared', 'right');
  await must(201, 'owner', 'POST', `/servers/${id}/access`, { userId: ids.admin, role: 'admin' });
  await must(200, 'admin', 'PUT', `/servers/${id}`, { password: 'right' });
  return id;
};
const giveAndLeave = async (id: string, from: Person, to: Person) => {
  await must(200, from, 'POST', `/servers/${id}/transfer`, { userId: ids[to] });
  await must(204, from, 'DELETE', `/servers/${id}/access/${ids[from]}`);
};

describe('a revoked admin who entered the password of a server', () => {
  test('does not lock its owner out by a server of their own at the same address', async () => {
    const id = await shared();
    await must(204, 'owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    await lockOut('admin', await add('admin', 'guess', 'wrong'));
    expect(await messageOf('owner', id)).not.toContain(LOCKED_OUT);
  });

  test('does not lock its owner out by a server that they give to that owner', async () => {
    const id = await shared();
    await must(204, 'owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    const trap = await add('admin', 'trap', 'wrong');
    await giveAndLeave(trap, 'admin', 'owner');
    await lockOut('owner', trap);
    expect(await messageOf('owner', id)).not.toContain(LOCKED_OUT);
  });

  test('nor when they were disabled', async () => {
    const id = await shared();
    const trap = await add('admin', 'trap', 'wrong');
    await must(200, 'super', 'POST', `/admin/users/${ids.admin}/disable`);
    await lockOut('super', trap);
    expect(await messageOf('owner', id)).not.toContain(LOCKED_OUT);
  });
});

describe('the former owner of a server', () => {
  test('does not lock the new owner out of it by a server of their own at the same address', async () => {
    const id = await add('owner', 'moved', 'right');
    await giveAndLeave(id, 'owner', 'stranger');
    await lockOut('owner', await add('owner', 'guess', 'wrong'));
    expect(await messageOf('stranger', id)).not.toContain(LOCKED_OUT);
  });

  test('does not lock the new owner out of their own server by the given one', async () => {
    const own = await add('owner', 'own', 'right');
    const trap = await add('admin', 'trap', 'wrong');
    await giveAndLeave(trap, 'admin', 'owner');
    await lockOut('owner', trap);
    expect(await messageOf('owner', own)).not.toContain(LOCKED_OUT);
  });
});

test('two people get no more than five guesses each by entering passwords on servers of the other and leaving', async () => {
  const servers: string[] = [];
  for (let index = 0; index < 4 * LIMIT; index += 1) {
    const id = await add('owner', `s${index}`, 'right');
    await must(201, 'owner', 'POST', `/servers/${id}/access`, { userId: ids.admin, role: 'admin' });
    await must(200, 'admin', 'PUT', `/servers/${id}`, { password: `guess ${index}` });
    servers.push(id);
  }
  for (const id of servers) await messageOf('admin', id);
  expect(guesses).toHaveLength(LIMIT);
  for (const id of servers) await must(204, 'owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
  for (const id of servers.toReversed()) await messageOf('owner', id);
  expect(guesses.length).toBeLessThanOrEqual(2 * LIMIT);
});

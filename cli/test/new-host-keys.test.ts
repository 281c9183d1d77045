// An attacker between Buoy and a server that is added or moved: the person sees the host key before the password is sent.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../backend/src/ssh/testing/scripted-server.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
let machine: ScriptedServer;
/** Closes connections before the host key exchange. */
let hidesKey = false;
beforeAll(async () => {
  fixture = await startCliFixture();
});
beforeEach(async () => {
  hidesKey = false;
  machine = await startScriptedServer({
    onAuth: (context) => (context.method === 'none' ? context.reject(['password']) : context.accept()),
    onClient: (client) => {
      if (hidesKey) client.end();
    },
  });
});
afterEach(() => machine.close());
afterAll(() => fixture.close());

const login = () => `root@127.0.0.1:${machine.port}`;
const add = (name: string, more: string[], own: Parameters<CliFixture['buoy']>[1] = {}) =>
  fixture.buoy(['servers', 'add', login(), '--name', name, '--password', ...more], {
    readStdin: () => Promise.resolve('First-pa55word\n'),
    ...own,
  });
/** A terminal that answers questions with `answer` and types the password. */
const person = (answer: string, asked: string[] = []) => ({
  canAsk: true,
  ask: (question: string, options?: { secret?: boolean }) => {
    asked.push(question);
    return Promise.resolve(options?.secret === true ? 'First-pa55word' : answer);
  },
});
const keyIn = (text: string) => /SHA256:[A-Za-z0-9+/]{43}/.exec(text)?.[0] ?? '';
const pinned = async (name: string) => {
  const { out } = await fixture.buoy(['servers', 'show', name, '--json']);
  return JSON.parse(out).server.hostKey?.fingerprint ?? null;
};

describe('an attacker between Buoy and a new server', () => {
  test('gets no password when the person rejects the host key, and no server is added', async () => {
    const asked: string[] = [];
    const { exit, err } = await add('unknown', [], person('n', asked));
    // An added server would be tested, and the password sent.
    await fixture.buoy(['servers', 'test', 'unknown']);
    expect(machine.tried).toEqual([]);
    expect([exit, keyIn(err)]).toEqual([1, expect.stringMatching(/^SHA256:/)]);
    expect(asked).toEqual([expect.stringContaining('[y/N]')]);
  });

  test('gets no password by hiding the host key until the password is typed', async () => {
    hidesKey = true;
    const asked: string[] = [];
    const { exit, err } = await add('hidden', [], person('n', asked));
    hidesKey = false;
    await fixture.buoy(['servers', 'test', 'hidden']);
    expect(machine.tried).toEqual([]);
    expect([exit, err]).toEqual([1, expect.stringContaining('The host key could not be read: ')]);
    expect(asked).toEqual([expect.stringContaining('Trust the first key that answers')]);
  });

  test('gets no password with a key other than the one of --host-key', async () => {
    const { exit } = await add('scripted', ['--host-key', `SHA256:${'A'.repeat(43)}`]);
    expect(exit).toBe(0);
    const tested = await fixture.buoy(['servers', 'test', 'scripted']);
    expect(tested.exit).toBe(3);
    expect(tested.out).toContain('not SHA256:AAAA');
    expect(machine.tried).toEqual([]);
    expect(await pinned('scripted')).toBeNull();
  });
});

describe('an attacker at the new address of a server that never was reached', () => {
  const otherKey = `SHA256:${'A'.repeat(43)}`;
  /** Added with the wrong port, where nothing listens. */
  const addAtWrongPort = (name: string, more: string[] = []) =>
    fixture.buoy(['servers', 'add', 'root@127.0.0.1:1', '--name', name, '--password', ...more], {
      readStdin: () => Promise.resolve('First-pa55word\n'),
    });
  const move = (name: string, more: string[], own: Parameters<CliFixture['buoy']>[1] = {}) =>
    fixture.buoy(['servers', 'edit', name, '--login', login(), '--password', ...more], {
      readStdin: () => Promise.resolve('Second-pa55word\n'),
      ...own,
    });

  test('gets no password when the person rejects the key that is shown there', async () => {
    await addAtWrongPort('moved');
    const asked: string[] = [];
    const { exit, err } = await move('moved', [], person('n', asked));
    await fixture.buoy(['servers', 'test', 'moved']);
    expect(machine.tried).toEqual([]);
    expect([exit, keyIn(err)]).toEqual([1, expect.stringMatching(/^SHA256:/)]);
    expect(asked).toEqual([expect.stringContaining('Is this the key of your server?')]);
  });

  test.each([
    ['that came when the server was added', ['--host-key', otherKey], []],
    ['that comes with the new address', [], ['--host-key', otherKey]],
  ])('gets no password by a script with another --host-key %s', async (what, first, second) => {
    await addAtWrongPort(what, first);
    expect((await move(what, second)).exit).toBe(0);
    expect((await fixture.buoy(['servers', 'test', what])).out).toContain(`not ${otherKey}`);
    expect(machine.tried).toEqual([]);
  });

  test('a person who accepts the key moves the server, and the key is pinned', async () => {
    await addAtWrongPort('accepted', ['--host-key', otherKey]);
    const asked: string[] = [];
    const { exit, err } = await move('accepted', [], person('y', asked));
    expect(exit).toBe(0);
    expect(asked).toEqual([expect.stringContaining('[y/N]'), 'Password: ']);
    await fixture.buoy(['servers', 'test', 'accepted']);
    expect(await pinned('accepted')).toBe(keyIn(err));
  });

  test('no key is asked for by a change that sends no secret, or of a server whose key is pinned', async () => {
    await addAtWrongPort('asked');
    const named = await fixture.buoy(['servers', 'edit', 'asked', '--tag', 'prod'], person('n'));
    expect([named.exit, named.err]).toEqual([0, '']);
    await move('asked', [], person('y'));
    await fixture.buoy(['servers', 'test', 'asked']);
    const asked: string[] = [];
    expect((await move('asked', [], person('n', asked))).exit).toBe(0);
    expect(asked).toEqual(['Password: ']);
  });
});

describe('adding a server', () => {
  test('asks for the password after the host key, and pins the accepted key', async () => {
    const asked: string[] = [];
    const { exit, err } = await add('known', [], person('y', asked));
    expect(exit).toBe(0);
    expect(asked).toEqual([expect.stringContaining('[y/N]'), 'Password: ']);
    await fixture.buoy(['servers', 'test', 'known']);
    expect(await pinned('known')).toBe(keyIn(err));
  });

  test.each([
    ['in a script', [], {}],
    ['with --accept-host-key', ['--accept-host-key'], person('n')],
  ])('%s trusts the first key without asking, and prints it to standard error', async (_, more, own) => {
    const name = `trusting ${more.length}`;
    const { exit, out, err } = await add(name, [...more, '--json'], own);
    expect(exit).toBe(0);
    expect(JSON.parse(out).server.name).toBe(name);
    await fixture.buoy(['servers', 'test', name]);
    expect(await pinned(name)).toBe(keyIn(err));
  });

  test.each([
    ['asks the person whether it goes on', [], person('y')],
    ['goes on in a script', [], {}],
    ['goes on with --accept-host-key', ['--accept-host-key'], person('n')],
  ])(
    'for a server that does not answer %s, and says that its key is pinned later',
    async (what, more, own) => {
      await machine.close();
      const { exit, err } = await add(what, more, own);
      expect(exit).toBe(0);
      expect(err).toContain('The host key could not be read: ');
    },
  );

  test('refuses --host-key together with --accept-host-key', async () => {
    const { exit, err } = await add('both', ['--host-key', `SHA256:${'A'.repeat(43)}`, '--accept-host-key']);
    expect(exit).toBe(2);
    expect(err).toContain('do not go together');
  });
});

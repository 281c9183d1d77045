// Servers that somebody else shared with the caller, who was not asked: they must not get the commands, the input and the names of one's own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../backend/src/ssh/testing/loopback-sshd.ts';
import type { Terminal } from '../src/terminal.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

const [VICTIM, ATTACKER] = ['500', '666'];

describe.skipIf(noSshd !== null)(
  `servers that somebody shares${noSshd === null ? '' : ` (${noSshd})`}`,
  () => {
    let fixture: CliFixture;
    let sshd: LoopbackSshd;
    let victim: string;
    let attacker: string;
    const ids = new Map<string, string>();
    beforeAll(async () => {
      [fixture, sshd] = await Promise.all([
        startCliFixture({ RATE_LIMIT_EXEC: '1000' }),
        startLoopbackSshd(),
      ]);
      victim = await fixture.running.signIn(Number(VICTIM));
      attacker = await fixture.running.signIn(Number(ATTACKER));
      await fixture.running.call('PUT', '/me', { token: attacker, body: { displayName: 'Mallory' } });
      await add(victim, 'web-prod', ['prod']);
      await add(victim, 'db', []);
      for (const name of ['web', 'db']) await share(await add(attacker, name, ['prod']), 'admin');
      await share(await add(attacker, 'seen', ['prod']), 'viewer');
      await share(await add(attacker, 'only', ['trap']), 'admin');
      await add(fixture.token, 'boss-box', ['prod']);
    });
    afterAll(async () => {
      await fixture?.close();
      await sshd?.stop();
    });
    const add = async (token: string, name: string, tags: string[]): Promise<string> => {
      const { port, username, privateKey } = sshd;
      const answer = await fixture.running.call('POST', '/servers', {
        token,
        body: { name, host: '127.0.0.1', port, username, authType: 'key', privateKey, tags },
      });
      expect(answer.statusCode, answer.body).toBe(201);
      const { id } = answer.json().server;
      ids.set(token === victim ? `own ${name}` : name, id);
      return id;
    };
    const share = async (id: string, role: string): Promise<void> => {
      const body = { userId: VICTIM, role };
      const answer = await fixture.running.call('POST', `/servers/${id}/access`, { token: attacker, body });
      expect(answer.statusCode, answer.body).toBe(201);
    };
    const as = (token: string, words: string[], own: Partial<Terminal> = {}) => {
      fixture.environment.BUOY_TOKEN = token;
      return fixture.buoy(words, own);
    };
    const exec = (words: string[], own: Partial<Terminal> = {}, token = victim) =>
      as(token, ['servers', 'exec', ...words, '--', 'cat'], {
        readPipedStdin: () => Promise.resolve(Buffer.from('S3CRET\n')),
        ...own,
      });
    /** Commands that ran or were refused there. */
    const reached = async (name: string): Promise<number> => {
      const path = `/admin/audit?serverId=${ids.get(name)}&limit=200`;
      const { entries } = (await fixture.running.call('GET', path, { token: fixture.token })).json();
      return entries.filter(({ action }: { action: string }) => action.includes('/exec')).length;
    };

    test.each([[['--tag', 'prod']], [['--all']]])(
      'get no command and no input of exec %j, and are named as left out',
      async (words) => {
        const { exit, out, err } = await exec(words);
        expect(exit).toBe(0);
        expect(out).toContain('web-prod: S3CRET');
        expect(out).not.toMatch(/^(web|only|seen): /m);
        expect(err).toMatch(/servers of other people were left out: db, (only, )?web\. Add --shared/);
        expect(err).toContain('Left out, because you may only view them: seen.');
        for (const name of ['web', 'db', 'only', 'seen']) expect(await reached(name)).toBe(0);
      },
    );

    test('get none when no server of the caller has the tag', async () => {
      const { exit, out, err } = await exec(['--tag', 'trap']);
      expect([exit, out]).toEqual([1, '']);
      expect(err).toContain('1 server of another person was left out: only. Add --shared to include it.');
      expect(await reached('only')).toBe(0);
    });

    test('get none of a super-admin either, who sees them without a grant', async () => {
      const { exit, out, err } = await exec(['--tag', 'prod'], {}, fixture.token);
      expect(exit).toBe(0);
      expect(out).toContain('boss-box: S3CRET');
      expect(out).not.toContain('web');
      expect(err).toContain('4 servers of other people were left out: db, seen, web, web-prod.');
      expect(await reached('web')).toBe(0);
    });

    test('get nothing before the answer to --shared, which shows owner and host; a no sends nothing anywhere', async () => {
      const before = await reached('own web-prod');
      const unasked = await exec(['--tag', 'prod', '--shared']);
      expect(unasked.exit).toBe(2);
      expect(unasked.err).toContain('Add --yes to go ahead.');
      let read = false;
      const refused = await exec(['--tag', 'prod', '--shared'], {
        canAsk: true,
        ask: () => Promise.resolve('n'),
        readPipedStdin: () => {
          read = true;
          return Promise.resolve(null);
        },
      });
      expect([refused.exit, refused.out, read]).toEqual([1, '', false]);
      expect(refused.err).toContain('  web of Mallory (666) at 127.0.0.1\n');
      expect(refused.err).not.toContain('web-prod of');
      expect([await reached('web'), await reached('own web-prod')]).toEqual([0, before]);
    });

    test('are refused by name where they shadow the beginning of the name of an own server', async () => {
      for (const words of [
        ['servers', 'exec', 'web', '--', 'cat'],
        ['servers', 'show', 'WEB'],
        ['access', 'leave', 'web', '--yes'],
      ]) {
        const { exit, out, err } = await as(victim, words);
        expect([exit, out]).toEqual([1, '']);
        expect(err).toContain(
          `matches several servers: web (${ids.get('web')}) of Mallory (666), web-prod (${ids.get('own web-prod')}), yours.`,
        );
        expect(err).toContain('Give the id.');
      }
      expect(await reached('web')).toBe(0);
    });

    test('do not stand in for an own server of exactly that name', async () => {
      const shown = async (name: string) =>
        JSON.parse((await as(victim, ['servers', 'show', name, '--json'])).out);
      expect((await shown('db')).server.id).toBe(ids.get('own db'));
      expect((await shown('web-p')).server.id).toBe(ids.get('own web-prod'));
      expect((await shown(ids.get('web') ?? '')).server.id).toBe(ids.get('web'));
    });

    test('get the command with --shared and a yes, from a pipe too', async () => {
      const { exit, out, err } = await exec(['--tag', 'prod', '--shared', '--yes']);
      expect(exit).toBe(0);
      for (const name of ['web-prod', 'web', 'db']) expect(out).toContain(`${name}: S3CRET`);
      expect(err).toBe('Left out, because you may only view them: seen.\n');
      expect((await exec(['db', '--shared'])).err).toContain('--shared goes with --tag or --all.');
    });

    test('get no command either when somebody made the victim their owner, and shadow no server of the victim', async () => {
      await add(victim, 'api-prod', ['gift']);
      const given = await add(attacker, 'api', ['gift']);
      const transfer = { token: attacker, body: { userId: VICTIM } };
      const answer = await fixture.running.call('POST', `/servers/${given}/transfer`, transfer);
      expect(answer.statusCode).toBe(200);
      const { out, err } = await exec(['--tag', 'gift']);
      expect(out).toContain('api-prod: S3CRET');
      expect(out).not.toContain('api: ');
      expect(err).toContain('1 server of another person was left out: api. Add --shared to include it.');
      const named = await exec(['api']);
      expect([named.exit, named.out]).toEqual([1, '']);
      expect(named.err).toContain(', given by 666');
      expect(await reached('api')).toBe(0);
    });

    test('can be left by the person they were shared with, after a question', async () => {
      const id = ids.get('web') ?? '';
      const unasked = await as(victim, ['access', 'leave', id]);
      expect(unasked.exit).toBe(2);
      expect(unasked.err).toContain(`Leave web (${id})?`);
      expect(await as(victim, ['access', 'leave', id, '--yes'])).toEqual({
        exit: 0,
        out: 'You no longer have access to web.\n',
        err: '',
      });
      expect((await as(victim, ['servers', 'show', 'web'])).out).toContain('web-prod');
      expect((await as(victim, ['access', 'leave', 'web-prod', '--yes'])).exit).toBe(1);
    });
  },
);

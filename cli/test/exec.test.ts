// `servers exec` on real SSH servers: arguments, input, output and exit codes, on one server and on many.
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../backend/src/ssh/testing/loopback-sshd.ts';
import type { Terminal } from '../src/terminal.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

describe.skipIf(noSshd !== null)(
  `servers exec on real SSH servers${noSshd === null ? '' : ` (${noSshd})`}`,
  () => {
    let fixture: CliFixture;
    let sshd: LoopbackSshd;
    let bundle: Bundle;
    beforeAll(async () => {
      [fixture, sshd, bundle] = await Promise.all([
        startCliFixture({ RATE_LIMIT_EXEC: '1000' }),
        startLoopbackSshd(),
        buildBundle(),
      ]);
      for (const name of ['web', 'web-2']) await add(name, sshd.port);
      await add('away', 1);
    });
    afterAll(async () => {
      await fixture?.close();
      await sshd?.stop();
      bundle?.remove();
    });
    const add = async (name: string, port: number) => {
      const { port: _, username, privateKey } = sshd;
      const tags = name === 'away' ? ['half', 'gone'] : ['both', 'half'];
      const answer = await fixture.running.call('POST', '/servers', {
        token: fixture.token,
        body: { name, host: '127.0.0.1', port, username, authType: 'key', privateKey, tags },
      });
      expect(answer.statusCode, answer.body).toBe(201);
    };
    const exec = (words: string[], own: Partial<Terminal> = {}) =>
      fixture.buoy(['servers', 'exec', ...words], own);
    const piped = (text: string | Buffer): Partial<Terminal> => ({
      readPipedStdin: () => Promise.resolve(Buffer.from(text)),
    });

    test('passes each word after -- unchanged', async () => {
      const words = ['a b', '$HOME', '', "it's", '*', '"x"', 'ü\n日本', '-n', '`id`', ';exit 3'];
      const { exit, out } = await exec(['web', '--', 'printf', '<%s>\\n', ...words]);
      expect({ exit, out }).toEqual({ exit: 0, out: words.map((word) => `<${word}>\n`).join('') });
    });

    test('lets the remote shell interpret a line without --', async () => {
      expect(await exec(['web', 'echo', '$((6 * 7))', '|', 'tr', '2', '3'])).toMatchObject({
        exit: 0,
        out: '43\n',
      });
    });

    test('forwards standard input byte for byte', async () => {
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
      const written: Uint8Array[] = [];
      const { exit } = await exec(['web', '--', 'cat'], {
        ...piped(bytes),
        write: (_target, piece) => void written.push(piece),
      });
      expect(exit).toBe(0);
      expect(Buffer.concat(written).equals(bytes)).toBe(true);
      expect((await exec(['web', '-n', '--', 'cat'], piped('left alone'))).out).toBe('');
      expect((await exec(['web', '--', 'wc', '-c'], piped(Buffer.alloc(700_000)))).err).toContain(
        'Standard input is larger than 600 KB.',
      );
    });

    test.each([
      ['exit 7', 7],
      ['exit 255', 255],
      ['kill -TERM $$', 143],
      ['true', 0],
    ])('exits with the code of the command: "%s" with %i', async (line, code) => {
      expect((await exec(['web', line])).exit).toBe(code);
    });

    test('prints output as it arrives, to standard output and standard error', async () => {
      let seen = '';
      const gone = Promise.withResolvers<void>();
      const running = exec(['web', 'echo first; echo aside >&2; sleep 0.3; echo last'], {
        write(_target, bytes) {
          seen += Buffer.from(bytes).toString();
          if (seen.includes('first') && !seen.includes('last')) gone.resolve();
        },
      });
      await gone.promise;
      expect(seen).not.toContain('last');
      expect(await running).toMatchObject({ exit: 0, out: 'first\nlast\n', err: 'aside\n' });
    });

    test('prints megabytes in full, and fails on truncated output without --head', async () => {
      let size = 0;
      const count = {
        write: (_target: string, bytes: Uint8Array) => {
          size += bytes.length;
        },
      };
      const much = 'head -c 5000000 /dev/zero';
      expect((await exec(['web', much], count)).exit).toBe(0);
      expect(size).toBe(5_000_000);
      size = 0;
      const first = await exec(['web', '--head', much], count);
      expect([first.exit, first.err, size]).toEqual([0, '', 1024 * 1024]);
      const { exit, out, err } = await exec(['web', '--json', much]);
      expect([exit, JSON.parse(out).truncated]).toEqual([1, true]);
      expect(JSON.parse(err)).toMatchObject({
        code: 'output_too_large',
        hint: expect.stringContaining('--head'),
      });
    });

    test('exits with 3 and the reason from Buoy when the server is unreachable', async () => {
      const { exit, out, err } = await exec(['away', '--', 'true']);
      expect({ exit, out }).toEqual({ exit: 3, out: '' });
      expect(err).toMatch(/^buoy: Nothing answers at 127\.0\.0\.1:1/);
    });

    test('is in the audit log with its exit code and without its input', async () => {
      await exec(['web', '--', 'sh', '-c', 'exit 4'], piped('secret input'));
      const { out } = await fixture.buoy(['admin', 'audit', 'list', '--action', 'exec/stream', '--json']);
      const [end, begin] = JSON.parse(out).entries;
      expect(begin).toMatchObject({ result: 'started', target: 'web' });
      expect(end).toMatchObject({
        result: 'ok',
        details: { exitCode: 4, body: { argv: ['sh', '-c', 'exit 4'] } },
      });
      expect(out).not.toContain(Buffer.from('secret input').toString('base64'));
    });

    test('runs on each server with a tag, and prints all results in a table', async () => {
      const { exit, out } = await exec(['--tag', 'both', '--', 'echo', 'a b']);
      expect(exit).toBe(0);
      expect(out.split('\n').toSorted()).toEqual(expect.arrayContaining(['web-2: a b', 'web: a b']));
      expect(out).toMatch(/SERVER +RESULT +TOOK +WHY\nweb +exit 0 +\d.*\nweb-2 +exit 0 +\d/);
    });

    test('exits with 1 when one of many servers fails, and continues with the others', async () => {
      const { exit, out } = await exec(['--all', '--json', '--', 'sh', '-c', 'echo "$0"; exit 5', 'hi']);
      expect(exit).toBe(1);
      const { results } = JSON.parse(out);
      expect(results).toMatchObject([
        { server: { name: 'away' }, exitCode: null, error: { code: 'unreachable' } },
        { server: { name: 'web' }, exitCode: 5, stdout: 'hi\n', error: null },
        { server: { name: 'web-2' }, exitCode: 5, stdout: 'hi\n', error: null },
      ]);
      expect((await exec(['--tag', 'half', '--', 'true'])).out).toMatch(/away +not run +- +Nothing answers/);
    });

    test.each([
      [['--all', 'up', 'time'], 'the command goes after --'],
      [['web', '--all', '--', 'uptime'], 'the command goes after --'],
      [['--all', '--tag', 'x', '--', 'uptime'], '--tag and --all do not go together.'],
      [['--', 'uptime'], 'SERVER is missing.'],
    ])('%j is refused with 2', async (words, message) => {
      const { exit, err } = await exec(words);
      expect(exit).toBe(2);
      expect(err).toContain(message);
    });

    test('reads a real pipe and returns the exit code to the shell', async () => {
      const child = spawn(
        process.execPath,
        [bundle.file, 'servers', 'exec', 'web', '--', 'sh', '-c', 'cat; exit 9'],
        {
          env: { HOME: fixture.folder, BUOY_URL: fixture.url, BUOY_TOKEN: fixture.token },
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      child.stdin.end('through a pipe');
      let out = '';
      child.stdout.on('data', (bytes) => {
        out += bytes;
      });
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect([code, out]).toEqual([9, 'through a pipe']);
    });
  },
);

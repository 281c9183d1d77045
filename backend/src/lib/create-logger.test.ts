// The log as written by one process and read by another, without secrets.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';

/** What a process prints that logs `fields` at level info. */
function printed(fields: object, level = 'info'): string {
  const script = `
    import { createLogger } from ${JSON.stringify(new URL('./create-logger.ts', import.meta.url).href)};
    const log = createLogger(${JSON.stringify(level)});
    log.info(${JSON.stringify(fields)}, 'a line');
    log.debug('a quiet line');
  `;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
}

const secrets = {
  password: 'planted-1',
  privateKey: 'planted-2',
  passphrase: 'planted-3',
  credential: 'planted-4',
  token: 'planted-5',
  initData: 'planted-6',
  authorization: 'planted-7',
  cookie: 'planted-8',
  refreshCookie: 'planted-9',
};

describe('the log', () => {
  test('masks secrets at the top level and two levels deep, and keeps the rest', () => {
    const line = printed({
      ...secrets,
      server: { host: 'web.example.org', ...secrets },
      req: { headers: secrets, method: 'POST' },
      body: { code: 'planted-10' },
    });
    expect(line).not.toContain('planted');
    expect(JSON.parse(line)).toMatchObject({
      msg: 'a line',
      password: '[redacted]',
      server: { host: 'web.example.org', privateKey: '[redacted]' },
      req: { headers: { authorization: '[redacted]' }, method: 'POST' },
      body: { code: '[redacted]' },
    });
  });

  test('shows a request URL without its ticket', () => {
    const req = {
      method: 'GET',
      url: '/api/servers/s/terminal?columns=80&ticket=planted&rows=24',
      ip: '::1',
    };
    const line = printed({ req });
    expect(line).not.toContain('planted');
    expect(JSON.parse(line).req).toEqual({
      method: 'GET',
      url: '/api/servers/s/terminal?columns=80&ticket=[redacted]&rows=24',
      remoteAddress: '::1',
    });
  });

  test("keeps an error's code", () => {
    expect(JSON.parse(printed({ code: 'storage_full', err: { code: 'ENOSPC' } }))).toMatchObject({
      code: 'storage_full',
      err: { code: 'ENOSPC' },
    });
  });

  test('omits lines below its level', () => {
    expect(printed({}, 'warn')).toBe('');
    expect(printed({}, 'info').trim().split('\n')).toHaveLength(1);
    expect(printed({}, 'debug').trim().split('\n')).toHaveLength(2);
  });
});

test('a process ends normally when its log pipe is closed', async () => {
  const script = `
    import { createLogger } from ${JSON.stringify(new URL('./create-logger.ts', import.meta.url).href)};
    const log = createLogger('info');
    process.stdin.resume().on('end', () => {
      for (const count of [1, 2, 3]) log.info({ count }, 'a line that nobody reads');
      process.exit(7);
    });
    log.info('begun');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await once(child.stdout, 'close');
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
    child.stdin.end();
    expect(await ended).toEqual([7, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

// `npm start` as its user sees it: it listens, prints where, exits cleanly on SIGTERM, and names a bad setting.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
/** Milliseconds, from the contract. */
const END_WITHIN_MS = 10_000;

describe('npm start', () => {
  let dataDir: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'buoy-start-')), 'data');
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(path.dirname(dataDir), { recursive: true, force: true });
  });

  const start = (environment: Record<string, string>) => {
    const { PATH = '', HOME = '' } = process.env;
    child = spawn('npm', ['start'], {
      cwd: root,
      env: { PATH, HOME, PORT: '0', DATA_DIR: dataDir, ...environment },
    });
    return child;
  };

  /** The lines of standard output up to the one that says where Buoy listens. */
  const untilListening = async (running: ChildProcess): Promise<{ url: string; lines: string[] }> => {
    const lines: string[] = [];
    if (running.stdout === null) throw new Error('no standard output');
    for await (const line of createInterface({ input: running.stdout })) {
      lines.push(line);
      if (line.includes('"msg":"listening"')) {
        running.stdout.resume();
        return { url: JSON.parse(line).url, lines };
      }
    }
    throw new Error(`It ended first:\n${lines.join('\n')}`);
  };

  test('listens, prints a sign-in link and no secret, and exits with 0 on SIGTERM', async () => {
    const running = start({ LOG_LEVEL: 'error' });
    const { url, lines } = await untilListening(running);
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(await (await fetch(`${url}/api/health`)).json()).toMatchObject({ status: 'ok', version });
    expect(lines.filter((line) => line.includes(`${url}/sign-in#code=`))).toHaveLength(1);
    for (const name of ['buoy.db', 'jwt-secret', 'vault-keys']) {
      expect(existsSync(path.join(dataDir, name))).toBe(true);
      expect(statSync(path.join(dataDir, name)).mode & 0o777).toBe(0o600);
    }

    const asked = Date.now();
    running.kill('SIGTERM');
    const [code] = await once(running, 'exit');
    expect(code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(END_WITHIN_MS);
    await expect(fetch(`${url}/api/health`)).rejects.toThrow();
  });

  test('exits with 0 on SIGTERM while a stream is open', async () => {
    const running = start({});
    const { url, lines } = await untilListening(running);
    const code = lines.join('\n').match(/#code=([\w-]+)/)?.[1];
    const { token } = await post<{ token: string }>(`${url}/api/auth/link`, '', { code });
    const input = {
      name: 's',
      host: '127.0.0.1',
      port: 1,
      username: 'u',
      authType: 'password',
      password: 'p',
    };
    const { server } = await post<{ server: { id: string } }>(`${url}/api/servers`, token, input);
    const restart = `${url}/api/servers/${server.id}/openclaw/restart`;
    const { task } = await post<{ task: { id: string } }>(restart, token);
    const stream = await fetch(`${url}/api/tasks/${task.id}/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(stream.status).toBe(200);

    running.kill('SIGTERM');
    const [exit] = await once(running, 'exit');
    expect(exit).toBe(0);
    expect(await stream.text()).toContain('event: task');
  });

  test('exits with 78 and one line that names the bad variable and its valid values', async () => {
    const running = start({ PORT: 'eighty' });
    let said = '';
    running.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(running, 'close');
    expect(code).toBe(78);
    expect(said.trim()).toBe('PORT takes a port from 0 (any free one) to 65535.');
    expect(existsSync(dataDir)).toBe(false);
  });
});

async function post<T>(url: string, token: string, body?: unknown): Promise<T> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return (await response.json()) as T;
}

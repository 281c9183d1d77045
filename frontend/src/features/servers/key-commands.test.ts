import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { installCommand, loginCommand } from './key-commands.ts';

const run = promisify(execFile);
const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA buoy@localhost';

describe('key command for the server', () => {
  it('appends the key to existing ones, readable only by its owner', async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'buoy-home-'));
    try {
      const install = () => run('sh', ['-c', installCommand(line)], { env: { ...process.env, HOME: home } });
      await install();
      await install();
      const file = path.join(home, '.ssh/authorized_keys');
      expect(await readFile(file, 'utf8')).toBe(`${line}\n${line}\n`);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});

describe('key command for the local terminal', () => {
  it('signs in with the person’s current login', () => {
    expect(loginCommand(line, { host: 'web.example.com', port: '22', username: 'deploy' })).toBe(
      `ssh deploy@web.example.com "${installCommand(line)}"`,
    );
    expect(loginCommand(line, { host: '203.0.113.7', port: 2222, username: 'deploy' })).toMatch(
      /^ssh -p 2222 deploy@203\.0\.113\.7 "/,
    );
  });

  it.each([
    { host: '', port: '22', username: 'deploy' },
    { host: 'host', port: '22', username: '' },
    { host: 'host; rm -rf /', port: '22', username: 'deploy' },
    { host: '-oProxyCommand=x', port: '22', username: 'deploy' },
    { host: 'host', port: '22', username: '$(id)' },
  ])('is not offered for %j', (address) => {
    expect(loginCommand(line, address)).toBeNull();
  });
});

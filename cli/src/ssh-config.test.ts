// The generated ssh config, as ssh itself reads it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Server } from '@buoy/contract';
import { expect, test } from 'vitest';
import { writeSshConfig } from './ssh-config.ts';

const named = (id: string, host: string) =>
  ({ id, name: id, host, port: 22, username: 'root', hostKey: null }) as Server;

test.skipIf(!existsSync('/usr/bin/ssh')).each(['2001:db8::1', '192.0.2.1', 'jump.example'])(
  'the ssh config uses %s as the jump server',
  (address) => {
    const config = writeSshConfig(named('srv_2', 'web.example'), [named('srv_1', address)]);
    const { status, stdout } = spawnSync('ssh', ['-G', '-F', config.file, config.host], { encoding: 'utf8' });
    config.remove();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^hostname web\.example$/m);
    expect(stdout.replaceAll(/[[\]]/g, '')).toContain(`proxyjump ${address}\n`);
  },
);

// The restore drill: everything is lost except the keys and a backup made under load, and all of it comes back.
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@buoy/contract/client';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { signInByNewLink } from '../../testbed/buoy-client.ts';
import { startBuoy } from '../../testbed/buoy-process.ts';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { buoyCommand } from './support/buoy-command.ts';
import { type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

/** Nothing listens on port 1 of this machine. */
const nowhere = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password' } as const;
const WRITERS = 4;

describe.skipIf(inject('hostsMissing') !== '')('restore drill', () => {
  let host: Host;
  let live: LiveBuoy;
  let rescueDir: string;

  beforeAll(async () => {
    host = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer, waitGateway: false });
  });
  beforeEach(async () => {
    live = await startLiveBuoy();
    rescueDir = await mkdtemp(path.join(tmpdir(), 'buoy-rescue-'));
  });
  afterEach(async () => {
    await live?.close();
    rmSync(rescueDir, { recursive: true, force: true });
  });

  test('brings back every server of the backup, with the credential that opens the host', async () => {
    const { api, dataDir } = live;
    const server = await live.add(await host.info());
    const acknowledged: string[] = [];
    let underLoad = true;
    const write = async (writer: number) => {
      for (let number = 1; underLoad; number += 1) {
        const name = `load-${writer}-${number}`;
        await api('POST /servers', { body: { ...nowhere, name, password: 'hunter2-hunter2' } });
        acknowledged.push(name);
      }
    };
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    // Nobody waits for them when what follows fails.
    writing.catch(() => undefined);
    const backUp = async () => {
      await until(10_000, async () => acknowledged.length >= WRITERS || null);
      const before = [...acknowledged];
      return { before, ...(await api('POST /admin/backups/run')) };
    };
    const { before, backup } = await backUp().finally(() => {
      underLoad = false;
    });
    await writing;
    expect(backup.verified).toBe(true);
    expect(acknowledged.length).toBeGreaterThan(0);

    await live.process().kill();
    copyFileSync(path.join(dataDir, 'backups', backup.filename), path.join(rescueDir, backup.filename));
    const keys = readdirSync(dataDir).filter((name) => /vault|jwt/.test(name));
    for (const name of readdirSync(dataDir))
      if (!keys.includes(name)) rmSync(path.join(dataDir, name), { recursive: true });

    const { code, stdout, stderr } = await buoyCommand('restore', [path.join(rescueDir, backup.filename)], {
      DATA_DIR: dataDir,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Restored ');

    const restored = await startBuoy({ DATA_DIR: dataDir, RATE_LIMIT_GLOBAL: '100000' });
    try {
      const token = await signInByNewLink(restored);
      const again = createClient({ baseUrl: `${restored.url}/api`, token: () => token });
      const { servers } = await again('GET /servers');
      const names = servers.map(({ name }) => name);
      expect(names).toContain(server.name);
      // The backup is one moment of the load: it holds all that was acknowledged before it began, and nothing made up.
      expect(names).toEqual(expect.arrayContaining(before));
      expect(names.filter((name) => name !== server.name && !acknowledged.includes(name))).toEqual([]);
      const { chainOk } = await again('GET /admin/audit');
      expect(chainOk).toBe(true);

      const { id } = servers.find(({ name }) => name === server.name) ?? server;
      const { stdout: whoami } = await again('POST /servers/:id/exec', {
        params: { id },
        body: { command: 'id -un' },
      });
      expect(whoami.trim()).toBe(server.username);
    } finally {
      await restored.stop();
    }
  });
});

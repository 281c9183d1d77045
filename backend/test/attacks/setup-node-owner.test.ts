// The downloads of nodejs.org name the account that built them, uid 1001: on a managed server that may be an account of somebody else.
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../testbed/listen-on-loopback.ts';
import { withVariables } from '../../src/setup/install-step.ts';
import { noAccounts } from '../../src/ssh/testing/loopback-sshd.ts';

const VERSION = '24.99.0';
const BUILDER = 1001;
const folder = new URL('../../src/setup/', import.meta.url);
const load = (name: string) => readFileSync(new URL(name, folder), 'utf8');

describe.skipIf(noAccounts !== null)(
  `Node for a login as root${noAccounts === null ? '' : ` (${noAccounts})`}`,
  () => {
    let home: string;
    let mirror: Server;
    beforeEach(() => {
      home = mkdtempSync(path.join(tmpdir(), 'buoy-node-owner-'));
    });
    afterEach(() => {
      mirror?.close();
      rmSync(home, { recursive: true, force: true });
    });

    /** Laid out as nodejs.org/dist, with a script in place of the program. */
    async function startMirror(): Promise<string> {
      const name = `node-v${VERSION}-linux-${process.arch}`;
      const built = path.join(home, 'built', name);
      for (const part of ['bin', 'lib/node_modules/npm/bin'])
        mkdirSync(path.join(built, part), { recursive: true });
      writeFileSync(path.join(built, 'bin/node'), `#!/bin/sh\necho v${VERSION}\n`, { mode: 0o755 });
      writeFileSync(path.join(built, 'lib/node_modules/npm/bin/npm-cli.js'), '');
      const archive = execFileSync('tar', [
        ...['-czf', '-', '-C', path.join(home, 'built')],
        ...[`--owner=${BUILDER}`, `--group=${BUILDER}`, '--numeric-owner', name],
      ]);
      const sum = createHash('sha256').update(archive).digest('hex');
      mirror = createServer((request, response) => {
        response.end(request.url?.endsWith('.tar.gz') ? archive : `${sum}  ${name}.tar.gz\n`);
      });
      const { port } = await listenOnLoopback(mirror);
      return `http://127.0.0.1:${port}`;
    }

    test('belongs to root alone, so that no other account can replace it and Buoy runs it', async () => {
      const script = withVariables(`${load('installer.sh')}\n${load('install-node.sh')}`, {
        ...{ NODE_VERSION: VERSION, NODE_MIRROR: await startMirror(), NPM_REGISTRY: 'http://127.0.0.1:9' },
      });
      await promisify(execFile)('/bin/sh', ['-c', script], { env: { HOME: home, PATH: '/usr/bin:/bin' } });
      const installed = path.join(home, '.local/openclaw');
      const node = path.join(installed, `node-v${VERSION}/bin/node`);
      expect(execFileSync('stat', ['-c', '%u %g', node], { encoding: 'utf8' })).toBe('0 0\n');
      expect(execFileSync('find', [installed, '!', '-uid', '0'], { encoding: 'utf8' })).toBe('');
    });
  },
);

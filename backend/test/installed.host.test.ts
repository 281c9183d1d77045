// The archive on a whole machine with systemd, as docs/install.md and docs/reverse-proxy.md say: install, https, upgrade,
// rollback, recovery after a lockout, uninstall. Takes some minutes: in long runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { isLongRun } from '../../testbed/long-run.ts';
import { until } from '../../testbed/until.ts';
import { codeBlockWith } from './support/doc-page.ts';
import { followEvents } from './support/follow-events.ts';
import { setForProxy, setUpCaddy, setUpNginx } from './support/host-proxies.ts';
import { type HttpsVisitor, httpsVisitor } from './support/https-visitor.ts';
import {
  freshHost,
  type InstalledHost,
  installedHost,
  installLines,
  installPage,
} from './support/installed-host.ts';
import { archiveOfCheckout, archiveOfCommitBefore, type MadeArchive } from './support/made-archive.ts';
import { type SignedIn, signInThrough } from './support/signed-in-visitor.ts';

const MINUTE_MS = 60_000;
const ORIGIN = 'https://buoy.example.org';
const reason = isLongRun ? inject('hostsMissing') : 'in npm run test:long';

describe.skipIf(reason !== '')(
  `an installed Buoy${reason && ` (skipped: ${reason})`}`,
  { retry: 0, timeout: 10 * MINUTE_MS },
  () => {
    let folder: string;
    let before: MadeArchive;
    let now: MadeArchive;
    let machine: InstalledHost;
    let visitor: HttpsVisitor;
    let person: SignedIn;

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'buoy-installed-'));
      before = await archiveOfCommitBefore(folder);
      now = await archiveOfCheckout(path.join(folder, 'now'));
      machine = installedHost(await freshHost('install'));
    }, 30 * MINUTE_MS);
    // Each test is another day: systemd refuses the sixth start within ten seconds.
    beforeEach(async () => {
      await machine.host.exec('systemctl reset-failed buoy');
    });
    afterAll(async () => {
      await machine?.host.down();
      rmSync(folder, { recursive: true, force: true });
    });

    const current = () => machine.asPerson('readlink /opt/buoy/current');
    const serverNames = async () => (await person.api('GET /servers')).servers.map(({ name }) => name).sort();
    const signIn = async () => {
      person = await signInThrough(visitor, await machine.signInLink());
    };

    test('the lines of the page install it, enable its start at boot, and print a link', async () => {
      await machine.bring(before);
      const printed = await machine.asPerson(installLines(before));
      expect(printed).toContain(`Buoy ${before.version} runs.`);
      expect(printed).toMatch(/http:\/\/127\.0\.0\.1:8080\/sign-in#code=\S+$/);
      expect(await machine.service()).toMatchObject({ ActiveState: 'active', NRestarts: '0' });
      expect(await machine.asPerson('systemctl is-enabled buoy')).toBe('enabled');
      expect(await machine.asPerson('buoy --version')).toBe(before.version);
      await machine.host.reboot();
      await machine.untilAnswers();
    });

    test('it runs as its own account, which can write only its data and its cache', async () => {
      const { MainPID } = await machine.service();
      const status = await machine.asRoot(`cat /proc/${MainPID}/status`);
      const account = await machine.asRoot('id -u buoy');
      expect(status).toMatch(
        new RegExp(`^Uid:\\s+${account}\\s+${account}\\s+${account}\\s+${account}$`, 'm'),
      );
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^Seccomp:\s+2$/m);
      await machine.asRoot('systemd-analyze security --no-pager --threshold=20 buoy');
      // Root in the mount namespace of the service: what it cannot write there, the service cannot either.
      const writes = (where: string) =>
        machine.host.exec(`nsenter -t ${MainPID} -m sh -c 'touch ${where}/try && rm ${where}/try'`);
      for (const where of ['/var/lib/buoy', '/var/cache/buoy', '/tmp'])
        expect(await writes(where), where).toMatchObject({ code: 0 });
      for (const where of ['/usr', '/etc/buoy', '/opt/buoy/current', '/home', '/var/lib', '/var/log'])
        expect((await writes(where)).stderr, where).toContain('Read-only file system');
      expect(await machine.asRoot(`nsenter -t ${MainPID} -m ls /home`)).toBe('');
      const owned =
        'stat -c "%a %U:%G" /etc/buoy/buoy.env /var/lib/buoy /opt/buoy/current/backend/dist/main.js';
      expect((await machine.asRoot(owned)).split('\n')).toEqual([
        '640 root:buoy',
        '700 buoy:buoy',
        '644 root:root',
      ]);
    });

    test('a bad key exits with 78 and one sentence, and systemd does not start it again', async () => {
      await machine.asRoot('echo VAULT_KEYS=bad >>/etc/buoy/buoy.env; systemctl restart buoy');
      await machine.untilFailed();
      expect(await machine.service()).toMatchObject({
        Result: 'exit-code',
        ExecMainStatus: '78',
        NRestarts: '0',
      });
      const why = 'VAULT_KEYS takes id:base64';
      expect(await machine.asRoot('journalctl -u buoy -o cat -n 5')).toContain(why);
      const doctor = await machine.tryAsPerson('sudo buoy-server doctor');
      expect({ code: doctor.code, said: doctor.stdout.split('\n')[0] }).toEqual({
        code: 1,
        said: expect.stringContaining(why),
      });
      await machine.asRoot('sed -i /VAULT_KEYS=bad/d /etc/buoy/buoy.env; systemctl restart buoy');
      await machine.untilAnswers();
    });

    describe.each([
      { name: 'Caddy', setUp: () => setUpCaddy(machine) },
      { name: 'nginx', setUp: () => setUpNginx(machine, folder) },
    ])('behind $name, configured as its page says', ({ name, setUp }) => {
      beforeAll(async () => {
        await setForProxy(machine);
        visitor = httpsVisitor(machine.host.host, await setUp());
        await until(2 * MINUTE_MS, async () => {
          const answer = await visitor.fetch(`${ORIGIN}/api/health`).catch(() => null);
          return answer?.status === 200;
        });
      }, 15 * MINUTE_MS);

      test('a link signs in by https, the sign-in lasts, and the audit log has the address of the client', async () => {
        const link = await machine.signInLink();
        expect(link).toMatch(/^https:\/\/buoy\.example\.org\/sign-in#code=/);
        expect(await (await visitor.fetch(`${ORIGIN}/sign-in`)).text()).toContain('<!doctype html>');
        person = await signInThrough(visitor, link);
        expect(person.setCookie).toMatch(/^__Host-Http-[^;]+;.*HttpOnly; Secure/);
        expect(await person.reload()).toBe(200);
        const { entries } = await person.api('GET /admin/audit', {
          query: { action: 'POST /auth/link', limit: 1 },
        });
        expect(entries[0]).toMatchObject({ ip: machine.host.host.replace(/\d+$/, '1') });
      });

      test('events arrive while their stream is open, and a terminal shows what is typed', async () => {
        const live = { token: person.token, process: () => ({ url: ORIGIN }), fetch: visitor.fetch };
        const events = await followEvents(live, '/servers/events');
        onTestFinished(() => events.close());
        await events.until(({ event }) => event === 'complete');
        const login = { username: 'deploy', authType: 'password', password: machine.host.password } as const;
        const { server } = await person.api('POST /servers', {
          body: { name: `by-${name.toLowerCase()}`, host: machine.host.host, ...login },
        });
        await events.until(
          ({ event, data }) => event === 'server' && (data as { id: string }).id === server.id,
        );

        const { ticket } = await person.api('POST /servers/:id/terminal/ticket', {
          params: { id: server.id },
        });
        const socket = new WebSocket(
          `${ORIGIN.replace('https', 'wss')}/api/servers/${server.id}/terminal?ticket=${ticket.value}`,
          { agent: visitor.agent, origin: ORIGIN },
        );
        onTestFinished(() => socket.terminate());
        let shown = '';
        let isReady = false;
        socket.on('message', (data: Buffer, isBinary) => {
          if (isBinary) shown += String(data);
          else isReady ||= JSON.parse(String(data)).type === 'ready';
        });
        await until(MINUTE_MS, async () => isReady);
        socket.send(Buffer.from('echo "$(whoami) on $(tty | cut -c1-9)"\r'));
        await until(MINUTE_MS, async () => shown.includes('deploy on /dev/pts/'));
      });

      test('plain http redirects to https, and the second name leads to the Control UI', async () => {
        const head = await machine.asPerson('curl -sI -H "Host: buoy.example.org" http://127.0.0.1/servers');
        expect(head).toMatch(/^HTTP\/1\.1 30[18] /);
        expect(head).toMatch(/^Location: https:\/\/buoy\.example\.org\/servers\r?$/im);
        const control = await visitor.fetch('https://control.buoy.example.org/s/none/');
        expect([control.status, await control.text()]).toEqual([401, expect.stringContaining('Control UI')]);
      });
    });

    test('the commands for daily use work as described', async () => {
      const { user } = await person.api('GET /me');
      const lines = codeBlockWith(installPage, 'sh', 'keys show')
        .replace('NAME_OR_ID', user.id)
        .trim()
        .split('\n');
      expect(lines.length).toBeGreaterThan(5);
      for (const line of lines.filter((one) => !one.endsWith('doctor')))
        await machine.asPerson(`PAGER=cat ${line}`);
      expect(await machine.asPerson(lines.find((one) => one.includes('journalctl')) ?? '')).toContain(
        '"listening"',
      );
      // A host of the test bed has no time synchronization.
      const doctor = await machine.tryAsPerson('sudo buoy-server doctor');
      const problems = doctor.stdout.split('\n').filter((line) => line.startsWith('problem'));
      expect(problems.filter((line) => !/^problem +clock/.test(line))).toEqual([]);
    });

    test('an upgrade makes a backup first, and keeps data, sign-ins and settings', async () => {
      const [servers, settings, backups] = [
        await serverNames(),
        await machine.asRoot('cat /etc/buoy/buoy.env'),
        await machine.backups(),
      ];
      const older = await current();
      await machine.bring(now);
      const printed = await machine.asPerson(installLines(now));
      expect(printed).toContain(`Buoy ${now.version} runs.`);
      const made =
        /^Backup: \/var\/lib\/buoy\/backups\/(\S+)$/m.exec(printed)?.[1] ?? expect.unreachable(printed);
      expect(await machine.backups()).toEqual([...backups, made]);
      expect(await current()).not.toBe(older);
      const { MainPID } = await machine.service();
      expect(await machine.asRoot(`readlink /proc/${MainPID}/exe`)).toBe(
        `/opt/buoy/${await current()}/bin/node`,
      );
      expect(await serverNames()).toEqual(servers);
      expect(await person.reload()).toBe(200);
      expect(await machine.asRoot('cat /etc/buoy/buoy.env')).toBe(settings);
      expect((await machine.asRoot('ls /opt/buoy')).split('\n').sort()).toEqual(
        [older, await current(), 'current'].sort(),
      );
    });

    test('a newer version that changes the database and exits is rolled back, and the backup is restored', async () => {
      const [servers, working] = [await serverNames(), await current()];
      await machine.asPerson(`cp -r ${now.name} broken; cd broken; echo 99.0.0 >VERSION
      migrations=$(grep -l '^const migrations = {$' backend/dist/*.js)
      sed -i "s|^const migrations = {$|&\\n '9999-broken': { up: (db) => db.schema.createTable('broken').addColumn('id', 'text').execute() },|" $migrations
      sed -i "s|^.let closing = false;|throw new Error('It is broken.');|" backend/dist/main.js
      grep -q 9999-broken $migrations; grep -q 'It is broken' backend/dist/main.js`);
      const done = await machine.tryAsPerson('sudo sh broken/install.sh');
      expect(done.code).toBe(1);
      expect(done.stderr).toContain(`Buoy 99.0.0 does not answer; going back to ${working}.`);
      expect(done.stderr).toContain(`Buoy ${working} runs again, on the database of the backup.`);
      expect(await current()).toBe(working);
      expect(await machine.asRoot('ls /opt/buoy')).not.toContain('99.0.0');
      expect(await machine.service()).toMatchObject({ ActiveState: 'active' });
      expect(await person.reload()).toBe(401);
      await signIn();
      expect(await serverNames()).toEqual(servers);
    });

    test('a person who is locked out can sign in again with a command on the machine', async () => {
      const { user } = await person.api('GET /me');
      for (const { id, current: isThis } of (await person.api('GET /me/sessions')).sessions)
        if (!isThis) await person.api('DELETE /me/sessions/:id', { params: { id } });
      await person.api('POST /auth/logout');
      expect(await person.reload()).toBe(401);
      const line = codeBlockWith('docs/locked-out.md', 'sh', 'sign-in-link');
      expect(line).toContain('sudo buoy-server sign-in-link\n');
      await signIn();
      expect((await person.api('GET /me')).user).toMatchObject({ id: user.id, isSuperAdmin: true });
    });

    test('a lost key file stops Buoy with a message; restoring its copy as the page says starts it again', async () => {
      await machine.asPerson(codeBlockWith(installPage, 'sh', 'cp /var/lib/buoy/vault-keys'));
      await machine.asPerson('sudo mv /root/vault-keys /root/jwt-secret .');
      await machine.asRoot('rm /var/lib/buoy/vault-keys /var/lib/buoy/jwt-secret; systemctl restart buoy');
      await machine.untilFailed();
      expect(await machine.service()).toMatchObject({ ExecMainStatus: '78', NRestarts: '0' });
      expect(await machine.asRoot('journalctl -u buoy -o cat -n 5')).toContain('A vault key is missing');
      await machine.asPerson(codeBlockWith('docs/locked-out.md', 'sh', 'install -o buoy'));
      await machine.untilAnswers();
      expect(await person.reload()).toBe(200);
      const { servers } = await person.api('GET /servers');
      const { id } = servers[0] ?? expect.unreachable('there is no server');
      const { stdout } = await person.api('POST /servers/:id/exec', {
        params: { id },
        body: { command: 'id -un' },
      });
      expect(stdout.trim()).toBe('deploy');
    });

    test('a backup that only root can read is restored by the lines of the page', async () => {
      const servers = await serverNames();
      await machine.asPerson('sudo buoy-server backup');
      const newest = (await machine.backups()).at(-1);
      await machine.asRoot(`install -m 600 /var/lib/buoy/backups/${newest} /root/kept.db.gz`);
      for (const { id } of (await person.api('GET /servers')).servers)
        await person.api('DELETE /servers/:id', { params: { id } });
      expect(await serverNames()).toEqual([]);
      await machine.asPerson(
        codeBlockWith('docs/operations.md', 'sh', 'restore FILE').replace('FILE', '/root/kept.db.gz'),
      );
      await machine.untilAnswers();
      await signIn();
      expect(await serverNames()).toEqual(servers);
    });

    test('uninstall keeps the data, and a later installation uses it again', async () => {
      const servers = await serverNames();
      await machine.asPerson(codeBlockWith(installPage, 'sh', 'uninstall'));
      for (const gone of [
        '/opt/buoy',
        '/usr/local/bin/buoy',
        '/usr/local/bin/buoy-server',
        '/var/cache/buoy',
      ])
        expect(await machine.host.exec(['test', '!', '-e', gone]), gone).toMatchObject({ code: 0 });
      expect((await machine.host.exec('systemctl cat buoy')).code).not.toBe(0);
      expect((await visitor.fetch(`${ORIGIN}/api/health`)).status).toBe(502);
      await machine.asPerson(installLines(now));
      expect(await person.reload()).toBe(200);
      expect(await serverNames()).toEqual(servers);
    });

    test('uninstall --purge leaves nothing', async () => {
      const account = await machine.asRoot('id -u buoy');
      await machine.asPerson('sudo buoy-server uninstall --purge');
      for (const gone of [
        '/opt/buoy',
        '/var/lib/buoy',
        '/etc/buoy',
        '/var/cache/buoy',
        '/etc/systemd/system/buoy.service',
      ])
        expect(await machine.host.exec(['test', '!', '-e', gone]), gone).toMatchObject({ code: 0 });
      expect((await machine.host.exec('getent passwd buoy || getent group buoy')).code).not.toBe(0);
      expect(await machine.asRoot(`find / -xdev -uid ${account}`)).toBe('');
    });
  },
);

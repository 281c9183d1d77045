// The checks that a real host must fail to fire: inodes, clock, jobs that do not run, what expires; and what thresholds change.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeCertificate } from '../../testbed/make-certificate.ts';
import { within } from '../../testbed/until.ts';
import { type HostAlerts, hostAlerts, NO_ROUNDS } from './support/host-alerts.ts';
import { apart, currentVersion, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

/** Milliseconds: what a check adds to the probe is one short script, beside what it read before. */
const MAX_PROBE_MS = 1_000;
/** Milliseconds until a job that is due each second is a minute late, counted from the start of the gateway. */
const LATE_MS = 150_000;

describe.skipIf(inject('hostsMissing') !== '')('thresholds on a real host', () => {
  let fixture: OpenclawFixture;
  let folder: string;
  let on: HostAlerts;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-thresholds-'));
    fixture = await openclawFixture(apart(currentVersion, 'limits'), NO_ROUNDS);
    on = hostAlerts(fixture);
  });
  afterAll(async () => {
    await fixture?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() =>
    on.thresholds({ diskWarnShare: null, diskCriticalShare: null, clockSkewS: null, cronLateS: null }),
  );

  test('a check of a healthy server fires none of them, within a second', { timeout: 120_000 }, async () => {
    await within(60_000, async () => (await on.check()).length === 0);
    const began = performance.now();
    await on.check();
    expect(performance.now() - began).toBeLessThan(MAX_PROBE_MS);
  });

  test('inodes that are used up count as a full disk until some are free, and earlier by a lower threshold', {
    timeout: 300_000,
  }, async () => {
    await on.service('stop');
    await on.run('cd /home/deploy && mv .openclaw kept && mkdir -m 700 .openclaw');
    await on.run('mount -t tmpfs -o size=500m,nr_inodes=4000,mode=700 tmpfs /home/deploy/.openclaw');
    try {
      await on.run(
        'cp -a /home/deploy/kept/. /home/deploy/.openclaw && chown deploy: /home/deploy/.openclaw',
      );
      await on.untilUp('start');
      expect(await on.open('disk_full', /inodes/)).toBeUndefined();
      // OpenClaw's own files take up to 1,600 more, as soon as it has unpacked its pages.
      await on.run('mkdir .openclaw/some && cd .openclaw/some && seq 1500 | xargs touch', 'deploy');
      await on.thresholds({ diskWarnShare: 0.35 });
      expect(await on.open('disk_full', /inodes/)).toMatchObject({ severity: 'warning' });
      await on.thresholds({ diskWarnShare: null });
      expect(await on.open('disk_full', /inodes/)).toBeUndefined();
      await on.run(
        `mkdir .openclaw/many && cd .openclaw/many && left=$(df -P -i . | awk 'END { print $4 - 40 }') && seq "$left" | xargs touch`,
        'deploy',
      );
      const alert = await on.untilOpen('disk_full', /has used (9\d|100) % of its inodes/);
      expect(alert).toMatchObject({
        severity: 'critical',
        evidence: expect.stringMatching(/of 4000 inodes free/),
      });
      await on.run('rm -r .openclaw/many', 'deploy');
      await on.untilOver('disk_full');
    } finally {
      await on.service('stop');
      await on.run(
        'umount /home/deploy/.openclaw && cd /home/deploy && rmdir .openclaw && mv kept .openclaw',
      );
      await on.untilUp('start');
    }
  });

  // The hosts share the clock of this machine's kernel, which must not be set: `date` is what a program on the host sees of it.
  test('a clock that is ahead fires beyond the threshold alone, and ends when it is right', {
    timeout: 120_000,
  }, async () => {
    expect(await on.open('clock_skew', /./)).toBeUndefined();
    await on.run('mv /usr/bin/date /usr/bin/date.right');
    try {
      await on.run(
        `printf '#!/bin/sh\\nexec /usr/bin/date.right -d "+125 seconds" "$@"\\n' > /usr/bin/date && chmod 755 /usr/bin/date`,
      );
      const alert = (await on.open('clock_skew', /./)) ?? expect.unreachable();
      expect(alert.cause).toBe('The clock of the server is 2 minutes ahead of that of Buoy.');
      expect(alert.severity).toBe('warning');
      await on.thresholds({ clockSkewS: 600 });
      expect(await on.open('clock_skew', /./)).toBeUndefined();
    } finally {
      await on.run('mv -f /usr/bin/date.right /usr/bin/date');
    }
    await on.thresholds({ clockSkewS: null });
    expect(await on.open('clock_skew', /./)).toBeUndefined();
  });

  test('a job that does not run although it is due is named, with since when', {
    timeout: 400_000,
  }, async () => {
    await on.openclaw('config set cron.enabled false');
    await on.untilUp('restart');
    await on.thresholds({ cronLateS: 60 });
    const { job } = await fixture.live.api('POST /servers/:id/openclaw/cron', {
      params: { id: fixture.serverId },
      body: { name: 'count sheep', schedule: { kind: 'every', everyMs: 1_000 }, message: 'one' },
    });
    expect(await on.open('cron_failed', /./)).toBeUndefined();
    const alert = await on.untilOpen('cron_failed', /^The scheduled job "count sheep" was due at /, LATE_MS);
    expect(alert.cause).toBe(`The scheduled job "count sheep" was due at ${job.nextRunAt} and has not run.`);
    expect(alert.evidence).toContain('Last run: never');
    await fixture.live.api('DELETE /servers/:id/openclaw/cron/:jobId', {
      params: { id: fixture.serverId, jobId: job.id },
    });
    await on.untilOver('cron_failed');
    await on.openclaw('config unset cron.enabled');
  });

  test('a token of a model provider that ends in days, and a certificate of the gateway', {
    timeout: 400_000,
  }, async () => {
    await on.openclaw(
      'models auth paste-token --provider anthropic --profile-id anthropic:work --expires-in 9d',
      `sk-ant-oat01-${'x'.repeat(80)}`,
    );
    await on.service('restart');
    await fixture.host.waitGateway();
    const signIn = await on.untilOpen('expiring', /sign-in/, 120_000);
    expect(signIn).toMatchObject({
      severity: 'warning',
      cause: expect.stringMatching(
        /^The sign-in at the model provider "anthropic" \(profile "anthropic:work"\) expires in [89] days\./,
      ),
    });
    const files = makeCertificate(folder, 'gateway', 2);
    for (const [name, file] of Object.entries(files))
      await on.run(`umask 077 && cat > /home/deploy/gateway.${name}`, 'deploy', readFileSync(file, 'utf8'));
    await on.openclaw('config set gateway.tls.certPath /home/deploy/gateway.cert');
    await on.openclaw('config set gateway.tls.keyPath /home/deploy/gateway.key');
    await on.openclaw('config set gateway.tls.enabled true');
    await on.service('restart');
    const certificate = await on.untilOpen('expiring', /TLS certificate/, 120_000);
    expect(certificate).toMatchObject({
      severity: 'critical',
      cause: expect.stringMatching(
        /^The TLS certificate of the gateway expires in (1 day|47 hours)\. Renew it\.$/,
      ),
    });
  });
});

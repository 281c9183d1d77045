// The checks that a real host must fail to fire: inodes, clock, jobs that do not run, what expires; and what thresholds change.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Alert } from '@buoy/contract';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeCertificate } from '../../testbed/make-certificate.ts';
import { within } from '../../testbed/until.ts';
import { apart, currentVersion, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

const UNIT = 'openclaw-gateway.service';
/** Rounds of their own would confirm problems as well: the tests check at once. */
const NO_ROUNDS = { MONITOR_INTERVAL_S: '3600' };
/** Milliseconds: what a check adds to the probe is one short script, beside what it read before. */
const MAX_PROBE_MS = 1_000;
/** Milliseconds until a job that is due each second is a minute late, counted from the start of the gateway. */
const LATE_MS = 150_000;

describe.skipIf(inject('hostsMissing') !== '')('thresholds on a real host', () => {
  let fixture: OpenclawFixture;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-thresholds-'));
    fixture = await openclawFixture(apart(currentVersion, 'limits'), NO_ROUNDS);
  });
  afterAll(async () => {
    await fixture?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() =>
    onServer({ diskWarnShare: null, diskCriticalShare: null, clockSkewS: null, cronLateS: null }),
  );

  const onHost = async (command: string, user: 'deploy' | 'root' = 'root', input?: string) => {
    const { code, stdout, stderr } = await fixture.host.exec(command, {
      ...{ user },
      ...(input !== undefined && { input }),
    });
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
    return stdout.trim();
  };
  const openclaw = (words: string, input?: string) =>
    onHost(`PATH=/opt/node24/bin:$PATH openclaw --no-color ${words}`, 'deploy', input);
  const service = (order: string) => onHost(`systemctl --user ${order} ${UNIT}`, 'deploy');
  const onServer = (thresholds: Record<string, number | null>) =>
    fixture.live.api('PUT /servers/:id/thresholds', {
      params: { id: fixture.serverId },
      body: { thresholds },
    });
  const check = async (): Promise<Alert[]> =>
    (await fixture.live.api('POST /servers/:id/check', { params: { id: fixture.serverId } })).alerts;
  const open = async (type: Alert['type'], cause: RegExp): Promise<Alert | undefined> =>
    (await check()).find((alert) => alert.type === type && cause.test(alert.cause));
  const untilOpen = async (type: Alert['type'], cause: RegExp, deadlineMs = 60_000): Promise<Alert> => {
    let found: Alert | undefined;
    await within(deadlineMs, async () => {
      found = await open(type, cause);
      return found !== undefined;
    });
    return found ?? expect.unreachable();
  };
  const untilOver = (type: Alert['type']) =>
    within(60_000, async () => (await check()).every((alert) => alert.type !== type));

  test('a check of a healthy server fires none of them, within a second', { timeout: 120_000 }, async () => {
    await within(60_000, async () => (await check()).length === 0);
    const began = performance.now();
    await check();
    expect(performance.now() - began).toBeLessThan(MAX_PROBE_MS);
  });

  test('inodes that are used up count as a full disk until some are free, and earlier by a lower threshold', {
    timeout: 300_000,
  }, async () => {
    await service('stop');
    await onHost('cd /home/deploy && mv .openclaw kept && mkdir -m 700 .openclaw');
    await onHost('mount -t tmpfs -o size=500m,nr_inodes=4000,mode=700 tmpfs /home/deploy/.openclaw');
    try {
      await onHost(
        'cp -a /home/deploy/kept/. /home/deploy/.openclaw && chown deploy: /home/deploy/.openclaw',
      );
      await service('start');
      await fixture.host.waitGateway();
      await untilOver('gateway_down');
      expect(await open('disk_full', /inodes/)).toBeUndefined();
      // OpenClaw's own files take some 1,600.
      await onServer({ diskWarnShare: 0.35 });
      expect(await open('disk_full', /inodes/)).toMatchObject({ severity: 'warning' });
      await onServer({ diskWarnShare: null });
      expect(await open('disk_full', /inodes/)).toBeUndefined();
      await onHost(
        `mkdir .openclaw/many && cd .openclaw/many && left=$(df -P -i . | awk 'END { print $4 - 40 }') && seq "$left" | xargs touch`,
        'deploy',
      );
      const alert = await untilOpen('disk_full', /has used 9\d % of its inodes/);
      expect(alert).toMatchObject({
        severity: 'critical',
        evidence: expect.stringMatching(/of 4000 inodes free/),
      });
      await onHost('rm -r .openclaw/many', 'deploy');
      await untilOver('disk_full');
    } finally {
      await service('stop');
      await onHost(
        'umount /home/deploy/.openclaw && cd /home/deploy && rmdir .openclaw && mv kept .openclaw',
      );
      await service('start');
      await fixture.host.waitGateway();
      await untilOver('gateway_down');
    }
  });

  // The hosts share the clock of this machine's kernel, which must not be set: `date` is what a program on the host sees of it.
  test('a clock that is ahead fires beyond the threshold alone, and ends when it is right', {
    timeout: 120_000,
  }, async () => {
    expect(await open('clock_skew', /./)).toBeUndefined();
    await onHost('mv /usr/bin/date /usr/bin/date.right');
    try {
      await onHost(
        `printf '#!/bin/sh\\nexec /usr/bin/date.right -d "+125 seconds" "$@"\\n' > /usr/bin/date && chmod 755 /usr/bin/date`,
      );
      const alert = (await open('clock_skew', /./)) ?? expect.unreachable();
      expect(alert.cause).toBe('The clock of the server is 2 minutes ahead of that of Buoy.');
      expect(alert.severity).toBe('warning');
      await onServer({ clockSkewS: 600 });
      expect(await open('clock_skew', /./)).toBeUndefined();
    } finally {
      await onHost('mv -f /usr/bin/date.right /usr/bin/date');
    }
    await onServer({ clockSkewS: null });
    expect(await open('clock_skew', /./)).toBeUndefined();
  });

  test('a job that does not run although it is due is named, with since when', {
    timeout: 400_000,
  }, async () => {
    await openclaw('config set cron.enabled false');
    await service('restart');
    await fixture.host.waitGateway();
    await untilOver('gateway_down');
    await onServer({ cronLateS: 60 });
    const { job } = await fixture.live.api('POST /servers/:id/openclaw/cron', {
      params: { id: fixture.serverId },
      body: { name: 'count sheep', schedule: { kind: 'every', everyMs: 1_000 }, message: 'one' },
    });
    expect(await open('cron_failed', /./)).toBeUndefined();
    const alert = await untilOpen('cron_failed', /^The scheduled job "count sheep" was due at /, LATE_MS);
    expect(alert.cause).toBe(`The scheduled job "count sheep" was due at ${job.nextRunAt} and has not run.`);
    expect(alert.evidence).toContain('Last run: never');
    await fixture.live.api('DELETE /servers/:id/openclaw/cron/:jobId', {
      params: { id: fixture.serverId, jobId: job.id },
    });
    await untilOver('cron_failed');
    await openclaw('config unset cron.enabled');
  });

  test('a token of a model provider that ends in days, and a certificate of the gateway', {
    timeout: 400_000,
  }, async () => {
    await openclaw(
      'models auth paste-token --provider anthropic --profile-id anthropic:work --expires-in 9d',
      `sk-ant-oat01-${'x'.repeat(80)}`,
    );
    await service('restart');
    await fixture.host.waitGateway();
    const signIn = await untilOpen('expiring', /sign-in/, 120_000);
    expect(signIn).toMatchObject({
      severity: 'warning',
      cause: expect.stringMatching(
        /^The sign-in at the model provider "anthropic" \(profile "anthropic:work"\) expires in [89] days\./,
      ),
    });
    const files = makeCertificate(folder, 'gateway', 2);
    for (const [name, file] of Object.entries(files))
      await onHost(`umask 077 && cat > /home/deploy/gateway.${name}`, 'deploy', readFileSync(file, 'utf8'));
    await openclaw('config set gateway.tls.certPath /home/deploy/gateway.cert');
    await openclaw('config set gateway.tls.keyPath /home/deploy/gateway.key');
    await openclaw('config set gateway.tls.enabled true');
    await service('restart');
    const certificate = await untilOpen('expiring', /TLS certificate/, 120_000);
    expect(certificate).toMatchObject({
      severity: 'critical',
      cause: expect.stringMatching(
        /^The TLS certificate of the gateway expires in (1 day|47 hours)\. Renew it\.$/,
      ),
    });
  });
});

// A changed host key is refused everywhere until the owner accepts it.
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { ended, type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

describe.skipIf(inject('hostsMissing') !== '')('a host key that changes', () => {
  let host: Host;
  let live: LiveBuoy;

  beforeAll(async () => {
    host = await acquireHost({ name: testHost('bare') });
  });
  beforeEach(async () => {
    live = await startLiveBuoy();
  });
  afterEach(async () => {
    await host.fault('none');
    await live?.close();
  });

  test('is pinned on first contact, refused when it changes, and used again once the owner accepts it', async () => {
    const { id } = await live.add(host);
    const params = { id };
    const tested = await live.api('POST /servers/:id/test', { params });
    expect(tested).toMatchObject({ ok: true, system: { systemd: true, sudo: 'passwordless' } });
    const pinned = (await live.api('GET /servers/:id', { params })).server.hostKey;
    expect(Object.values(host.hostKeys)).toContain(pinned?.fingerprint);

    await host.fault('new-host-key');
    const shown = Object.values((await host.info()).hostKeys);
    // The kept connection was opened under the old key and still works; the next one does not.
    await host.fault('kill-connections');
    await until(30_000, () =>
      live.api('POST /servers/:id/exec', { params, body: { command: 'true', timeoutS: 5 } }).then(
        () => false,
        (error: { code?: string }) => error.code === 'host_key_changed',
      ),
    );

    const refusal = await live
      .api('POST /servers/:id/exec', { params, body: { command: 'true' } })
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      status: 503,
      code: 'host_key_changed',
      details: { pinned: { fingerprint: pinned?.fingerprint } },
    });
    const offered = (refusal as { details: { offered: { fingerprint: string } } }).details.offered
      .fingerprint;
    expect(shown).toContain(offered);

    await expect(live.api('POST /servers/:id/test', { params })).resolves.toMatchObject({
      ok: false,
      failure: { kind: 'host_key_changed' },
    });
    await expect(live.api('GET /servers/:id/openclaw/status', { params })).rejects.toMatchObject({
      code: 'host_key_changed',
    });
    const { task } = await live.api('POST /servers/:id/openclaw/restart', { params });
    expect((await live.untilTask(task.id, ended)).error).toMatchObject({ code: 'host_key_changed' });
    expect((await live.api('GET /servers/:id', { params })).server.status.state).toBe('unreachable');

    const wrong = `SHA256:${'A'.repeat(43)}`;
    await expect(
      live.api('POST /servers/:id/host-key/accept', { params, body: { fingerprint: wrong } }),
    ).rejects.toMatchObject({ status: 409, code: 'host_key_mismatch' });

    const accepted = await live.api('POST /servers/:id/host-key/accept', {
      params,
      body: { fingerprint: offered },
    });
    expect(accepted.server.hostKey?.fingerprint).toBe(offered);
    await expect(
      live.api('POST /servers/:id/exec', { params, body: { command: 'echo back' } }),
    ).resolves.toMatchObject({ exitCode: 0, stdout: 'back\n' });
  });
});

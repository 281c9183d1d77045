// An agent asks for a harmless command and sets variables that make its program run something else, as TAR_OPTIONS does.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/answering-gateway.ts';

describe.skipIf(noSshd !== null)('an agent that asks for approval of a command', () => {
  let fixture: HostileGateway;
  let request: Record<string, unknown>;
  let resolved: unknown[];
  beforeAll(async () => {
    fixture = await startHostileGateway();
    resolved = [];
    fixture.gateway.methods['exec.approval.list'] = () => ({
      payload: [{ id: 'a1', request, createdAtMs: Date.now(), expiresAtMs: Date.now() + 600_000 }],
    });
    fixture.gateway.methods['exec.approval.resolve'] = (params) => {
      resolved.push(params);
      return { payload: { ok: true } };
    };
  });
  afterAll(() => fixture.close());

  /** As `exec.approval.list` of both versions. */
  const asked = (more: Record<string, unknown>) => ({
    ...{ command: 'tar czf backup.tgz docs', cwd: '/home/claw', agentId: 'main', host: 'gateway' },
    ...{ allowedDecisions: ['allow-once', 'allow-always', 'deny'], ...more },
  });
  const shown = async () => {
    const { approvals } = (await fixture.get('/openclaw/approvals')).json();
    return approvals[0];
  };
  const allow = () =>
    fixture.running.call('POST', `/servers/${fixture.serverId}/openclaw/approvals/a1/resolve`, {
      token: fixture.token,
      body: { decision: 'allow-once' },
    });

  test('cannot hide the variables that it sets, nor the device that it chose', async () => {
    request = asked({ envKeys: ['TAR_OPTIONS'], host: 'node', nodeId: 'laptop-of-anna' });
    expect(await shown()).toMatchObject({ env: ['TAR_OPTIONS'], host: 'node', node: 'laptop-of-anna' });
  });

  test.each([
    ['variables', { envKeys: [...Array(20_000).fill('UNUSED'), 'TAR_OPTIONS'] }],
    ['a folder', { cwd: `/home/claw/${'./'.repeat(60_000)}evil` }],
  ])('gets no approval with %s too long to show in full', async (_what, more) => {
    request = asked(more);
    expect(await shown()).toMatchObject({
      allowedDecisions: ['deny'],
      warning: expect.stringContaining('too long'),
    });
    expect((await allow()).json()).toMatchObject({ code: 'refused' });
    expect(resolved).toEqual([]);
  });

  test('gets an approval for a folder whose path is long, shown in full', async () => {
    const cwd = `/home/claw/${'deep/'.repeat(500)}evil`;
    request = asked({ cwd });
    expect(await shown()).toMatchObject({ cwd, allowedDecisions: ['allow-once', 'allow-always', 'deny'] });
  });
});

// Config and models of a real OpenClaw through the API: no secret leaves, no setting is lost, every change is in the history.
import type { ConfigRevision } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { hiddenInConfig } from '@buoy/contract/config-patch';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { untilUp } from '../../testbed/buoy-client.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { until, within } from '../../testbed/until.ts';
import {
  apart,
  currentVersion,
  type OpenclawFixture,
  openclawFixture,
  usualVersions,
} from './support/openclaw-fixture.ts';

const FILE = '/home/deploy/.openclaw/openclaw.json';
/** Milliseconds within which an edit by hand appears in the history. */
const SEEN_MS = 5_000;

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions.map((version) => apart(version, 'config')))(
  'config of OpenClaw $version',
  (version) => {
    let fixture: OpenclawFixture;
    let original: string;
    let originalHash: string;
    let me: string;

    const onHost = async (command: string) => (await fixture.host.exec(command, { user: 'deploy' })).stdout;
    const file = () => onHost(`cat ${FILE}`);
    const params = () => ({ id: fixture.serverId });
    const read = () => fixture.live.api('GET /servers/:id/openclaw/config', { params: params() });
    const retryWhileUnreachable = async <T>(call: () => Promise<T>): Promise<T> => {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'rate_limited') throw error;
        await fixture.freshConnection();
        return call();
      }
    };
    const put = (patch: Record<string, unknown>, hash: string, note?: string) =>
      retryWhileUnreachable(() =>
        fixture.live.api('PUT /servers/:id/openclaw/config', {
          params: params(),
          body: { patch, hash, note },
        }),
      );
    const preview = (patch: Record<string, unknown>, hash?: string) =>
      fixture.live.api('POST /servers/:id/openclaw/config/preview', {
        params: params(),
        body: { patch, hash },
      });
    const history = async () =>
      (
        await fixture.live.api('GET /servers/:id/openclaw/config/history', {
          params: params(),
          query: { limit: 200 },
        })
      ).revisions;
    const diff = async (rev: number) =>
      (
        await fixture.live.api('GET /servers/:id/openclaw/config/history/:rev/diff', {
          params: { ...params(), rev },
        })
      ).changes;
    const rollback = (rev: number) =>
      retryWhileUnreachable(() =>
        fixture.live.api('POST /servers/:id/openclaw/config/rollback', { params: params(), body: { rev } }),
      );
    const schema = (path: string) =>
      fixture.live.api('GET /servers/:id/openclaw/config/schema', { params: params(), query: { path } });
    const models = () => fixture.live.api('GET /servers/:id/openclaw/models', { params: params() });
    const cliGet = (path: string) => fixture.cli(['config', 'get', path, '--json'], z.unknown());
    const failure = (call: Promise<unknown>): Promise<ApiError> =>
      call.then(
        () => {
          throw new Error('The call succeeded.');
        },
        (error: unknown) => {
          if (error instanceof ApiError) return error;
          throw error;
        },
      );
    /** The command of 2026.7.35 adds models that it discovers on the host, so that version's gateway is asked instead. */
    const listedByOpenclaw = async (): Promise<string[]> => {
      if (version.version === currentVersion.version) {
        const { models: all } = await fixture.cli(
          ['models', 'list', '--json'],
          z.looseObject({ models: z.array(z.looseObject({ key: z.string() })) }),
        );
        return all.map(({ key }) => key);
      }
      const { models: all } = await fixture.cli(
        ['gateway', 'call', 'models.list', '--params', '{"view":"configured"}', '--json'],
        z.looseObject({ models: z.array(z.looseObject({ id: z.string(), provider: z.string() })) }),
      );
      return all.map(({ id, provider }) => `${provider}/${id}`);
    };
    const seen = (after: number, is: (revision: ConfigRevision) => boolean, deadlineMs = SEEN_MS) =>
      within(deadlineMs, async () => (await history()).find((one) => one.rev > after && is(one)) ?? null);
    const lastRev = async () => (await history())[0]?.rev ?? 0;
    const edit = (script: string) =>
      onHost(
        `/opt/node24/bin/node -e 'const fs=require("fs");const c=JSON.parse(fs.readFileSync("${FILE}","utf8"));${script};fs.writeFileSync("${FILE}",JSON.stringify(c,null,2))'`,
      );
    const putBack = async () => {
      // In place: a file that is replaced twice within milliseconds can get its first inode number again, and chokidar 5.0.0 then watches
      // nothing any more (2026.9.6).
      await fixture.host.exec(`cat > ${FILE}`, { user: 'deploy', input: original });
      let last = {};
      const isApplied = async () => {
        const { hash, applied, source, valid, problem } = await read();
        const isBack = hash === originalHash;
        last = { source, isBack, applied, valid, problem };
        return source === 'gateway' && isBack && applied !== false ? true : null;
      };
      await until(15_000, isApplied)
        .catch(async () => {
          // On a busy machine it may have missed this write, or the hash was of another text: a start reads the file.
          await onHost('systemctl --user restart openclaw-gateway');
          await until(60_000, async () => {
            const { hash, applied, source, valid } = await read();
            if (source !== 'gateway' || !valid || applied === false || hash === null) return null;
            originalHash = hash;
            return isApplied();
          });
        })
        .catch(async (cause: unknown) => {
          // Whether Buoy lost the gateway, the gateway did not apply its file, or something else wrote the file.
          const isOnDisk = (await file()) === original;
          const journal = await onHost(
            'journalctl --user --quiet --unit=openclaw-gateway --no-pager --lines=20',
          );
          throw new Error(
            `The config was not put back in time: ${JSON.stringify({ ...last, isOnDisk })}.\n${journal}`,
            { cause },
          );
        });
      // The next edit is a revision of its own.
      await until(60_000, async () => ((await history())[0]?.hash === originalHash ? true : null));
    };

    beforeAll(async () => {
      fixture = await openclawFixture(version);
      // Right after its start OpenClaw may still write its file, and Buoy may still read the file itself.
      await until(60_000, async () => {
        const before = await file();
        const { hash, source } = await read();
        if (source !== 'gateway' || hash === null || (await file()) !== before) return null;
        original = before;
        originalHash = hash;
        return true;
      });
      me = (await fixture.live.api('GET /me')).user.id;
      await until(60_000, async () => ((await history()).length > 0 ? true : null));
    });
    // Before a test, not after: what the last one leaves goes with the host, so it is not put back by two more starts of the gateway.
    beforeEach(async () => {
      await fixture.host.fault('none');
      if ((await file()) !== original) await putBack();
    });
    afterAll(() => fixture?.close());

    test("GET config returns OpenClaw's own config without any secret", async () => {
      const answer = await read();
      expect(answer).toMatchObject({ source: 'gateway', valid: true, problem: null, issues: [] });
      expect(answer.path).toBe('~/.openclaw/openclaw.json');
      const config = answer.config as { gateway: { auth: { token: string }; port: number } };
      expect(config.gateway.port).toBe(await cliGet('gateway.port'));
      expect(hiddenInConfig).toContain(config.gateway.auth.token);
      const { gateway } = JSON.parse(original) as { gateway: { auth: { token: string } } };
      expect(JSON.stringify(answer)).not.toContain(gateway.auth.token);
      expect(JSON.stringify(answer)).not.toContain('sk-fake');
    });

    test('GET schema returns one path or the whole, and 404 for an unknown path', async () => {
      const { node } = await schema('gateway.port');
      expect(node).toMatchObject({
        path: 'gateway.port',
        types: ['integer'],
        reloadKind: 'restart',
        needsRestart: true,
      });
      const root = await schema('');
      expect(root.node.children.map(({ key }) => key)).toEqual(
        expect.arrayContaining(['gateway', 'agents', 'models']),
      );
      expect((await schema('agents.defaults.thinkingDefault')).node.enum).toContain('low');
      expect(await failure(schema('no.such.place'))).toMatchObject({ status: 404, code: 'not_found' });
    });

    test.runIf(isLongRun)(
      'POST preview lists each change with its effect, checked by OpenClaw, and writes nothing',
      async () => {
        const { hash } = await read();
        const good = await preview(
          {
            agents: { defaults: { timeoutSeconds: 311 } },
            gateway: { port: 18_790, auth: { token: 'a-new-secret-token' } },
          },
          hash!,
        );
        expect(good).toMatchObject({ valid: true, issues: [], hash });
        expect(good.changes).toEqual(
          expect.arrayContaining([
            {
              path: 'agents.defaults.timeoutSeconds',
              kind: 'added',
              before: null,
              after: 311,
              needsRestart: false,
            },
            { path: 'gateway.port', kind: 'changed', before: 18_789, after: 18_790, needsRestart: true },
            expect.objectContaining({ path: 'gateway.auth.token', kind: 'changed' }),
          ]),
        );
        expect(JSON.stringify(good)).not.toContain('a-new-secret-token');
        const bad = await preview({ gateway: { port: 'x' }, nope: 1 });
        expect(bad.valid).toBe(false);
        expect(bad.issues.map(({ path }) => path)).toContain('gateway.port');
        expect(await failure(preview({}, 'another-hash'))).toMatchObject({
          status: 409,
          code: 'stale_version',
        });
        expect(await file()).toBe(original);
      },
    );

    test('PUT, diff, history and rollback apply to OpenClaw and revert', async () => {
      const before = await read();
      const start = await lastRev();
      const done = await put({ agents: { defaults: { timeoutSeconds: 312 } } }, before.hash!, 'slow models');
      expect(done).toMatchObject({
        restart: false,
        rev: start + 1,
        changes: [{ path: 'agents.defaults.timeoutSeconds', kind: 'added', before: null, after: 312 }],
      });
      expect(done.applied).not.toBe(false);
      expect(await cliGet('agents.defaults.timeoutSeconds')).toBe(312);
      expect((await read()).hash).toBe(done.hash);
      const [latest] = await history();
      expect(latest).toMatchObject({
        rev: done.rev,
        by: me,
        origin: 'buoy',
        note: 'slow models',
        changes: 1,
        paths: ['agents.defaults.timeoutSeconds'],
        hash: done.hash,
        valid: true,
        problem: null,
      });
      expect(await diff(done.rev)).toEqual(done.changes);

      const back = await rollback(start);
      expect(back).toMatchObject({ rev: start + 2, missingSecrets: [] });
      const now = JSON.parse(await file()) as Record<string, unknown>;
      const then = JSON.parse(original) as Record<string, unknown>;
      expect({ ...now, meta: null }).toEqual({ ...then, meta: null });
    });

    test('a list added by a change is removed again by the rollback', async () => {
      const start = await lastRev();
      const { hash } = await read();
      await put({ bindings: [{ agentId: 'main', match: { channel: 'telegram' } }] }, hash!);
      expect(await cliGet('bindings')).toHaveLength(1);
      await rollback(start);
      expect(JSON.parse(await file())).not.toHaveProperty('bindings');
    });

    test('an invalid config is refused with its problems, and nothing is written', async () => {
      const { hash } = await read();
      expect(await failure(put({ gateway: { port: 'x' } }, hash!))).toMatchObject({
        status: 422,
        code: 'refused',
        details: { issues: [{ path: 'gateway.port', message: expect.any(String) }] },
      });
      expect(await file()).toBe(original);
    });

    test("of two people with the same hash the second gets 409 with the first one's changes, and nothing is lost", async () => {
      // Slots for all of them, so that neither waits while the other goes ahead.
      await fixture.freshConnection();
      const { hash } = await read();
      const defaults: Array<Record<string, number>> = [{ timeoutSeconds: 313 }, { maxConcurrent: 3 }];
      const outcomes = await Promise.allSettled(
        defaults.map((wish) => put({ agents: { defaults: wish } }, hash!)),
      );
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      const written = (outcomes[winner] as PromiseFulfilledResult<Awaited<ReturnType<typeof put>>>).value;
      const loser = 1 - winner;
      expect((outcomes[loser] as PromiseRejectedResult).reason).toMatchObject({
        status: 409,
        code: 'stale_version',
        details: { hash: written.hash, changes: written.changes },
      });
      expect(written.changes.map(({ path }) => path)).toEqual([
        `agents.defaults.${Object.keys(defaults[winner]!)[0]}`,
      ]);
      await put({ agents: { defaults: defaults[loser] } }, written.hash);
      expect(await cliGet('agents.defaults')).toMatchObject({ timeoutSeconds: 313, maxConcurrent: 3 });
    });

    test('a masked value that comes back unchanged keeps the secret', async () => {
      const { hash, config } = await read();
      const { gateway, models: hidden } = config as { gateway: object; models: object };
      await put({ gateway, models: hidden, agents: { defaults: { timeoutSeconds: 314 } } }, hash!);
      const now = JSON.parse(await file()) as { gateway: { auth: object }; models: object };
      const then = JSON.parse(original) as { gateway: { auth: object }; models: object };
      expect(now.gateway.auth).toEqual(then.gateway.auth);
      expect(now.models).toEqual(then.models);
    });

    test('an edit by hand appears in the history as outside within 5 s, an invalid one with its line', async () => {
      const start = await lastRev();
      await edit('c.agents.defaults.timeoutSeconds=315');
      const outside = await seen(start, ({ valid }) => valid);
      expect(outside).toMatchObject({
        origin: 'outside',
        by: null,
        paths: ['agents.defaults.timeoutSeconds'],
      });
      expect(await diff(outside.rev)).toEqual([
        { path: 'agents.defaults.timeoutSeconds', kind: 'added', before: null, after: 315 },
      ]);

      await onHost(`printf '{\\n  "gateway": {\\n    oops oops\\n  }\\n}\\n' > ${FILE}`);
      const broken = await seen(outside.rev, ({ valid }) => !valid);
      expect(broken).toMatchObject({ origin: 'outside', problem: { line: 3, column: 10 } });
      const answer = await read();
      expect(answer).toMatchObject({ valid: false, problem: { line: 3, column: 10 } });
      expect(await failure(put({ agents: { defaults: { timeoutSeconds: 1 } } }, answer.hash!))).toMatchObject(
        {
          status: 422,
          code: 'refused',
        },
      );

      await putBack();
      expect(await seen(broken.rev, ({ valid }) => valid)).toMatchObject({ origin: 'outside' });
      await edit('c.gateway.port="x"');
      const refused = await seen(broken.rev + 1, ({ valid }) => !valid);
      expect(refused.problem?.issues).toMatchObject([{ path: 'gateway.port' }]);
      expect(((await read()).config as { gateway: { port: unknown } }).gateway.port).toBe('x');
    });

    test("a broken file that OpenClaw sets aside and replaces by the last good one is marked as OpenClaw's change", async () => {
      await until(60_000, async () => ((await onHost(`cat ${FILE}.last-good`)) === original ? true : null));
      const start = await lastRev();
      await onHost(`printf '{ broken' > ${FILE}`);
      const broken = await seen(start, ({ valid }) => !valid);
      await onHost(
        `cp ${FILE} ${FILE}.clobbered.$(date -u +%Y-%m-%dT%H-%M-%S-000Z) && cp ${FILE}.last-good ${FILE}`,
      );
      const repaired = await seen(broken.rev, ({ valid }) => valid);
      expect(repaired).toMatchObject({ origin: 'openclaw', by: null, problem: null });
      await onHost(`rm -f ${FILE}.clobbered.*`);
    });

    test.runIf(isLongRun)("models match OpenClaw's list, and the default model can be changed", async () => {
      const keys = (await listedByOpenclaw()).sort();
      // A gateway that has just started lists the models of the config first.
      const answer = await until(60_000, async () => {
        const now = await models();
        const known = now.models.map(({ provider, id }) => `${provider}/${id}`).sort();
        return now.source === 'gateway' && JSON.stringify(known) === JSON.stringify(keys) ? now : null;
      });
      expect(answer.models.find(({ isDefault }) => isDefault)).toMatchObject({
        id: 'fake-1',
        provider: 'fake',
      });
      expect(answer.providers).toContainEqual(
        expect.objectContaining({ id: 'fake', hasKey: true, keySource: 'config' }),
      );
      expect(JSON.stringify(answer)).not.toContain('sk-fake');

      const { hash, config } = await read();
      const [first] = (config as { models: { providers: { fake: { models: object[] } } } }).models.providers
        .fake.models;
      const second = { ...first, id: 'fake-2', name: 'fake-2' };
      await put({ models: { providers: { fake: { models: [first, second] } } } }, hash!);
      const setDefault = (model: string) =>
        fixture.live.api('PUT /servers/:id/openclaw/models/default', { params: params(), body: { model } });
      expect(await failure(setDefault('fake/none'))).toMatchObject({ status: 404, code: 'not_found' });
      await retryWhileUnreachable(() =>
        until(20_000, () =>
          setDefault('fake/fake-2').catch((error: unknown) => {
            if (error instanceof ApiError && error.status === 404) return null;
            throw error;
          }),
        ),
      );
      expect(await cliGet('agents.defaults.model')).toMatchObject({ primary: 'fake/fake-2' });
      expect((await models()).models.find(({ isDefault }) => isDefault)?.id).toBe('fake-2');
    });

    test.runIf(isLongRun)(
      'a change that restarts the gateway says so and is applied; once stopped, the host returns it within 5 s',
      async () => {
        await untilUp(fixture.live.api, fixture.serverId);
        const { hash } = await until(30_000, async () => {
          const now = await read();
          return now.source === 'gateway' ? now : null;
        });
        const done = await put({ gateway: { controlUi: { basePath: '/console' } } }, hash!);
        expect(done.restart).toBe(true);
        await untilUp(fixture.live.api, fixture.serverId);
        expect(done.applied, 'applied in time').not.toBe(false);
        const [latest] = await history();
        expect(latest).toMatchObject({ origin: 'buoy', rev: done.rev });

        await fixture.host.fault('gateway-stop');
        const startedAt = performance.now();
        const fromHost = await read();
        expect(performance.now() - startedAt).toBeLessThan(5_000);
        expect(fromHost).toMatchObject({
          source: 'cli',
          hash: null,
          valid: null,
          applied: null,
          config: { gateway: { controlUi: { basePath: '/console' } } },
        });
        expect(JSON.stringify(fromHost)).not.toContain('sk-fake');
        expect(await failure(put({ tools: { profile: 'full' } }, 'x'))).toMatchObject({ status: 503 });
        const answer = await models();
        expect(answer.models.map(({ id }) => id)).toContain('fake-1');
      },
    );
  },
);

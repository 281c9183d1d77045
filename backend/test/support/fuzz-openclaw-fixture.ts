// The fixture for fuzzing OpenClaw's endpoints: a real gateway, so that requests reach the records that they name.
import { readFileSync } from 'node:fs';
import type { EndpointKey } from '@buoy/contract';
import type { Host } from '../../../testbed/hosts.ts';
import { until } from '../../../testbed/until.ts';
import type { FuzzCaller, FuzzFixture } from './fuzz-fixture.ts';
import { SUPER_ID, startTestBuoy } from './test-buoy.ts';

/** Telegram ids; the tokens belong to the super-admin, the read token to the owner. */
const people = { owner: 100, viewer: 102, stranger: 103, 'super-admin': SUPER_ID } as const;
type Person = keyof typeof people;

/** Never due while a suite runs. */
const cronJob = {
  name: 'fuzz',
  schedule: { kind: 'every', everyMs: 366 * 24 * 3_600_000 },
  message: 'fuzz',
};

/** @param host runs a gateway, and is not usable for anything else afterwards */
export function openclawFuzzFixture(host: Host): (key: EndpointKey) => Promise<FuzzFixture> {
  return async () => {
    const running = await startTestBuoy({ TRUST_PROXY: '1' });
    const bearers = new Map<FuzzCaller, string>();
    for (const [person, id] of Object.entries(people) as Array<[Person, number]>)
      bearers.set(person, await running.signIn(id));
    const answered = async <T>(method: 'GET' | 'POST', url: string, as: FuzzCaller, body?: object) => {
      const response = await running.call(method, url, { token: bearers.get(as) ?? null, body });
      if (response.statusCode >= 300) throw new Error(`${method} ${url}: ${response.body}`);
      return response.json<T>();
    };
    const newToken = async (as: Person, scope: string) =>
      (
        await answered<{ token: { secret: string } }>('POST', '/me/tokens', as, {
          name: scope,
          scopes: [scope],
        })
      ).token.secret;
    bearers.set('admin token', await newToken('super-admin', 'admin'));
    bearers.set('read token', await newToken('owner', 'read'));
    bearers.set('metrics token', await newToken('super-admin', 'metrics'));

    const { server } = await answered<{ server: { id: string } }>('POST', '/servers', 'owner', {
      name: 'fuzz',
      host: host.host,
      port: host.port,
      username: host.user,
      authType: 'key',
      privateKey: readFileSync(host.key, 'utf8'),
    });
    await running.grant(server.id, '102', 'viewer');
    await until(60_000, async () => {
      const { source } = await answered<{ source: string }>(
        'GET',
        `/servers/${server.id}/openclaw/status`,
        'owner',
      );
      return source === 'gateway' ? true : null;
    });

    const openclaw = `/servers/${server.id}/openclaw`;
    const { hash } = await answered<{ hash: string }>('GET', `${openclaw}/config`, 'owner');
    const { revisions } = await answered<{ revisions: Array<{ rev: number }> }>(
      'GET',
      `${openclaw}/config/history`,
      'owner',
    );
    const { job } = await answered<{ job: { id: string } }>('POST', `${openclaw}/cron`, 'owner', cronJob);
    const { gatewayToken } = await host.info();
    return {
      running,
      superToken: bearers.get('super-admin') ?? '',
      secrets: gatewayToken === null ? [] : [gatewayToken],
      // A real gateway never sends anything that Buoy does not understand.
      faults: ['bad_gateway'],
      answerDeadlineMs: 45_000,
      authorizationOf: async (caller) => `Bearer ${bearers.get(caller)}`,
      known: {
        id: ['fuzz-a', 'fuzz-b'],
        agentId: ['main', 'fuzz-a'],
        model: ['fake/fake-1'],
        provider: ['fake', 'openai'],
        hash: [hash],
      },
      inPath: {
        id: [server.id],
        agentId: ['main', 'main', 'fuzz-a', 'fuzz-b'],
        name: ['AGENTS.md', 'SOUL.md', 'weather', 'github'],
        key: ['agent:main:main', 'agent:main:fuzz'],
        provider: ['fake', 'openai', 'anthropic'],
        jobId: [job.id],
        rev: revisions.map(({ rev }) => String(rev)),
      },
    };
  };
}

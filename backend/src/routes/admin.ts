// Administration of the whole Buoy.
import { Readable } from 'node:stream';
import { type SignInLink, taskTypes } from '@buoy/contract';
import type { Audit } from '../audit/audit.ts';
import type { Backups } from '../backups/backups.ts';
import type { DetailedHealthCheck } from '../health/detailed-health.ts';
import { metricsReader, superAdmin, superAdminInPerson, superAdminInPersonFor } from '../http/policies.ts';
import type { RepeatedCalls } from '../http/repeated-calls.ts';
import { type Route, route } from '../http/route.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { People } from '../users/people.ts';
import type { SignInLinks } from '../users/sign-in-links.ts';

export function adminRoutes(parts: {
  audit: Audit;
  repeatedCalls: Pick<RepeatedCalls, 'flush'>;
  tasks: Tasks;
  detailedHealth: DetailedHealthCheck;
  people: People;
  signInLinks: Pick<SignInLinks, 'prepare' | 'forPerson'>;
  metrics: Pick<Metrics, 'text'>;
  backups: Backups;
}): Route[] {
  const makesLink = (body: unknown): boolean => (body as { link: boolean }).link;
  const { audit, repeatedCalls, tasks, detailedHealth, people, signInLinks, metrics, backups } = parts;
  return [
    route('GET /admin/health/detailed', superAdmin, () => detailedHealth()),
    route('GET /metrics', metricsReader, async () => ({ text: await metrics.text() })),
    route('GET /admin/users', superAdmin, ({ query }) => people.list(query)),
    route(
      'POST /admin/users',
      superAdminInPersonFor(makesLink),
      async ({ caller, body, origin, audit: recorder }) => {
        let link: SignInLink | null = null;
        const user = await people.add(
          body.name,
          (userId) => {
            // Who wants a link is there in a session, by the policy above.
            if (!body.link || caller.sessionId === null) return async () => undefined;
            const prepared = signInLinks.prepare(caller.sessionId, userId, origin);
            link = prepared.link;
            return prepared.storing;
          },
          recorder,
        );
        return { user, ...(link ?? { signInUrl: null, expiresAt: null }) };
      },
    ),
    route(
      'POST /admin/users/:id/sign-in-link',
      superAdminInPerson,
      ({ caller, params, origin, audit: recorder }) =>
        signInLinks.forPerson(caller, params.id, origin, recorder),
    ),
    route('PUT /admin/users/:id', superAdmin, async ({ params, body, audit: recorder }) => ({
      user: await people.change(params.id, body, recorder),
    })),
    route('POST /admin/users/:id/approve', superAdmin, async ({ params, audit: recorder }) => ({
      user: await people.approve(params.id, recorder),
    })),
    route('POST /admin/users/:id/refuse', superAdmin, async ({ params, audit: recorder }) => ({
      user: await people.refuse(params.id, recorder),
    })),
    route('POST /admin/users/:id/disable', superAdmin, async ({ caller, params, audit: recorder }) => ({
      user: await people.disable(caller, params.id, recorder),
    })),
    route('POST /admin/users/:id/enable', superAdmin, async ({ params, audit: recorder }) => ({
      user: await people.enable(params.id, recorder),
    })),
    route('GET /admin/backups', superAdmin, async () => ({
      backups: await backups.list(),
      nextCursor: null,
    })),
    route('POST /admin/backups/run', superAdmin, async ({ audit: recorder }) => ({
      backup: await backups.run(recorder),
    })),
    route('GET /admin/backups/download/:filename', superAdmin, async ({ params, audit: recorder }) => {
      const file = await backups.open(params.filename);
      // Everything that Buoy knows leaves with it.
      await recorder.begin({ target: file.filename });
      return file;
    }),
    route('GET /admin/audit', superAdmin, async ({ query }) => {
      // Who turns pages has a first one that knows of it.
      if (query.cursor === undefined) await repeatedCalls.flush();
      return audit.list(query);
    }),
    route('GET /admin/audit/export', superAdmin, async ({ query }) => {
      await repeatedCalls.flush();
      return { filename: 'buoy-audit.jsonl', stream: Readable.from(audit.exportLines(query)) };
    }),
    route('POST /admin/vault/rotate', superAdmin, async ({ caller, audit: recorder }) => ({
      task: await tasks.start(
        taskTypes.rotateVault,
        { serverId: null, input: {}, createdBy: caller.user.id },
        recorder,
      ),
    })),
  ];
}

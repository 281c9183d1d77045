// Skills of OpenClaw on a server.
import { taskTypes } from '@buoy/contract';
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';
import type { Tasks } from '../../tasks/tasks.ts';
import { countedPerson } from '../../users/caller.ts';

export function openclawSkillsRoutes({ skills }: Openclaw, tasks: Tasks): Route[] {
  return [
    route('GET /servers/:id/openclaw/skills', viewer(serverInPath), ({ params, query, signal }) =>
      skills.list(params.id, query, { signal }),
    ),
    route('GET /servers/:id/openclaw/skills/search', viewer(serverInPath), ({ params, query, signal }) =>
      skills.search(params.id, query.q, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/skills/install',
      admin(serverInPath),
      async ({ params, body, caller, audit }) => ({
        task: await tasks.start(
          taskTypes.installSkill,
          { serverId: params.id, input: body, createdBy: caller.user.id },
          audit,
        ),
      }),
    ),
    route(
      'POST /servers/:id/openclaw/skills/upload',
      admin(serverInPath),
      async ({ params, query, body, caller, signal, audit }) => {
        const limits = { signal, person: countedPerson(caller) };
        const outcome = await skills.upload(params.id, body, query, limits);
        audit.note({
          details: { ...outcome, skill: outcome.skill?.name ?? null, findings: rulesIn(outcome) },
        });
        return outcome;
      },
    ),
    route(
      'PUT /servers/:id/openclaw/skills/:name',
      admin(serverInPath),
      async ({ params, query, body, signal }) => ({
        skill: await skills.setEnabled(params.id, params.name, body.enabled, query, { signal }),
      }),
    ),
    route('DELETE /servers/:id/openclaw/skills/:name', admin(serverInPath), ({ params, query, signal }) =>
      skills.remove(params.id, params.name, query, { signal }),
    ),
  ];
}

/** What was found, without the lines that it was found in: they may hold secrets. */
function rulesIn({ findings }: { findings: ReadonlyArray<{ rule: string }> }): string[] {
  return [...new Set(findings.map(({ rule }) => rule))];
}

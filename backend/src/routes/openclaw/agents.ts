// Agents of OpenClaw on a server.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawAgentsRoutes({
  agents,
  agentFiles,
  agentSkills,
  agentBindings,
  agentKeys,
}: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/agents', viewer(serverInPath), ({ params, signal }) =>
      agents.list(params.id, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/agents',
      admin(serverInPath),
      async ({ params, body, signal, audit }) => {
        audit.note({ details: { agentId: body.id } });
        return { agent: await agents.create(params.id, body, { signal }) };
      },
    ),
    route('GET /servers/:id/openclaw/agents/:agentId', viewer(serverInPath), ({ params, signal }) =>
      agents.find(params.id, params.agentId, { signal }),
    ),
    route(
      'PUT /servers/:id/openclaw/agents/:agentId',
      admin(serverInPath),
      async ({ params, body, caller, signal, audit }) => {
        audit.note({ details: { agentId: params.agentId, changed: Object.keys(body) } });
        return {
          agent: await agents.update(params.id, params.agentId, body, { by: caller.user.id, signal }),
        };
      },
    ),
    route(
      'DELETE /servers/:id/openclaw/agents/:agentId',
      admin(serverInPath),
      async ({ params, query, signal, audit }) => {
        const deleteFiles = query.deleteFiles === 'true';
        audit.note({ details: { agentId: params.agentId, deleteFiles } });
        await agents.remove(params.id, params.agentId, { deleteFiles, signal });
      },
    ),
    route('GET /servers/:id/openclaw/agents/:agentId/files', viewer(serverInPath), ({ params, signal }) =>
      agentFiles.list(params.id, params.agentId, { signal }),
    ),
    route(
      'GET /servers/:id/openclaw/agents/:agentId/files/:name',
      viewer(serverInPath),
      ({ params, signal }) => agentFiles.read(params.id, params, { signal }),
    ),
    route(
      'PUT /servers/:id/openclaw/agents/:agentId/files/:name',
      admin(serverInPath),
      async ({ params, body, signal, audit }) => {
        audit.note({ details: { agentId: params.agentId, file: params.name } });
        return { file: await agentFiles.write(params.id, params, body, { signal }) };
      },
    ),
    route('GET /servers/:id/openclaw/agents/:agentId/skills', viewer(serverInPath), ({ params, signal }) =>
      agentSkills.get(params.id, params.agentId, { signal }),
    ),
    route(
      'PUT /servers/:id/openclaw/agents/:agentId/skills',
      admin(serverInPath),
      async ({ params, body, caller, signal, audit }) => {
        audit.note({ details: { agentId: params.agentId, ...body } });
        const by = caller.user.id;
        return { skills: await agentSkills.update(params.id, params.agentId, body, { by, signal }) };
      },
    ),
    route('GET /servers/:id/openclaw/agents/:agentId/bindings', viewer(serverInPath), ({ params, signal }) =>
      agentBindings.list(params.id, params.agentId, { signal }),
    ),
    route(
      'PUT /servers/:id/openclaw/agents/:agentId/bindings',
      admin(serverInPath),
      async ({ params, body, caller, signal, audit }) => {
        audit.note({ details: { agentId: params.agentId, bindings: body.bindings.length } });
        const options = { by: caller.user.id, signal };
        return {
          bindings: await agentBindings.update(params.id, params.agentId, body.bindings, options),
        };
      },
    ),
    route('GET /servers/:id/openclaw/agents/:agentId/keys', viewer(serverInPath), ({ params, signal }) =>
      agentKeys.list(params.id, params.agentId, { signal }),
    ),
    route(
      'GET /servers/:id/openclaw/agents/:agentId/keys/:provider',
      viewer(serverInPath),
      ({ params, signal }) => agentKeys.find(params.id, params, { signal }),
    ),
    route(
      'PUT /servers/:id/openclaw/agents/:agentId/keys/:provider',
      admin(serverInPath),
      async ({ params, body, signal, audit }) => {
        audit.note({ details: { agentId: params.agentId, provider: params.provider } });
        return { key: await agentKeys.save(params.id, params, body.apiKey.trim(), { signal }) };
      },
    ),
    route(
      'DELETE /servers/:id/openclaw/agents/:agentId/keys/:provider',
      admin(serverInPath),
      async ({ params, signal, audit }) => {
        audit.note({ details: { agentId: params.agentId, provider: params.provider } });
        await agentKeys.remove(params.id, params, { signal });
      },
    ),
    route(
      'POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test',
      admin(serverInPath),
      async ({ params, signal, audit }) => {
        const { agentId, provider } = params;
        audit.unchanged({ target: `${agentId} ${provider}`, details: { agentId, provider } });
        return { test: await agentKeys.test(params.id, params, { signal }) };
      },
    ),
  ];
}

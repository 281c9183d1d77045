// Command approvals and their policy.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawApprovalsRoutes({
  approvals,
  execPolicies,
}: Pick<Openclaw, 'approvals' | 'execPolicies'>): Route[] {
  return [
    route('GET /servers/:id/openclaw/approvals', admin(serverInPath), ({ params, signal }) =>
      approvals.list(params.id, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/approvals/:approvalId/resolve',
      admin(serverInPath),
      ({ params, body, signal }) => approvals.resolve(params.id, params.approvalId, body.decision, signal),
    ),
    route('GET /servers/:id/openclaw/exec-policy', viewer(serverInPath), ({ params, signal }) =>
      execPolicies.read(params.id, { signal }),
    ),
    route('PUT /servers/:id/openclaw/exec-policy', admin(serverInPath), async ({ params, body, signal }) => ({
      policy: await execPolicies.change(params.id, body, signal),
    })),
  ];
}

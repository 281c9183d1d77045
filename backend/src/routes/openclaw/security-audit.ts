// OpenClaw's security audit.
import { serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawSecurityAuditRoutes({ securityAudit }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/security-audit', viewer(serverInPath), ({ params, query, signal }) =>
      securityAudit.read(params.id, { fresh: query.fresh === 'true', signal }),
    ),
  ];
}

// OpenClaw on a server: the full list, a line for each part.
import type { Route } from '../http/route.ts';
import type { ControlUi } from '../openclaw/dashboard/dashboard.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';
import type { Repair } from '../repair/repair.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { openclawAgentsRoutes } from './openclaw/agents.ts';
import { openclawApprovalsRoutes } from './openclaw/approvals.ts';
import { openclawChannelsRoutes } from './openclaw/channels.ts';
import { openclawConfigRoutes } from './openclaw/config.ts';
import { openclawCronRoutes } from './openclaw/cron.ts';
import { openclawControlUiRoutes } from './openclaw/dashboard.ts';
import { openclawEventsRoutes } from './openclaw/events.ts';
import { openclawLogsRoutes } from './openclaw/logs.ts';
import { openclawModelsRoutes } from './openclaw/models.ts';
import { openclawPairingRoutes } from './openclaw/pairing.ts';
import { openclawSecurityAuditRoutes } from './openclaw/security-audit.ts';
import { openclawServiceRoutes } from './openclaw/service.ts';
import { openclawSessionsRoutes } from './openclaw/sessions.ts';
import { openclawSkillsRoutes } from './openclaw/skills.ts';
import { openclawStatusRoutes } from './openclaw/status.ts';
import { openclawUsageRoutes } from './openclaw/usage.ts';

export function openclawRoutes({
  openclaw,
  controlUi,
  repair,
  tasks,
}: {
  openclaw: Openclaw;
  controlUi: ControlUi;
  repair: Repair;
  tasks: Tasks;
}): Route[] {
  return [
    ...openclawStatusRoutes(openclaw),
    ...openclawAgentsRoutes(openclaw),
    ...openclawConfigRoutes(openclaw),
    ...openclawModelsRoutes(openclaw),
    ...openclawSessionsRoutes(openclaw),
    ...openclawEventsRoutes(openclaw),
    ...openclawCronRoutes(openclaw),
    ...openclawLogsRoutes(openclaw),
    ...openclawUsageRoutes(openclaw),
    ...openclawSecurityAuditRoutes(openclaw),
    ...openclawControlUiRoutes(controlUi),
    ...openclawChannelsRoutes(openclaw),
    ...openclawPairingRoutes(openclaw),
    ...openclawApprovalsRoutes(openclaw),
    ...openclawSkillsRoutes(openclaw, tasks),
    ...openclawServiceRoutes(openclaw, repair, tasks),
  ];
}

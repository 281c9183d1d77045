// OpenClaw on a server, part by part as in the folder beside this file.
import type { Endpoints } from './endpoint.ts';
import { openclawAgentsEndpoints } from './openclaw/agents.ts';
import { openclawApprovalsEndpoints } from './openclaw/approvals.ts';
import { openclawChannelsEndpoints } from './openclaw/channels.ts';
import { openclawConfigEndpoints } from './openclaw/config.ts';
import { openclawCronEndpoints } from './openclaw/cron.ts';
import { openclawControlUiEndpoints } from './openclaw/dashboard.ts';
import { openclawEventsEndpoints } from './openclaw/events.ts';
import { openclawLogsEndpoints } from './openclaw/logs.ts';
import { openclawModelsEndpoints } from './openclaw/models.ts';
import { openclawPairingEndpoints } from './openclaw/pairing.ts';
import { openclawSecurityAuditEndpoints } from './openclaw/security-audit.ts';
import { openclawServiceEndpoints } from './openclaw/service.ts';
import { openclawSessionsEndpoints } from './openclaw/sessions.ts';
import { openclawSkillsEndpoints } from './openclaw/skills.ts';
import { openclawStatusEndpoints } from './openclaw/status.ts';
import { openclawUsageEndpoints } from './openclaw/usage.ts';

export const openclaw = {
  ...openclawStatusEndpoints,
  ...openclawAgentsEndpoints,
  ...openclawServiceEndpoints,
  ...openclawCronEndpoints,
  ...openclawLogsEndpoints,
  ...openclawUsageEndpoints,
  ...openclawSecurityAuditEndpoints,
  ...openclawSessionsEndpoints,
  ...openclawEventsEndpoints,
  ...openclawControlUiEndpoints,
  ...openclawConfigEndpoints,
  ...openclawModelsEndpoints,
  ...openclawSkillsEndpoints,
  ...openclawChannelsEndpoints,
  ...openclawPairingEndpoints,
  ...openclawApprovalsEndpoints,
} as const satisfies Endpoints;

// The contract between Buoy's server and its clients: the only barrel of the repository.
import { access } from './access.ts';
import { admin } from './admin.ts';
import { alerts } from './alerts.ts';
import { auth } from './auth.ts';
import { autoRepairEndpoints } from './auto-repair.ts';
import { health } from './health.ts';
import { history } from './history.ts';
import { inbox } from './inbox.ts';
import { maintenance } from './maintenance.ts';
import { me } from './me.ts';
import { notificationChannels } from './notification-channels.ts';
import { openclaw } from './openclaw.ts';
import { passkeys } from './passkeys.ts';
import { rollouts } from './rollouts.ts';
import { servers } from './servers.ts';
import { setup } from './setup.ts';
import { snapshots } from './snapshots.ts';
import { statusPages } from './status-pages.ts';
import { tasks } from './tasks.ts';
import { terminal } from './terminal.ts';
import { thresholdEndpoints } from './thresholds.ts';
import { updatePolicies } from './update-policies.ts';

export * from './access.ts';
export * from './admin.ts';
export * from './alert-names.ts';
export * from './alerts.ts';
export * from './auth.ts';
export * from './auto-repair.ts';
export * from './constants.ts';
export * from './endpoint.ts';
export * from './errors.ts';
export * from './health.ts';
export * from './history.ts';
export * from './inbox.ts';
export * from './maintenance.ts';
export * from './me.ts';
export * from './notification-channels.ts';
export * from './openclaw/agents.ts';
export * from './openclaw/approvals.ts';
export * from './openclaw/channels.ts';
export * from './openclaw/config.ts';
export * from './openclaw/cron.ts';
export * from './openclaw/dashboard.ts';
export * from './openclaw/events.ts';
export * from './openclaw/logs.ts';
export * from './openclaw/models.ts';
export * from './openclaw/pairing.ts';
export * from './openclaw/read.ts';
export * from './openclaw/security-audit.ts';
export * from './openclaw/service.ts';
export * from './openclaw/sessions.ts';
export * from './openclaw/skills.ts';
export * from './openclaw/status.ts';
export * from './openclaw/usage.ts';
export * from './openclaw.ts';
export * from './openclaw-version.ts';
export * from './operation-ids.ts';
export * from './passkeys.ts';
export * from './problem.ts';
export * from './request-examples.ts';
export * from './rollouts.ts';
export * from './scalars.ts';
export * from './schema-examples.ts';
export * from './servers.ts';
export * from './setup.ts';
export * from './setup-bodies.ts';
export * from './snapshots.ts';
export * from './state-names.ts';
export * from './status-pages.ts';
export * from './task-results.ts';
export * from './tasks.ts';
export * from './terminal.ts';
export * from './threshold-limits.ts';
export * from './thresholds.ts';
export * from './update-policies.ts';
export * from './weekly-window.ts';

/** Every endpoint of Buoy, by its literal key. Paths are below `/api`. */
export const contract = {
  ...health,
  ...auth,
  ...me,
  ...notificationChannels,
  ...passkeys,
  ...servers,
  ...setup,
  ...snapshots,
  ...rollouts,
  ...updatePolicies,
  ...terminal,
  ...access,
  ...openclaw,
  ...inbox,
  ...tasks,
  ...alerts,
  ...maintenance,
  ...autoRepairEndpoints,
  ...thresholdEndpoints,
  ...history,
  ...statusPages,
  ...admin,
} as const;
export type Contract = typeof contract;
export type EndpointKey = keyof Contract;

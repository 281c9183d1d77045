// Every command, in the order of the help.
import type { Command } from '../command.ts';
import { accessCommands } from './access.ts';
import { accountCommands } from './account.ts';
import { adminCommands } from './admin.ts';
import { alertNoteCommands } from './alert-notes.ts';
import { alertCommands } from './alerts.ts';
import { apiCommands } from './api.ts';
import { auditCommands } from './audit.ts';
import { autoRepairCommands } from './auto-repair.ts';
import { backupCommands } from './backups.ts';
import { checkServerCommands } from './check-server.ts';
import { cloneServerCommands } from './clone-server.ts';
import { completionCommands } from './completion.ts';
import { deviceCommands } from './devices.ts';
import { execCommands } from './exec.ts';
import { inboxCommands } from './inbox.ts';
import { inviteCommands } from './invites.ts';
import { maintenanceCommands } from './maintenance.ts';
import { manCommands } from './man.ts';
import { notificationChannelCommands } from './notification-channels.ts';
import { notificationCommands } from './notifications.ts';
import { addCronJobCommands } from './openclaw/add-cron-job.ts';
import { agentBindingCommands } from './openclaw/agent-bindings.ts';
import { agentFileCommands } from './openclaw/agent-files.ts';
import { agentKeyCommands } from './openclaw/agent-keys.ts';
import { agentSkillCommands } from './openclaw/agent-skills.ts';
import { agentCommands } from './openclaw/agents.ts';
import { channelCommands } from './openclaw/channels.ts';
import { checkModelCommands } from './openclaw/check-model.ts';
import { configCommands } from './openclaw/config.ts';
import { configChangeCommands } from './openclaw/config-change.ts';
import { rollbackCommands } from './openclaw/config-rollback.ts';
import { cronCommands } from './openclaw/cron.ts';
import { controlUiCommands } from './openclaw/dashboard.ts';
import { editAgentFileCommands } from './openclaw/edit-agent-file.ts';
import { execPolicyCommands } from './openclaw/exec-policy.ts';
import { logCommands } from './openclaw/logs.ts';
import { modelCommands } from './openclaw/models.ts';
import { runCronJobCommands } from './openclaw/run-cron-job.ts';
import { securityAuditCommands } from './openclaw/security-audit.ts';
import { sendCommands } from './openclaw/send-message.ts';
import { serviceCommands } from './openclaw/service.ts';
import { sessionChangeCommands } from './openclaw/session-changes.ts';
import { sessionCommands } from './openclaw/sessions.ts';
import { skillCommands } from './openclaw/skills.ts';
import { updateCronJobCommands } from './openclaw/update-cron-job.ts';
import { uploadSkillCommands } from './openclaw/upload-skill.ts';
import { usageCommands } from './openclaw/usage.ts';
import { peopleCommands } from './people.ts';
import { rolloutCommands } from './rollouts.ts';
import { serverHistoryCommands } from './server-history.ts';
import { serverCommands } from './servers.ts';
import { setupCommands } from './setup.ts';
import { signInCommands } from './sign-in.ts';
import { statusPageCommands } from './status-pages.ts';
import { taskCommands } from './tasks.ts';
import { terminalCommands } from './terminal.ts';
import { thresholdCommands } from './thresholds.ts';
import { tokenCommands } from './tokens.ts';
import { updatePolicyCommands } from './update-policies.ts';

export const commands: readonly Command[] = [
  ...signInCommands,
  ...serverCommands,
  ...execCommands,
  ...terminalCommands,
  ...cloneServerCommands,
  ...checkServerCommands,
  ...serverHistoryCommands,
  ...accessCommands,
  ...inviteCommands,
  ...inboxCommands,
  ...alertCommands,
  ...alertNoteCommands,
  ...setupCommands,
  ...serviceCommands,
  ...logCommands,
  ...usageCommands,
  ...securityAuditCommands,
  ...controlUiCommands,
  ...agentCommands,
  ...agentFileCommands,
  ...editAgentFileCommands,
  ...agentSkillCommands,
  ...agentBindingCommands,
  ...agentKeyCommands,
  ...sessionCommands,
  ...sessionChangeCommands,
  ...sendCommands,
  ...skillCommands,
  ...uploadSkillCommands,
  ...configCommands,
  ...rollbackCommands,
  ...configChangeCommands,
  ...modelCommands,
  ...checkModelCommands,
  ...channelCommands,
  ...cronCommands,
  ...addCronJobCommands,
  ...updateCronJobCommands,
  ...runCronJobCommands,
  ...execPolicyCommands,
  ...taskCommands,
  ...rolloutCommands,
  ...updatePolicyCommands,
  ...maintenanceCommands,
  ...autoRepairCommands,
  ...thresholdCommands,
  ...statusPageCommands,
  ...adminCommands,
  ...peopleCommands,
  ...backupCommands,
  ...auditCommands,
  ...accountCommands,
  ...tokenCommands,
  ...deviceCommands,
  ...notificationCommands,
  ...notificationChannelCommands,
  ...apiCommands,
  ...completionCommands,
  ...manCommands,
];

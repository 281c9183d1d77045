// Every command, in the order of the help.
import type { Command } from '../command.ts';
import { accessCommands } from './access.ts';
import { adminCommands } from './admin.ts';
import { completionCommands } from './completion.ts';
import { inboxCommands } from './inbox.ts';
import { addCronJobCommands } from './openclaw/add-cron-job.ts';
import { agentBindingCommands } from './openclaw/agent-bindings.ts';
import { agentFileCommands } from './openclaw/agent-files.ts';
import { agentKeyCommands } from './openclaw/agent-keys.ts';
import { agentSkillCommands } from './openclaw/agent-skills.ts';
import { agentCommands } from './openclaw/agents.ts';
import { channelCommands } from './openclaw/channels.ts';
import { configCommands } from './openclaw/config.ts';
import { configChangeCommands } from './openclaw/config-change.ts';
import { controlUiCommands } from './openclaw/control-ui.ts';
import { cronCommands } from './openclaw/cron.ts';
import { execPolicyCommands } from './openclaw/exec-policy.ts';
import { logCommands } from './openclaw/logs.ts';
import { modelCommands } from './openclaw/models.ts';
import { securityAuditCommands } from './openclaw/security-audit.ts';
import { sendCommands } from './openclaw/send-message.ts';
import { serviceCommands } from './openclaw/service.ts';
import { sessionCommands } from './openclaw/sessions.ts';
import { skillCommands } from './openclaw/skills.ts';
import { uploadSkillCommands } from './openclaw/upload-skill.ts';
import { usageCommands } from './openclaw/usage.ts';
import { serverCommands } from './servers.ts';
import { signInCommands } from './sign-in.ts';
import { taskCommands } from './tasks.ts';
import { tokenCommands } from './tokens.ts';

export const commands: readonly Command[] = [
  ...signInCommands,
  ...serverCommands,
  ...accessCommands,
  ...inboxCommands,
  ...serviceCommands,
  ...logCommands,
  ...usageCommands,
  ...securityAuditCommands,
  ...controlUiCommands,
  ...agentCommands,
  ...agentFileCommands,
  ...agentSkillCommands,
  ...agentBindingCommands,
  ...agentKeyCommands,
  ...sessionCommands,
  ...sendCommands,
  ...skillCommands,
  ...uploadSkillCommands,
  ...configCommands,
  ...configChangeCommands,
  ...modelCommands,
  ...channelCommands,
  ...cronCommands,
  ...addCronJobCommands,
  ...execPolicyCommands,
  ...taskCommands,
  ...adminCommands,
  ...tokenCommands,
  ...completionCommands,
];

// Builds all OpenClaw modules by hand and connects them with each other.
import type { Clock } from '../lib/clock.ts';
import type { IsolatedWork } from '../lib/isolated-work.ts';
import type { Logger } from '../lib/logger.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { RemoteRuns } from '../tasks/remote-run.ts';
import type { TaskKind } from '../tasks/task-kind.ts';
import { createAgentBindings } from './agents/agent-bindings.ts';
import { createAgentConfigWriter } from './agents/agent-config-writer.ts';
import { createAgentFiles } from './agents/agent-files.ts';
import { createAgentKeys } from './agents/agent-keys.ts';
import { createAgentSkills } from './agents/agent-skills.ts';
import { createAgents } from './agents/agents.ts';
import { createKeyMasks } from './agents/key-masks.ts';
import { createApprovals } from './approvals/approvals.ts';
import { createChannels } from './channels/channels.ts';
import { createConnectTelegram } from './channels/connect-telegram.ts';
import { createConfigFeature } from './config/config.ts';
import { createConfigParts } from './config/config-parts.ts';
import type { RevisionStore } from './config/revisions.store.ts';
import { createOpenclawCron } from './cron/cron.ts';
import { createEvents } from './events/hub.ts';
import { createExecPolicies } from './exec-policy/exec-policy.ts';
import type { Gateways } from './gateway/gateways.ts';
import { createRememberedEvents } from './gateway/remembered-events.ts';
import { createRunAsGateway } from './host/as-gateway.ts';
import { createCli } from './host/cli.ts';
import { createGatewayFiles } from './host/gateway-files.ts';
import type { Installations } from './host/installation.ts';
import { createHostVitals } from './host/vitals.ts';
import { createOpenclawLogs } from './logs/logs.ts';
import { createModelCheck } from './models/model-check.ts';
import { createModels } from './models/models.ts';
import { createSignInExpiries } from './models/sign-ins.ts';
import { createPairing } from './pairing/pairing.ts';
import { createReader } from './reads/reader.ts';
import type { SnapshotStore } from './reads/snapshots.store.ts';
import { createConfigRollbackKind } from './repair/config-rollback.ts';
import { createFindEarlierConfig } from './repair/earlier-config.ts';
import { createReadGatewayProblem } from './repair/gateway-problem.ts';
import { createOpenclawSecurityAudit } from './security-audit/security-audit.ts';
import { createDoctorKind } from './service/doctor.ts';
import { createGatewayService } from './service/gateway-service.ts';
import { createReadRepairCommands } from './service/repair-commands.ts';
import { createRestartKind } from './service/restart.ts';
import { createStartKind } from './service/start.ts';
import { createStopKind } from './service/stop.ts';
import { createSessions } from './sessions/sessions.ts';
import { createInstallSkillKind } from './skills/install-skill.ts';
import { createSkills } from './skills/skills.ts';
import type { Observe } from './status/observation.ts';
import { createOpenclawStatus } from './status/status.ts';
import { createOpenclawUsage } from './usage/usage.ts';

export type { GatewayProblem } from './repair/gateway-problem.ts';
export type Openclaw = ReturnType<typeof createOpenclaw>;

export function createOpenclaw(given: {
  ssh: Ssh;
  gateways: Gateways;
  /** Who answers for what is remembered of a server. */
  ownerOf: (serverId: string) => Promise<string>;
  installations: Installations;
  remoteRuns: RemoteRuns;
  isolatedWork: IsolatedWork;
  snapshots: SnapshotStore;
  configRevisions: RevisionStore;
  observe: Observe;
  clock: Clock;
  logger: Logger;
}) {
  const runAsGateway = createRunAsGateway(given);
  const gatewayFiles = createGatewayFiles(runAsGateway);
  const configParts = createConfigParts({ ...given, runAsGateway, gatewayFiles });
  const { hostConfigs, writer, configApplied, callWithConfigLock } = configParts;
  const { ssh, gateways, installations, remoteRuns, isolatedWork, clock } = given;
  const cli = createCli({ ssh, installations, clock });
  const reader = createReader({ ...given, cli });
  const agentConfigWriter = createAgentConfigWriter({ gateways, writer });
  const remembered = createRememberedEvents(given);
  const service = { ssh, gateways, installations, remoteRuns, clock };
  const taskKinds: TaskKind[] = [
    createRestartKind(service),
    createDoctorKind(service),
    createConfigRollbackKind({ ...service, ...configParts, runAsGateway }),
    createStartKind(service),
    createStopKind(service),
    createInstallSkillKind({ gateways, callWithConfigLock }),
  ];
  return {
    taskKinds,
    gatewayService: createGatewayService(service),
    repair: {
      readCommands: createReadRepairCommands(service),
      readProblem: createReadGatewayProblem(service),
      findEarlierConfig: createFindEarlierConfig({
        ...configParts,
        installations,
        runAsGateway,
        gatewayFiles,
      }),
    },
    config: createConfigFeature({ ...configParts, gateways, reader }),
    configWatch: configParts.watch,
    models: createModels({ reader, gateways, hostConfigs, writer }),
    signIns: createSignInExpiries({ gateways, clock }),
    hostVitals: createHostVitals({ ssh, installations, clock }),
    status: createOpenclawStatus({ ...given, cli }),
    reader,
    agents: createAgents({ gateways, callWithConfigLock, reader, hostConfigs, writer, configApplied, clock }),
    agentFiles: createAgentFiles({ gateways, reader, hostConfigs, runAsGateway, gatewayFiles }),
    agentSkills: createAgentSkills({ gateways, reader, hostConfigs, writer: agentConfigWriter }),
    agentBindings: createAgentBindings({ reader, hostConfigs, writer: agentConfigWriter }),
    agentKeys: createAgentKeys({
      gateways,
      callWithConfigLock,
      reader,
      hostConfigs,
      configApplied,
      masks: createKeyMasks({ cli, gateways, clock }),
    }),
    sessions: createSessions({ reader, gateways }),
    events: createEvents({ gateways, remembered, clock }),
    cron: createOpenclawCron({ gateways, reader }),
    logs: createOpenclawLogs({ gateways, remembered, installations, reader, clock }),
    usage: createOpenclawUsage({ reader, clock }),
    securityAudit: createOpenclawSecurityAudit({ reader, clock }),
    channels: createChannels({ reader, gateways }),
    connectTelegram: createConnectTelegram({ ssh, gateways, writer, clock }),
    pairing: createPairing({ ...given, runAsGateway, reader, cli }),
    approvals: createApprovals({ ...given, reader }),
    execPolicies: createExecPolicies({ reader, gateways }),
    skills: createSkills({
      ...{ reader, gateways, callWithConfigLock, configApplied, hostConfigs },
      ...{ ssh, runAsGateway, isolatedWork, clock },
    }),
    modelCheck: createModelCheck({ gateways, clock, logger: given.logger }),
  };
}

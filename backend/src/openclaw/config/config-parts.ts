// Builds the config modules: history, watch, and the two ways to change a config, which share one lock per server.
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import type { GatewayFiles } from '../host/gateway-files.ts';
import type { Installations } from '../host/installation.ts';
import { createConfigApplied } from './config-applied.ts';
import { createConfigHistory } from './history.ts';
import { createHostConfigs } from './host-config.ts';
import { createCallWithConfigLock } from './locked-call.ts';
import type { RevisionStore } from './revisions.store.ts';
import { createServerLocks } from './server-locks.ts';
import { watchConfigs } from './watch.ts';
import { createConfigWriter } from './writer.ts';

export function createConfigParts({
  ssh,
  runAsGateway,
  gatewayFiles,
  gateways,
  installations,
  configRevisions,
  clock,
  logger,
}: {
  ssh: Ssh;
  runAsGateway: RunAsGateway;
  gatewayFiles: GatewayFiles;
  gateways: Gateways;
  installations: Installations;
  configRevisions: RevisionStore;
  clock: Clock;
  logger: Logger;
}) {
  const configApplied = createConfigApplied({ gateways, clock });
  const history = createConfigHistory({ store: configRevisions, clock });
  const hostConfigs = createHostConfigs({ ssh, runAsGateway, gatewayFiles, installations });
  const locks = createServerLocks();
  return {
    history,
    locks,
    hostConfigs,
    writer: createConfigWriter({ gateways, configApplied, history, locks, clock }),
    watch: watchConfigs({ gateways, hostConfigs, history, locks, clock, logger }),
    configApplied,
    callWithConfigLock: createCallWithConfigLock({ gateways, configApplied, history, locks, clock, logger }),
  };
}

// Builds the config modules: history, watch, the writer for every feature, and the gateways that record Buoy's own changes.
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Installations } from '../host/installation.ts';
import { createConfigApplied } from './config-applied.ts';
import { createConfigHistory } from './history.ts';
import { createHostConfigs } from './host-config.ts';
import { withOwnChanges } from './own-changes.ts';
import type { RevisionStore } from './revisions.store.ts';
import { createServerLocks } from './server-locks.ts';
import { watchConfigs } from './watch.ts';
import { createConfigWriter } from './writer.ts';

export function createConfigParts({
  ssh,
  gateways,
  installations,
  configRevisions,
  clock,
  logger,
}: {
  ssh: Ssh;
  gateways: Gateways;
  installations: Installations;
  configRevisions: RevisionStore;
  clock: Clock;
  logger: Logger;
}) {
  const configApplied = createConfigApplied({ gateways, clock });
  const history = createConfigHistory({ store: configRevisions, clock });
  const hostConfigs = createHostConfigs({ ssh, installations });
  const turns = createServerLocks();
  return {
    history,
    hostConfigs,
    writer: createConfigWriter({ gateways, configApplied, history, turns }),
    watch: watchConfigs({ gateways, hostConfigs, history, turns, clock, logger }),
    /** For features: their calls appear in the history as changes by Buoy. */
    gateways: withOwnChanges({ gateways, configApplied, history, turns, clock, logger }),
  };
}

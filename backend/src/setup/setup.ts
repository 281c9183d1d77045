// From a bare server to a healthy gateway. All that the rest of Buoy may use of it.
import type { Access } from '../access/access.ts';
import type { Clock } from '../lib/clock.ts';
import type { IsolatedWork } from '../lib/isolated-work.ts';
import type { Gateways } from '../openclaw/gateway/gateways.ts';
import type { Installations } from '../openclaw/host/installation.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';
import type { AddressLookup } from '../ssh/address-lookup.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { RemoteRuns } from '../tasks/remote-run.ts';
import type { TaskKind } from '../tasks/task-kind.ts';
import type { UpdatePolicies } from '../update-policies/update-policies.ts';
import { createCarrier } from './carry/carrier.ts';
import { type CheckPrerequisites, createCheckPrerequisites } from './check-prereqs.ts';
import { type CheckUpdates, createCheckUpdates } from './check-updates.ts';
import { type CreateDefaultAgent, createDefaultAgentCreator } from './create-default-agent.ts';
import { type DownloadSettings, downloadsOf } from './downloads.ts';
import { createExpectOpenclaw, type ExpectOpenclaw } from './installed.ts';
import { createNewestVersions } from './newest-versions.ts';
import { createPreviewScripts, type PreviewScripts } from './preview-scripts.ts';
import type { SetupSnapshotStore } from './snapshots/snapshots.store.ts';
import { createSnapshots, type Snapshots } from './snapshots/snapshots.ts';
import { createSourceFetch } from './source-fetch.ts';
import { createSetupKinds } from './task-kinds.ts';
import type { ProbeGateway } from './until-ready.ts';
import { createExpectUpdate, type ExpectUpdate } from './update/expect-update.ts';
import type { AddressOf, UpdateTools } from './update/update-parts.ts';
import { createVerifyHealth, type VerifyHealth } from './verify-health.ts';

export { gatewayChangeOf } from './configure-gateway.ts';
export { BOT_TOKEN } from './connect-channel.ts';
export { separateScript } from './edited-script.ts';
export { SUDO_PASSWORD } from './install-service.ts';
export { PROVIDER_KEY } from './onboard.ts';
export type { Snapshots } from './snapshots/snapshots.ts';

export type Setup = {
  checkPrerequisites: CheckPrerequisites;
  verifyHealth: VerifyHealth;
  createDefaultAgent: CreateDefaultAgent;
  connectTelegram: Openclaw['connectTelegram'];
  checkUpdates: CheckUpdates;
  expectUpdate: ExpectUpdate;
  /** The newest version of OpenClaw at the registry; null: not known. */
  newestOpenclaw: () => Promise<string | null>;
  expectOpenclaw: ExpectOpenclaw;
  previewScripts: PreviewScripts;
  snapshots: Snapshots;
  taskKinds: TaskKind[];
};

/** That setup installs where nobody asks for another one. */
const NODE_LINE = 24;

/**
 * @param parts.onInstalled called when something was installed on a server: what other parts keep of it is outdated
 * @param parts.fileSecret what seals downloaded snapshots
 */
export function createSetup(parts: {
  ssh: Pick<Ssh, 'script' | 'exec' | 'writeFile'>;
  remoteRuns: RemoteRuns;
  probeGateway: ProbeGateway;
  installations: Pick<Installations, 'inspect' | 'find'>;
  gateways: Pick<Gateways, 'hello' | 'call' | 'probe'>;
  openclaw: Pick<
    Openclaw,
    'status' | 'modelCheck' | 'agents' | 'sessions' | 'connectTelegram' | 'cron' | 'skills' | 'gatewayService'
  >;
  updatePolicies: Pick<UpdatePolicies, 'effectiveOn' | 'targetOf'>;
  updateTarget: UpdateTools['updateTarget'];
  snapshotStore: SetupSnapshotStore;
  fileSecret: Buffer;
  access: Pick<Access, 'roleOf' | 'isOwner'>;
  addressOf: AddressOf;
  /** Somebody who may not sign in. */
  isDisabled: (userId: string) => Promise<boolean>;
  downloads: DownloadSettings;
  /** The script that installs Ollama. */
  ollamaInstallUrl: string;
  /** Folder in which Buoy keeps what it has downloaded for servers. */
  downloadFolder: string;
  lookup: AddressLookup;
  isolatedWork: IsolatedWork;
  onInstalled: (serverId: string) => void;
  clock: Clock;
}): Setup {
  const fetch = createSourceFetch({ lookup: parts.lookup });
  const newestVersions = createNewestVersions(parts.downloads, { clock: parts.clock, fetch });
  const checkPrerequisites = createCheckPrerequisites({
    ...parts,
    downloads: downloadsOf(parts.downloads),
    async reachesDownloads() {
      const { openclaw, node } = await newestVersions();
      return openclaw !== null && node(NODE_LINE) !== null;
    },
  });
  const verifyHealth = createVerifyHealth({ ...parts, ...parts.openclaw });
  const createDefaultAgent = createDefaultAgentCreator({ ...parts.openclaw, clock: parts.clock });
  const carrier = createCarrier({ ...parts, fetch, folder: parts.downloadFolder });
  const { connectTelegram } = parts.openclaw;
  const taskKinds = createSetupKinds({
    ...{ ...parts, connectTelegram, newestVersions, carrier },
    ...{ checkPrerequisites, verifyHealth, createDefaultAgent },
    ...{ gatewayService: parts.openclaw.gatewayService, inventorySources: parts.openclaw },
    snapshots: parts.snapshotStore,
    isOwner: async (userId, serverId) =>
      !(await parts.isDisabled(userId)) && parts.access.isOwner(userId, serverId),
  });
  return {
    checkPrerequisites,
    verifyHealth,
    createDefaultAgent,
    connectTelegram,
    checkUpdates: createCheckUpdates({ ...parts, newestVersions }),
    expectUpdate: createExpectUpdate(parts.updatePolicies),
    newestOpenclaw: async () => (await newestVersions()).openclaw,
    expectOpenclaw: createExpectOpenclaw(parts.ssh),
    previewScripts: createPreviewScripts(taskKinds),
    snapshots: createSnapshots({ ...parts, store: parts.snapshotStore }),
    taskKinds,
  };
}

// The update of the Node that runs OpenClaw: another version beside it, into which the unit of the gateway and the commands of the login then lead.
import { readFileSync } from 'node:fs';
import { AppError } from '../../lib/app-error.ts';
import { compareVersions } from '../../lib/compare-versions.ts';
import { ownerPreamble } from '../../openclaw/host/scripts.ts';
import type { GatewayBefore } from '../../openclaw/service/gateway-service.ts';
import { installFailure } from '../install-failures.ts';
import { newestNode, runsOn } from '../node-line.ts';
import { shown } from '../prerequisite-facts.ts';
import type { ComponentUpdate, OwnPlan } from './component-steps.ts';
import { expectFree, type NodeFacts, readNodeFacts } from './node-facts.ts';
import type { UpdateTools } from './update-parts.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const preamble = [
  ownerPreamble,
  ...['../installer.sh', 'owned.sh', 'node/unit.sh', 'node/places.sh'].map(load),
].join('\n');
/** Mebibytes: unpacked it has 190, and the download 53 (24.21.0). */
const NODE_SIZE = 300;
const REGISTRY_EXIT_CODE = 21;

export function createNodeUpdate(tools: UpdateTools): ComponentUpdate {
  return {
    component: 'node',
    name: 'Node',
    preamble,
    scripts: {
      stage: `${load('../install-node.sh')}\n${load('node/stage.sh')}`,
      swap: load('node/swap.sh'),
      undo: load('node/undo.sh'),
      prove: load('node/prove.sh'),
      cleanUp: load('node/clean-up.sh'),
    },
    reasons: {
      snapshot: 'The old Node itself stays for a way back, and the state of OpenClaw does not change.',
      stop: 'No service runs the gateway now. One that was started by hand keeps the old Node until it is started again.',
      migrate: 'OpenClaw stays the same.',
    },
    bring: (context, version) => tools.carrier.bringNode(context, version),
    async preflight(context) {
      const facts = await readNodeFacts(tools, context);
      const service = facts.hasService ? await tools.gatewayService.inspect(context) : null;
      const from = nodeThatRuns(facts);
      const to = await wantedNode(tools, facts, from, context.input.version);
      if (from !== to) expectFree(facts, NODE_SIZE);
      return planOf(tools, facts, { from, to, service });
    },
  };
}

/** @throws AppError where the service starts another one, or its unit cannot be changed */
function nodeThatRuns({ hasService, running, ofUnit }: NodeFacts): string {
  if (!hasService) return running;
  if (ofUnit.version === null)
    throw new AppError(
      'unsupported',
      `The service of the gateway starts a Node that Buoy has not installed: ${ofUnit.path ?? 'none that can be seen'}`,
      { hint: 'Update it the way it was installed, such as with nvm or the package manager of the system.' },
    );
  if (!ofUnit.canChange)
    throw new AppError('refused', 'The unit of the gateway cannot be changed by this login.', {
      hint: 'Let the login own the unit, and name its Node in the unit itself, not in a drop-in.',
    });
  return ofUnit.version;
}

/** @throws AppError for a Node that OpenClaw refuses, and where the newest one is not known */
async function wantedNode(
  { newestVersions }: UpdateTools,
  { engines, openclaw }: NodeFacts,
  current: string,
  version: string,
): Promise<string> {
  if (version !== 'latest') {
    if (runsOn(version, engines)) return version;
    throw new AppError('refused', `OpenClaw ${openclaw.version} does not run on Node ${version}.`, {
      hint: `It names the versions that it runs on: ${shown(engines)}`,
    });
  }
  const newest = newestNode(await newestVersions(), { current, engines });
  if (newest === null) throw installFailure(REGISTRY_EXIT_CODE, 'update');
  // What is there may be newer than what the mirror has.
  return (compareVersions(current, newest) ?? -1) > 0 ? current : newest;
}

function planOf(
  { downloads }: UpdateTools,
  { openclaw, linked }: NodeFacts,
  { from, to, service }: Pick<OwnPlan, 'from' | 'to'> & { service: GatewayBefore | null },
): OwnPlan {
  // One that was stopped stays so, and takes the new Node when it is started.
  const runs = service !== null && (service.answers || service.activeState !== 'inactive');
  return {
    ...{ from, to },
    variables: {
      ...{ NODE_VERSION: to, LINK_COMMANDS: 'no', LINKED: linked },
      ...{ NODE_MIRROR: downloads.nodeMirror ?? '', NPM_REGISTRY: downloads.npmRegistry },
      ...{ OPENCLAW: openclaw.command, RESTARTED: runs ? 'yes' : 'no' },
      ...{ MANAGER: service?.manager ?? 'none', UNIT: service?.unit ?? '' },
    },
    gateway: runs ? { service, openclaw: openclaw.version } : null,
  };
}

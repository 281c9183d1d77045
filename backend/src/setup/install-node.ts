// The step that installs Node for the account of the login.
import { readFileSync } from 'node:fs';
import type { NodeSetup } from '@buoy/contract';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import type { DownloadSettings } from './downloads.ts';
import { createInstallStep, type InstallTools } from './install-step.ts';
import { isOfVersion } from './installed.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = `${load('installer.sh')}\n${load('install-node.sh')}`;

/** Result: `{version, path}`. */
export function createInstallNodeStep<Input>(
  tools: InstallTools & { downloads: DownloadSettings },
  nodeOf: (input: Input) => NodeSetup,
): TaskStepKind {
  return createInstallStep<Input, { version: string; path: string }>(tools, {
    id: 'install-node',
    title: 'Install Node',
    script,
    variables: (input) => ({
      NODE_VERSION: nodeOf(input).version,
      NODE_MIRROR: tools.downloads.nodeMirror ?? '',
      NPM_REGISTRY: tools.downloads.npmRegistry,
    }),
    found(input, { node, prefix }) {
      if (node === null || !isOfVersion(node, nodeOf(input).version)) return null;
      return {
        reason: `Node ${node} is installed already.`,
        result: { version: node, path: `${prefix}/bin/node` },
      };
    },
  });
}

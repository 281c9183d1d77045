// The step that installs Node for the account of the login.
import { readFileSync } from 'node:fs';
import type { Downloader, NodeSetup } from '@buoy/contract';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import { carriedScript } from './carry/carrier.ts';
import { carriedSources } from './carry/node-files.ts';
import { createInstallStep, type DownloadTools } from './install-step.ts';
import { isOfVersion } from './installed.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const [installer, installNode] = [load('installer.sh'), load('install-node.sh')];
const script = `${installer}\n${installNode}`;

/** Result: `{version, path}`. */
export function createInstallNodeStep<Input>(
  tools: DownloadTools,
  nodeOf: (input: Input) => NodeSetup,
  viaOf: (input: Input) => Downloader | undefined,
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
    carry: {
      carrier: tools.carrier,
      script: [installer, carriedScript, installNode].join('\n'),
      async bring(context) {
        const via = await tools.chooseDownloader(context, viaOf(context.input));
        return via === 'server' ? null : tools.carrier.bringNode(context, nodeOf(context.input).version);
      },
      isAsked: (input) => viaOf(input) === 'buoy',
      previewed: carriedSources(tools.downloads),
    },
  });
}

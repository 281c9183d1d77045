// The step that installs OpenClaw for the account of the login, by the Node that was installed before.
import { readFileSync } from 'node:fs';
import type { Downloader, OpenclawSetup } from '@buoy/contract';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import { carriedScript } from './carry/carrier.ts';
import { CARRIED_ORIGIN } from './carry/package-source.ts';
import { createInstallStep, type DownloadTools } from './install-step.ts';
import { refuseBesideAnother } from './installed.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const installers = ['installer.sh', 'npm-install.sh'].map(load);
const installOpenclaw = load('install-openclaw.sh');
const script = [...installers, installOpenclaw].join('\n');

/** Result: `{version, path, prefix}`. With `latest`, any version that is there is left as it is: an update is a task of its own. */
export function createInstallOpenclawStep<Input>(
  tools: DownloadTools,
  openclawOf: (input: Input) => OpenclawSetup,
  viaOf: (input: Input) => Downloader | undefined,
): TaskStepKind {
  return createInstallStep<Input, { version: string; path: string; prefix: string }>(tools, {
    id: 'install-openclaw',
    title: 'Install OpenClaw',
    script,
    variables: (input) => ({
      OPENCLAW_VERSION: openclawOf(input).version,
      NPM_REGISTRY: tools.downloads.npmRegistry,
    }),
    found(input, installed) {
      refuseBesideAnother(installed);
      const { openclaw, prefix } = installed;
      const { version } = openclawOf(input);
      if (openclaw === null || (version !== 'latest' && version !== openclaw)) return null;
      return {
        reason: `OpenClaw ${openclaw} is installed already.`,
        result: { version: openclaw, path: `${prefix}/bin/openclaw`, prefix },
      };
    },
    carry: {
      carrier: tools.carrier,
      script: [...installers, carriedScript, installOpenclaw].join('\n'),
      async bring(context) {
        const { version } = openclawOf(context.input);
        const via = await tools.chooseDownloader(context, viaOf(context.input));
        return via === 'server' ? null : tools.carrier.bringOpenclaw(context, { version, nodePath: null });
      },
      isAsked: (input) => viaOf(input) === 'buoy',
      previewed: { NPM_REGISTRY: CARRIED_ORIGIN },
    },
  });
}

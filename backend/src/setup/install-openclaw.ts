// The step that installs OpenClaw for the account of the login, by the Node that was installed before.
import { readFileSync } from 'node:fs';
import type { OpenclawSetup } from '@buoy/contract';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import type { DownloadSettings } from './downloads.ts';
import { createInstallStep, type InstallTools } from './install-step.ts';
import { refuseBesideAnother } from './installed.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = ['installer.sh', 'npm-install.sh', 'install-openclaw.sh'].map(load).join('\n');

/** Result: `{version, path, prefix}`. With `latest`, any version that is there is left as it is: an update is a task of its own. */
export function createInstallOpenclawStep<Input>(
  tools: InstallTools & { downloads: DownloadSettings },
  openclawOf: (input: Input) => OpenclawSetup,
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
  });
}

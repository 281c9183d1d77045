// The update of the npm of OpenClaw's Node. The gateway does not run it, so that nothing is stopped.
import { readFileSync } from 'node:fs';
import { AppError } from '../../lib/app-error.ts';
import { compareVersions } from '../../lib/compare-versions.ts';
import { ownerPreamble } from '../../openclaw/host/scripts.ts';
import { installFailure } from '../install-failures.ts';
import { NPM_LINE } from '../newest-versions.ts';
import type { ComponentUpdate } from './component-steps.ts';
import { expectFree, readNodeFacts } from './node-facts.ts';
import type { UpdateTools } from './update-parts.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const preamble = [
  ownerPreamble,
  ...['../installer.sh', 'owned.sh', 'rename.sh', 'npm/places.sh'].map(load),
].join('\n');
/** Mebibytes: unpacked it has 13 (11.21.2). */
const NPM_SIZE = 50;
const REGISTRY_EXIT_CODE = 21;

export function createNpmUpdate(tools: UpdateTools): ComponentUpdate {
  return {
    component: 'npm',
    name: 'npm',
    preamble,
    scripts: {
      stage: load('npm/stage.sh'),
      swap: load('npm/swap.sh'),
      undo: load('npm/undo.sh'),
      prove: load('npm/prove.sh'),
      cleanUp: load('npm/clean-up.sh'),
    },
    reasons: {
      snapshot: 'The old npm itself stays for a way back, and the state of OpenClaw does not change.',
      stop: 'The gateway does not run npm.',
      migrate: 'OpenClaw stays the same.',
    },
    bring: (context, version) => tools.carrier.bringNpm(context, version),
    async preflight(context) {
      const facts = await readNodeFacts(tools, context);
      const { npm: from, linked } = facts;
      if (from === null)
        throw new AppError(
          'unsupported',
          'The npm of this login is not the one of the Node that Buoy installed.',
          {
            hint: 'Install Node again with the setup, which brings its npm, or update npm the way it was installed.',
          },
        );
      const to = await wantedNpm(tools, from, context.input.version);
      if (from !== to) expectFree(facts, NPM_SIZE);
      const variables = { NODE_VERSION: linked, NPM_REGISTRY: tools.downloads.npmRegistry };
      return { from, to, variables, gateway: null };
    },
  };
}

/** @throws AppError for one that cannot install OpenClaw, and where the newest one is not known */
async function wantedNpm({ newestVersions }: UpdateTools, current: string, version: string): Promise<string> {
  if (version !== 'latest') {
    if (version.startsWith(`${NPM_LINE}.`)) return version;
    throw new AppError(
      'refused',
      `Buoy installs OpenClaw with npm ${NPM_LINE}, so it does not take npm ${version}.`,
      {
        hint: `Choose a version of npm ${NPM_LINE}, or “latest”. From 12 on, npm blocks install scripts of packages.`,
      },
    );
  }
  const { npm } = await newestVersions();
  if (npm === null) throw installFailure(REGISTRY_EXIT_CODE, 'update');
  return (compareVersions(current, npm) ?? -1) > 0 ? current : npm;
}

// The update of Ollama by its own installer, as root: only of one that this installer has made a service.
import { readFileSync } from 'node:fs';
import { exactVersion } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { readKeyValues } from '../../openclaw/host/key-values.ts';
import { factsPreamble, ownerPreamble } from '../../openclaw/host/scripts.ts';
import { quote } from '../../ssh/quote.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import { SUDO_PASSWORD, sudoPasswordOf } from '../install-service.ts';
import { ASK_MS, type ComponentUpdate } from './component-steps.ts';
import { expectFree } from './node-facts.ts';
import type { UpdateContext, UpdateTools } from './update-parts.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const factsScript = [factsPreamble, ...['../ollama-version.sh', 'ollama/preflight.sh'].map(load)].join('\n');
const preamble = [
  ownerPreamble,
  ...['../installer.sh', '../linger.sh', '../ollama-version.sh', 'owned.sh', 'ollama/places.sh'].map(load),
].join('\n');
/** Bytes: a dozen short lines. */
const MAX_OUTPUT_BYTES = 16 * 1024;
/** Mebibytes besides the libraries themselves, which come once more: the command, the download and some growth. */
const EXTRA_SIZE = 1_000;
/** As its installer names it. */
const UNIT_FILE = '/etc/systemd/system/ollama.service';

const place = z.enum(['/usr/local', '/usr']);
const sudoKind = z.enum(['root', 'passwordless', 'password', 'none']);

export function createOllamaUpdate(tools: UpdateTools): ComponentUpdate {
  const { ollamaInstallUrl } = tools;
  return {
    component: 'ollama',
    name: 'Ollama',
    preamble,
    scripts: {
      stage: load('ollama/stage.sh'),
      swap: load('ollama/swap.sh'),
      undo: load('ollama/undo.sh'),
      prove: load('ollama/prove.sh'),
      cleanUp: load('ollama/clean-up.sh'),
    },
    staged: installerSum,
    secrets: async (context) => sudoPasswordOf.of(context.input, await context.secrets()),
    reasons: {
      snapshot: 'The old Ollama itself is kept for a way back, and its models stay where they are.',
      stop: 'The gateway runs on. The installer of Ollama stops and starts its service.',
      migrate: 'OpenClaw stays the same.',
    },
    async preflight(context) {
      const { version: to } = context.input;
      const byHand = `On the server: curl -fsSL ${quote(ollamaInstallUrl)} | OLLAMA_VERSION=${to} sh`;
      const facts = await readFacts(tools, context);
      if (facts.place === null || facts.unitFile !== UNIT_FILE || facts.isPackaged)
        throw new AppError(
          'unsupported',
          'Ollama on this server was not installed by its own installer, so Buoy cannot update it.',
          { hint: 'Update it the way it was installed, such as with the package manager or the container.' },
        );
      if (facts.version === null)
        throw new AppError('not_ready', 'Ollama does not answer on port 11434 of the server.', {
          hint: `Start it first, or update it by hand. ${byHand}`,
        });
      const secrets = await context.secrets();
      if (facts.sudo === 'none' || (facts.sudo === 'password' && secrets[SUDO_PASSWORD] === undefined))
        throw new AppError('sudo_refused', 'Ollama is updated by root, and the server refuses sudo.', {
          hint: `Enter the password of the account, or update it by hand. ${byHand}`,
        });
      if (facts.version !== to) expectFree(facts, facts.size + EXTRA_SIZE);
      return {
        ...{ from: facts.version, to, gateway: null },
        variables: { PLACE: facts.place, OLLAMA_INSTALL_URL: ollamaInstallUrl },
      };
    },
  };
}

/** What is later run as root must be what was downloaded. Throws AppError. */
function installerSum(printed: string): Record<string, string> {
  const sum = /, SHA-256 ([0-9a-f]{64})\n$/.exec(printed)?.[1];
  if (sum === undefined)
    throw new AppError('bad_gateway', 'The server did not name the SHA-256 of the installer of Ollama.', {
      hint: 'Start this again. The output shows what the server said.',
    });
  return { INSTALLER_SHA256: sum };
}

/** Throws AppError. */
async function readFacts({ ssh }: Pick<UpdateTools, 'ssh'>, context: UpdateContext) {
  const values = await reachServer(context, ASK_MS, async (limits) =>
    readKeyValues(
      await ssh.script(serverOf(context), factsScript, [], { ...limits, maxOutputBytes: MAX_OUTPUT_BYTES }),
    ),
  );
  return {
    version: exactVersion.safeParse(values.text('version')).data ?? null,
    place: place.safeParse(values.text('place')).data ?? null,
    isPackaged: values.text('packaged') === 'yes',
    unitFile: values.text('unitFile'),
    sudo: sudoKind.safeParse(values.text('sudo')).data ?? 'none',
    size: values.count('size') ?? 0,
    free: values.count('free') ?? 0,
  };
}

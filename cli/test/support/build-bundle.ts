// The one file that people install, built as `npm run build` does it, in a folder of its own.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../../testbed/run-command.ts';
import manifest from '../../package.json' with { type: 'json' };

const rolldown = fileURLToPath(new URL('../../../node_modules/rolldown/bin/cli.mjs', import.meta.url));
const cliFolder = fileURLToPath(new URL('../../', import.meta.url));
const BUILD_MS = 60_000;

export type Bundle = { file: string; remove(): void };

export async function buildBundle(): Promise<Bundle> {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-bundle-'));
  const file = path.join(folder, 'buoy.mjs');
  const [, ...words] = manifest.scripts.build.split(' ');
  const args = words.map((word) =>
    word === manifest.bin.buoy ? file : word.startsWith('src/') ? path.join(cliFolder, word) : word,
  );
  const built = await runCommand(process.execPath, [rolldown, ...args], { timeoutMs: BUILD_MS });
  if (built.code !== 0) throw new Error(`The bundle was not built:\n${built.stdout}${built.stderr}`);
  // As npm does for what a package gives as a command.
  chmodSync(file, 0o755);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

// Builds the single-file bundle as `npm run build` does, in a temporary folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../../testbed/run-command.ts';

const buildScript = fileURLToPath(new URL('../../build.mjs', import.meta.url));
const BUILD_MS = 60_000;

export type Bundle = { file: string; folder: string; remove(): void };

export async function buildBundle(): Promise<Bundle> {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-bundle-'));
  const built = await runCommand(process.execPath, [buildScript, folder], { timeoutMs: BUILD_MS });
  if (built.code !== 0) throw new Error(`The bundle was not built:\n${built.stdout}${built.stderr}`);
  const file = path.join(folder, 'buoy.mjs');
  return { file, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

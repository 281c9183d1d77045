// Which file runs the server or one of its commands.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../backend/src', import.meta.url));

export type ServerProgram =
  | 'main'
  | 'audit-log'
  | 'backup'
  | 'doctor'
  | 'keys'
  | 'open-snapshot'
  | 'restore'
  | 'sign-in-link';

/** As built for a run of the tests (in the folder `BUILT_SERVER`), which starts on half the processor time; else its source. */
export function serverProgram(name: ServerProgram): string {
  const { BUILT_SERVER } = process.env;
  if (BUILT_SERVER !== undefined) return path.join(BUILT_SERVER, `${name}.js`);
  return path.join(sources, name === 'main' ? 'main.ts' : `commands/${name}.ts`);
}

// The npm registry that this machine uses: a test machine may have no way to the public one, and its hosts have none either.
import { execFileSync } from 'node:child_process';

export function npmRegistry(): string {
  return execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim().replace(/\/+$/, '');
}

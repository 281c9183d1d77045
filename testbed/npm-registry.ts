// The npm registry that this machine uses: a test machine may have no way to the public one, and its hosts have none either.
import { execFileSync } from 'node:child_process';

/** Settings of a Buoy that asks this registry, and trusts its certificate as this machine does. */
export function npmRegistrySettings(): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS } = process.env;
  return { NPM_REGISTRY: npmRegistry(), ...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }) };
}

export function npmRegistry(): string {
  return execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim().replace(/\/+$/, '');
}

// Loads the shell scripts beside this file; they are files of their own so that shell tools can check them.
import { readFileSync } from 'node:fs';

function load(...names: string[]): string {
  return names.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('\n');
}

/** `$1`: `service` or `all`. */
export const inspectScript = load('run-as.sh', 'find-openclaw.sh', 'inspect.sh');
/** `$1` OpenClaw's folder, `$2` the certificate of its gateway; both may be empty. */
export const vitalsScript = load('run-as.sh', 'find-openclaw.sh', 'vitals.sh');
export const hostFactsScript = load('run-as.sh', 'find-openclaw.sh', 'sudo-kind.sh', 'host-facts.sh');
/** What a script of another feature that reads facts of a host begins with. */
export const factsPreamble = load('run-as.sh', 'find-openclaw.sh', 'sudo-kind.sh');
/** What a script of another feature that runs programs of OpenClaw begins with: how to see whose they are. */
export const ownerPreamble = load('run-as.sh', 'find-openclaw.sh');
/** `$1` manager, `$2` unit, `$3` lines, `$4` since (seconds since the epoch) or empty. */
export const journalScript = load('run-as.sh', 'find-openclaw.sh', 'journal.sh');
/** `$1` port in four hex digits, `$2` config file, `$3` account of the unit; both may be empty. */
export const portGuardScript = load('port-guard.sh');
/** `$1` a file in the folder of Node, `$2` the openclaw command, then its words. */
export const cliScript = load('run-as.sh', 'find-openclaw.sh', 'cli.sh');
/** Parameters: in as-gateway.sh. */
export const asGatewayScript = load('run-as.sh', 'as-gateway.sh');
/** By as-gateway.sh: `$1` folder, `$2` name, `$3` bytes at most, `$4` `inside` or empty. */
export const readFileScript = load('read-file.sh');
/** `$1` a file in the folder of Node, `$2` the openclaw command, `$3` the patch. */
export const dryRunScript = load('run-as.sh', 'find-openclaw.sh', '../config/dry-run.sh');

// npm run audit-log -- verify | export | show ENTRY: verifies the audit log, prints it as JSON lines, or prints the whole command of an entry, on the
// machine itself.
import path from 'node:path';
import { terminalJson } from '@buoy/contract/visible-text';
import { createAuditStore } from '../audit/audit.store.ts';
import { createAudit } from '../audit/audit.ts';
import { chainKey } from '../audit/chain.ts';
import { createChainAnchor } from '../audit/chain-anchor.ts';
import type { Verification } from '../audit/verify-chain.ts';
import { isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/create-logger.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { printErrorLine, printLine } from '../lib/print-line.ts';
import { createKeptSecretStore } from '../secrets/kept-secrets.store.ts';
import { keptSecret } from '../secrets/kept-secrets.ts';
import { createVault } from '../vault/vault.ts';
import { openForCommand } from './open-for-command.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: ${machineCommand(commandsAre(process.env), 'audit-log', 'verify | export | show ENTRY')}`;
/** EX_USAGE would be 64; the commands of Buoy use 2, as shells do. */
const EXIT_USAGE = 2;

async function main([verb, entryId, ...more]: string[]): Promise<number> {
  const isComplete = verb === 'show' ? entryId !== undefined : entryId === undefined;
  if ((verb !== 'verify' && verb !== 'export' && verb !== 'show') || !isComplete || more.length > 0) {
    printErrorLine(USAGE);
    return EXIT_USAGE;
  }
  const opened = await openForCommand();
  if ('exitCode' in opened) return opened.exitCode;
  const { config, database } = opened;
  try {
    const store = createAuditStore(database.db);
    const key = chainKey(
      await keptSecret('audit-chain', {
        store: createKeptSecretStore(database.db),
        vault: createVault(config.vaultKeys),
        clock: systemClock,
      }),
    );
    const audit = createAudit({
      store,
      key,
      anchor: createChainAnchor({
        file: path.join(config.dataDir, 'audit-head'),
        stands: (entry) => store.stands(key, entry),
        clock: systemClock,
        logger: createLogger('warn'),
      }),
      clock: systemClock,
    });
    if (verb === 'export') {
      // The log escapes by itself what a terminal acts on, so that the values stay the same.
      for await (const line of audit.exportLines({})) process.stdout.write(line);
      return 0;
    }
    if (verb === 'show') {
      printLine(terminalJson({ command: await audit.wholeCommand(entryId ?? '') }));
      return 0;
    }
    const { entries, removed, problem } = await audit.verify();
    printLine(
      problem === null
        ? `The audit log is intact: ${entries} entries, none changed, none missing.${removalOf(removed)}`
        : `${problem} (${entries} entries before that are intact.)`,
    );
    return problem === null ? 0 : 1;
  } catch (error) {
    if (verb !== 'show' || !isAppError(error)) throw error;
    printErrorLine([error.message, error.hint].filter(Boolean).join(' '));
    return 1;
  } finally {
    await database.close();
  }
}

/** Retention is no damage, but whoever checks the log should know of it. */
function removalOf(removed: Verification['removed']): string {
  return removed === null
    ? ''
    : ` ${removed.entries} older ones were removed after AUDIT_RETENTION_DAYS, the last at ${removed.lastAt}.`;
}

await runCommand(main);

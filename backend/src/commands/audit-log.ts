// npm run audit-log -- verify | export: verifies the audit log, or prints it as JSON lines, on the machine itself.
import path from 'node:path';
import { createAuditStore } from '../audit/audit.store.ts';
import { createAudit } from '../audit/audit.ts';
import { chainKey } from '../audit/chain.ts';
import { createChainAnchor } from '../audit/chain-anchor.ts';
import type { Verification } from '../audit/verify-chain.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/create-logger.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { createKeptSecretStore } from '../secrets/kept-secrets.store.ts';
import { keptSecret } from '../secrets/kept-secrets.ts';
import { createVault } from '../vault/vault.ts';
import { openForCommand } from './open-for-command.ts';

const USAGE = `Usage: ${machineCommand(commandsAre(process.env), 'audit-log', 'verify | export')}\n`;
/** EX_USAGE would be 64; the commands of Buoy use 2, as shells do. */
const EXIT_USAGE = 2;

async function main(verb: string | undefined): Promise<number> {
  if (verb !== 'verify' && verb !== 'export') {
    process.stderr.write(USAGE);
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
      for await (const line of audit.exportLines({})) process.stdout.write(line);
      return 0;
    }
    const { entries, removed, problem } = await audit.verify();
    process.stdout.write(
      problem === null
        ? `The audit log is intact: ${entries} entries, none changed, none missing.${removalOf(removed)}\n`
        : `${problem} (${entries} entries before that are intact.)\n`,
    );
    return problem === null ? 0 : 1;
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

process.exitCode = await main(process.argv[2]);

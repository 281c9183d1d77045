// npm run audit-log -- verify | export: checks the audit log, or prints it as JSON lines, on the machine itself.
import path from 'node:path';
import { createAuditStore } from './audit/audit.store.ts';
import { createAudit } from './audit/audit.ts';
import { createChainAnchor } from './audit/chain-anchor.ts';
import { loadConfig } from './config.ts';
import { databaseSource, openDatabase } from './db/database.ts';
import { systemClock } from './lib/clock.ts';
import { createLogger } from './lib/create-logger.ts';
import { createKeptSecretStore } from './secrets/kept-secrets.store.ts';
import { keptSecret } from './secrets/kept-secrets.ts';
import { createVault } from './vault/vault.ts';

const USAGE = 'Usage: npm run audit-log -- verify | export\n';
/** EX_USAGE would be 64; the commands of Buoy use 2, as shells do. */
const EXIT_USAGE = 2;

async function main(verb: string | undefined): Promise<number> {
  if (verb !== 'verify' && verb !== 'export') {
    process.stderr.write(USAGE);
    return EXIT_USAGE;
  }
  const config = loadConfig();
  const database = await openDatabase(databaseSource(config));
  try {
    const store = createAuditStore(database.db);
    const audit = createAudit({
      store,
      key: await keptSecret('audit-chain', {
        store: createKeptSecretStore(database.db),
        vault: createVault(config.vaultKeys),
        clock: systemClock,
      }),
      anchor: createChainAnchor({
        file: path.join(config.dataDir, 'audit-head'),
        macAt: store.macAt,
        clock: systemClock,
        logger: createLogger('warn'),
      }),
      clock: systemClock,
    });
    if (verb === 'export') {
      for await (const line of audit.exportLines({})) process.stdout.write(line);
      return 0;
    }
    const { entries, problem } = await audit.verify();
    process.stdout.write(
      problem === null
        ? `The audit log is whole: ${entries} entries, none changed, none missing.\n`
        : `${problem} (${entries} entries before that are whole.)\n`,
    );
    return problem === null ? 0 : 1;
  } finally {
    await database.close();
  }
}

process.exitCode = await main(process.argv[2]);

// Configuration → wiring → listen → close. The only file that ends the process.
import path from 'node:path';
import { loadConfig } from './config.ts';
import { createLogger } from './lib/create-logger.ts';
import { linkUrl, listenUrl } from './lib/urls.ts';
import { version } from './lib/version.ts';
import { expectFree, listening, listeningAddress } from './listening.ts';
import { plainHttpNotice } from './plain-http.ts';
import { sayStartFailure } from './start-failure.ts';
import { wire } from './wiring.ts';

/** Milliseconds; the contract promises an end within 10 s of SIGTERM. */
const CLOSE_DEADLINE_MS = 9_000;
/** Milliseconds that requests under way get before their connections are cut. */
const DRAIN_MS = 4_000;

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  const { port, controlUiPort } = config;
  const host = await listeningAddress(config.host);
  // Before a task is touched: what cannot be reached has no work to take over.
  await expectFree(host, port);
  if (controlUiPort !== null) await expectFree(host, controlUiPort, 'CONTROL_UI_PORT');
  const webRoot = path.resolve(import.meta.dirname, '../../frontend/dist');
  const buoy = await wire(config, logger, { version, webRoot });

  let closing = false;
  const close = (signal: string): void => {
    if (closing) return;
    closing = true;
    logger.info({ signal }, 'closing');
    setTimeout(() => buoy.app.server.closeAllConnections(), DRAIN_MS).unref();
    setTimeout(() => {
      logger.warn('not everything closed in time');
      process.exit(0);
    }, CLOSE_DEADLINE_MS).unref();
    buoy.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, close);

  const controlUiUrl = await listening({ host, port: controlUiPort, setting: 'CONTROL_UI_PORT' }, () =>
    buoy.controlUi.listen({ host, port: controlUiPort, besides: port }),
  );
  logger.info({ url: controlUiUrl }, 'the Control UI of OpenClaw listens');
  await listening({ host, port, setting: 'PORT' }, () =>
    buoy.app.listen({ host, port, listenTextResolver: () => 'the API and the web app listen' }),
  );
  const url = listenUrl(buoy.app.server.address(), config.tls === null ? 'http' : 'https');
  const notice = plainHttpNotice(config);
  if (notice !== null) process.stdout.write(`\n${notice}\n`);
  const code = await buoy.signInLinks.forFirstStart();
  if (code !== null)
    process.stdout.write(
      `\nNobody has signed in yet. Open this link within a day to become the super-admin; it works once:\n  ${linkUrl(config.appDomain === null ? url : `https://${config.appDomain}`, code)}\n\n`,
    );
  // At every level: programs that start Buoy wait for this line.
  createLogger('info').info({ url }, 'listening');
}

main().catch((error: unknown) => {
  const exitCode = sayStartFailure(error);
  if (exitCode !== null) process.exit(exitCode);
  createLogger('fatal').fatal({ err: error }, 'Buoy could not start');
  process.exit(1);
});

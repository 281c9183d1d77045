// npm run demo: a host with OpenClaw, a Buoy that manages it, and a sign-in link. Ctrl-C ends everything.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@buoy/contract/client';
import { addServer, signInByLink, untilUp } from './buoy-client.ts';
import { startBuoy } from './buoy-process.ts';
import { acquireHost, currentOpenclawLayer, testbedSupport } from './hosts.ts';
import { ensureSystemPackages } from './system-packages.ts';

const folder = fileURLToPath(new URL('../.cache/demo', import.meta.url));
const started = Date.now();
const say = (text: string) =>
  console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${text}`);

await ensureSystemPackages(['hosts']);
const support = await testbedSupport();
if (!support.ok) {
  console.error(`The demo needs a test host, which cannot run here: ${support.reason}`);
  process.exit(1);
}

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true, mode: 0o700 });
say('Starting Buoy …');
const buoy = await startBuoy({ DATA_DIR: folder, PORT: process.env.PORT ?? '8080', LOG_LEVEL: 'warn' });
say('Bringing up a host with OpenClaw (the first time builds it: two to three minutes) …');
const host = await acquireHost({ name: 'demo', layer: currentOpenclawLayer, waitGateway: true });

const token = await signInByLink(buoy);
const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
say(`Adding ${host.user}@${host.host} …`);
const server = await addServer(api, {
  name: 'demo',
  host: host.host,
  port: host.port,
  username: host.user,
  authType: 'key',
  privateKey: await readFile(host.key, 'utf8'),
  tags: ['demo'],
});
const { status } = await untilUp(api, server.id);
say(
  `The server is up: OpenClaw ${status.version}, gateway ${status.gateway.state}, ${status.agents} agent(s), ${status.sessions} session(s).`,
);
const link = await buoy.newSignInLink();
console.log(`
  Sign in (once, within a day):  ${link}
  Status by API:                 curl -s -H 'Authorization: Bearer ${token}' ${buoy.url}/api/servers/${server.id}/openclaw/status
  The host itself:               ssh -i ${host.key} ${host.user}@${host.host}

Ctrl-C ends Buoy and the host.`);

const end = async () => {
  await buoy.stop();
  await host.down();
  process.exit(0);
};
process.once('SIGINT', () => void end());
process.once('SIGTERM', () => void end());

// The live server of most suites: a real host with OpenClaw, added to their Buoy and up.
import { readFile } from 'node:fs/promises';
import { type Client, createClient } from '@buoy/contract/client';
import { addServer, signInByNewLink, untilUp } from '../../../testbed/buoy-client.ts';
import type { BuoyProcess } from '../../../testbed/buoy-process.ts';
import { acquireHost, currentOpenclawLayer, type Host } from '../../../testbed/hosts.ts';
import { testHost } from '../../../testbed/test-hosts.ts';

/** @returns a client of the API that owns the server */
export async function addLiveGateway(
  buoy: BuoyProcess,
  tags: string[] = [],
): Promise<{ api: Client; host: Host; server: { id: string } }> {
  const host = await acquireHost({
    name: testHost('gateway'),
    layer: currentOpenclawLayer,
    waitGateway: true,
  });
  const token = await signInByNewLink(buoy);
  const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
  const { id } = await addServer(api, {
    name: 'web server',
    host: host.host,
    username: host.user,
    authType: 'key',
    privateKey: await readFile(host.key, 'utf8'),
    tags,
  });
  await untilUp(api, id);
  return { api, host, server: { id } };
}

// An SSH server that takes every login, runs what it is sent in a shell of this machine, and keeps the text of it.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ssh2 from 'ssh2';
import type { HostileClient } from './ssh-packets.ts';

export type ListeningMachine = { port: number; received(): string; close(): Promise<void> };

/** ssh2's key generator fails now and then. */
export const newHostKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString();

/**
 * @param port 0: any free port
 * @param admits asked before each session; false: the connection is dropped instead
 */
export async function startListeningMachine({
  port = 0,
  hostKey = newHostKey(),
  admits = async () => true,
}: {
  port?: number;
  hostKey?: string;
  admits?: () => Promise<boolean>;
} = {}): Promise<ListeningMachine> {
  const home = mkdtempSync(path.join(tmpdir(), 'buoy-listening-'));
  const clients = new Set<ssh2.Connection>();
  let received = '';
  const onExec = (channel: ssh2.ServerChannel) => {
    const shell = spawn('/bin/sh', [], { env: { HOME: home, PATH: '/usr/bin:/bin' } });
    channel.on('data', (bytes: Buffer) => {
      received += bytes.toString();
    });
    channel.pipe(shell.stdin.on('error', () => {}));
    shell.stdout.pipe(channel, { end: false });
    shell.on('close', (code) => {
      channel.exit(code ?? 1);
      channel.end();
    });
  };
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    clients.add(client);
    client.on('error', () => {});
    client.on('authentication', (context) =>
      context.method === 'none' ? context.reject(['password']) : context.accept(),
    );
    client.on('session', async (accept) => {
      if (await admits()) accept().on('exec', (run) => onExec(run()));
      // Without a word: Buoy then connects anew by itself.
      else (client as unknown as HostileClient)._sock.destroy();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    received: () => received,
    async close() {
      for (const client of clients) client.end();
      if (server.address() !== null) await new Promise<void>((done) => server.close(() => done()));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

// An SSH server built on ssh2's Server for tests: every step can be changed to act as a broken or hostile server.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { AuthContext, Connection, ServerConfig, Session } from 'ssh2';
import ssh2 from 'ssh2';
import type { SshTarget } from '../ssh.ts';

export type ScriptedServer = {
  port: number;
  /** Logins tried, as `method user`. */
  tried: string[];
  clients: Connection[];
  target(changes?: Partial<SshTarget>): SshTarget;
  close(): Promise<void>;
};

/** A host key for servers in tests. */
export const testHostKey = readableHostKey();

/** ssh2 writes about one Ed25519 key of 400 so that it cannot read it itself (8 of 3,000, version 1.17). */
function readableHostKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

/**
 * @param onAuth decides a login; all are accepted by default
 * @param onSession what happens in a session; commands exit with 0 by default
 * @param onClient bends the connection before anything is said
 */
export async function startScriptedServer({
  onAuth = (context) => context.accept(),
  onSession = (session) =>
    session.on('exec', (accept) => {
      const stream = accept();
      stream.exit(0);
      stream.end();
    }),
  onClient = () => {},
  config = {},
}: {
  onAuth?: (context: AuthContext) => void;
  onSession?: (session: Session) => void;
  onClient?: (client: Connection) => void;
  config?: Partial<ServerConfig>;
} = {}): Promise<ScriptedServer> {
  const clients: Connection[] = [];
  const tried: string[] = [];
  const server = new ssh2.Server({ hostKeys: [testHostKey], ...config }, (client) => {
    clients.push(client);
    client.on('error', () => {});
    // ssh2 leaves Nagle's algorithm on: each handshake would take 100 ms longer.
    (client as unknown as Socket).setNoDelay(true);
    onClient(client);
    client.on('authentication', (context) => {
      if (context.method !== 'none') tried.push(`${context.method} ${context.username}`);
      onAuth(context);
    });
    client.on('session', (accept) => onSession(accept()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    tried,
    clients,
    target: (changes) => loopbackTarget(port, changes),
    async close() {
      for (const client of clients) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export type RawServer = {
  port: number;
  target(changes?: Partial<SshTarget>): SshTarget;
  close(): Promise<void>;
};

/** A TCP server that does whatever `talk` does: no SSH at all, or garbage. */
export async function startRawServer(talk: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    target: (changes) => loopbackTarget(port, changes),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function loopbackTarget(port: number, changes?: Partial<SshTarget>): SshTarget {
  return {
    serverId: `s-${port}`,
    host: '127.0.0.1',
    port,
    username: 'anna',
    credential: { type: 'password', password: 'correct-horse' },
    hostKey: null,
    credentialHostKey: null,
    jump: null,
    ...changes,
  };
}

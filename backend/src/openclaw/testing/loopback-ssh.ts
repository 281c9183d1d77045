// An SSH port whose "server" is this machine's loopback: forwards are plain sockets, scripts are answered by the test.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError } from '../../lib/app-error.ts';
import type { ConnectionState, ExecResult, Ssh } from '../../ssh/ssh.ts';

export type LoopbackSsh = Ssh & {
  /** What `script` answers; throws for a server that cannot be reached. */
  onScript: (args: readonly string[], script: string) => Promise<string> | string;
  /** Milliseconds for which the whole server is frozen. */
  frozen: boolean;
  setState(state: ConnectionState): void;
  scripts: string[][];
};

export function createLoopbackSsh(): LoopbackSsh {
  let current: ConnectionState = 'connected';
  const listeners = new Set<(serverId: string, state: ConnectionState) => void>();
  const sockets = new Set<Socket>();

  const unused = () => Promise.reject(new Error('not part of this test'));
  const result = (stdout: string): ExecResult => ({
    exitCode: 0,
    signal: null,
    stdout,
    stderr: '',
    truncated: false,
    durationMs: 1,
  });

  /** What the real port does with a server that says nothing. */
  function deadline(deadlineMs: number): Promise<never> {
    return new Promise((_resolve, reject) => {
      setTimeout(() => reject(new AppError('deadline', 'The server did not finish in time.')), deadlineMs);
    });
  }

  const ssh: LoopbackSsh = {
    frozen: false,
    onScript: unused,
    scripts: [],
    setState(state) {
      current = state;
      if (state !== 'connected') for (const socket of sockets) socket.destroy();
      for (const listener of listeners) listener('s1', state);
    },
    exec: unused,
    async script(_serverId, script, args, { deadlineMs }) {
      ssh.scripts.push([...args]);
      if (ssh.frozen) return deadline(deadlineMs);
      return result(await ssh.onScript(args, script));
    },
    lateScript: unused,
    writeFile: unused,
    async forward(_serverId, host, port, { deadlineMs }) {
      if (ssh.frozen) return deadline(deadlineMs);
      const socket = connect({ host, port, noDelay: true });
      try {
        await once(socket, 'connect');
      } catch (error) {
        throw new AppError('gateway_unavailable', `Nothing listens on ${host}:${port} on the server.`, {
          cause: error,
        });
      }
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      return socket;
    },
    shell: unused,
    test: unused,
    scanHostKey: unused,
    reset: () => {},
    state: () => current,
    watchSending: () => () => true,
    onStateChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => Promise.resolve(),
  };
  return ssh;
}

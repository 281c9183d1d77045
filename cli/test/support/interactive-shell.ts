// An interactive shell in its own terminal, for tests that press keys.
import { spawn } from 'node:child_process';

export type InteractiveShell = {
  /** Types the keys. */
  type(keys: string): void;
  /** Waits until the terminal output since the last wait matches, and returns it. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  close(): Promise<void>;
};

const DEADLINE_MS = 40_000;

/** @param command shell line that starts the shell. `script` (Debian package bsdutils) makes the terminal */
export function startInteractiveShell(
  command: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): InteractiveShell {
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let unseen = '';
  let checkOutput = (): void => undefined;
  child.stdout.on('data', (bytes: Buffer) => {
    unseen += bytes.toString('utf8');
    checkOutput();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    type: (keys) => void child.stdin.write(keys),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const tooLate = setTimeout(
          () => reject(new Error(`${pattern} is not shown, but: ${JSON.stringify(unseen)}`)),
          DEADLINE_MS,
        );
        checkOutput = () => {
          const match = pattern.exec(unseen);
          if (match === null) return;
          clearTimeout(tooLate);
          unseen = unseen.slice(match.index + match[0].length);
          resolve(match);
        };
        checkOutput();
      }),
    async close() {
      child.stdin.end();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

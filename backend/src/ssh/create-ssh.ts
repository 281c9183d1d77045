// Builds the SSH module: connects the port in ssh.ts to pool, commands, files and streams.
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createIsolatedWork } from '../lib/isolated-work.ts';
import type { Logger } from '../lib/logger.ts';
import { observed } from '../lib/observed.ts';
import { type AddressLookup, createAddressLookup } from './address-lookup.ts';
import { type AddressPolicy, createAddressPolicy } from './address-policy.ts';
import { type CallScope, createCallScope } from './call-scope.ts';
import { createConnector } from './connector.ts';
import { commandOpener, finishCommand, type RawResult } from './exec.ts';
import { filesOpener, writeWholeFile } from './files.ts';
import { forwardOpener } from './forward.ts';
import { defaultLimits, type SshLimits } from './limits.ts';
import { observedConnector, type SshCallName, type SshObserver, unobserved } from './observer.ts';
import { decodeText } from './output.ts';
import { createPool, type SshLoad, streamOf } from './pool.ts';
import { createPrivateKeys, type PrivateKeys } from './private-keys.ts';
import { createRefusedLogins } from './refused-logins.ts';
import { NOISE_BYTES, scriptCommand, type WrappedScript, wrapScript } from './script.ts';
import { shellOf, shellOpener } from './shell.ts';
import type { CallOptions, ExecResult, OnOutput, Ssh, SshTargets } from './ssh.ts';

/** Bytes kept of each output when the caller names no number. */
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;

/**
 * @param targets where credentials and pinned keys live
 * @param addressPolicy where servers may be; anywhere by default
 * @param limits overrides of `defaultLimits`
 * @param random 0 to 1, for the jitter of the back-off
 * @param privateKeys shared with who checks keys before they are stored, so that each is opened once
 * @param observe called for each call and login, for metrics
 */
export function createSsh({
  targets,
  clock,
  logger,
  addressPolicy = createAddressPolicy([]),
  lookup = createAddressLookup(),
  limits: overrides,
  random = Math.random,
  observe = unobserved,
  privateKeys = createPrivateKeys({ isolatedWork: createIsolatedWork({ clock }) }),
}: {
  targets: SshTargets;
  clock: Clock;
  logger: Logger;
  addressPolicy?: AddressPolicy;
  lookup?: AddressLookup;
  limits?: Partial<SshLimits>;
  random?: () => number;
  observe?: SshObserver;
  privateKeys?: PrivateKeys;
}): Ssh & { load(): SshLoad } {
  const limits = { ...defaultLimits, ...overrides };
  const connector = observedConnector(
    createConnector({
      targets,
      privateKeys,
      addressPolicy,
      lookup,
      refusedLogins: createRefusedLogins({ clock }),
      clock,
      limits,
    }),
    observe,
  );
  const pool = createPool({ connector, clock, logger, limits, random });

  async function within<T>(
    name: SshCallName,
    options: CallOptions,
    work: (scope: CallScope) => Promise<T>,
  ): Promise<T> {
    const scope = createCallScope({ ...options, clock });
    try {
      return await observed(observe.call(name), work(scope));
    } finally {
      scope.dispose();
    }
  }

  async function run(
    serverId: string,
    command: string,
    stdin: Parameters<typeof commandOpener>[0]['stdin'],
    output: { maxOutputBytes: number; onOutput?: OnOutput | undefined },
    scope: CallScope,
  ): Promise<RawResult> {
    const opener = commandOpener({ command, stdin, ...output, clock, limits });
    return finishCommand(await pool.channel(serverId, 'session', opener, scope), scope);
  }

  const runScript = (
    serverId: string,
    args: readonly string[],
    options: Parameters<Ssh['script']>[3],
    stdinOf: (wrapped: WrappedScript) => Parameters<typeof commandOpener>[0]['stdin'],
  ): Promise<ExecResult> =>
    within('script', options, async (scope) => {
      const maxBytes = options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
      const wrapped = wrapScript(args);
      const output = { maxOutputBytes: maxBytes + NOISE_BYTES };
      const raw = await run(serverId, scriptCommand, stdinOf(wrapped), output, scope);
      return textResult(wrapped.unwrap(raw, maxBytes));
    });

  return {
    exec: (serverId, command, options) =>
      within('exec', options, async (scope) => {
        const { stdin = '', onOutput, maxOutputBytes = DEFAULT_OUTPUT_BYTES } = options;
        checkCommand(command);
        return textResult(await run(serverId, command, stdin, { maxOutputBytes, onOutput }, scope));
      }),
    script: (serverId, script, args, options) =>
      runScript(serverId, args, options, (wrapped) => wrapped.stdin(script)),
    lateScript: (serverId, script, args, options) =>
      runScript(serverId, args, options, (wrapped) => async () => wrapped.stdin(await script())),
    writeFile: (serverId, path, content, options) =>
      within('write_file', options, async (scope) => {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content;
        const opened = await pool.channel(serverId, 'session', filesOpener, scope);
        return writeWholeFile(opened, path, bytes, options.mode, scope);
      }),
    forward: (serverId, host, port, options) =>
      within('forward', options, async (scope) =>
        streamOf(await pool.channel(serverId, 'forward', forwardOpener(host, port), scope)),
      ),
    shell: (serverId, size, options) =>
      within('shell', options, async (scope) => {
        const opened = await pool.channel(serverId, 'shell', shellOpener(size), scope);
        return shellOf(opened, { clock, lingerMs: limits.lingerMs });
      }),
    test: (target, options) =>
      within('test', options, async (scope) => {
        const startedAt = clock.now();
        const connection = await connector.connect(target, scope, pool.openTunnel);
        connection.end();
        return { latencyMs: clock.now() - startedAt, hostKey: connection.hostKey };
      }),
    scanHostKey: (target, options) =>
      within('scan_host_key', options, (scope) => connector.scan(target, scope, pool.openTunnel)),
    reset: pool.reset,
    state: pool.state,
    watchSending: pool.watchSending,
    load: pool.load,
    onStateChange: pool.onStateChange,
    close: pool.close,
  };
}

/** Characters; OpenSSH drops the whole connection over a packet of more than 256 KiB, or over a NUL. */
const MAX_COMMAND_LENGTH = 32_000;

function checkCommand(command: string): void {
  if (command.length <= MAX_COMMAND_LENGTH && !command.includes('\0')) return;
  throw new AppError('invalid_request', 'The command is too long or contains a NUL character.', {
    hint: 'Shorten it, or send it as a script.',
  });
}

function textResult(raw: RawResult): ExecResult {
  return {
    ...raw,
    stdout: decodeText(raw.stdout, raw.truncated),
    stderr: decodeText(raw.stderr, raw.truncated),
  };
}

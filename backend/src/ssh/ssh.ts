// The SSH port: all that the rest of Buoy may ask of a managed server. Everything else in this folder is behind it.
import type { Duplex } from 'node:stream';

/** A host key as people see it: `ssh-ed25519`, `SHA256:…` (base64 without padding, as OpenSSH prints it). */
export type HostKey = { algorithm: string; fingerprint: string };

export type SshCredential =
  | { type: 'password'; password: string }
  | { type: 'key'; privateKey: string; passphrase: string | null };

/** All that is needed to reach one server. Lives in memory only. */
export type SshTarget = {
  serverId: string;
  host: string;
  port: number;
  username: string;
  credential: SshCredential;
  /** null: trust on first use, reported through `onHostKeyPinned`. */
  hostKey: HostKey | null;
  /** Fingerprint of the only host key to which the credential is sent; null: the pinned one, or the first. */
  credentialHostKey: string | null;
  /** Reach `host` through this one. At most one hop. */
  jump: SshTarget | null;
  /** Who answers for address and credential: refused logins and lookups count against them. A person, or a share of its own. */
  enteredBy?: string;
  /** True: it may be in a denied network, because a super-admin entered it. */
  allowDeniedNetworks?: boolean;
};

/** The target of a host key scan, which does not log in. */
export type ScanTarget = Omit<SshTarget, 'serverId' | 'username' | 'credential' | 'credentialHostKey'>;

/** Common limits of each remote call. */
export type CallOptions = {
  /** Milliseconds for the whole call, waiting in the queue and connecting included. */
  deadlineMs: number;
  signal?: AbortSignal;
};

/** Called with each piece of output; the next one waits until the returned promise resolves. */
export type OnOutput = (stream: 'stdout' | 'stderr', bytes: Buffer) => Promise<void>;

export type ExecOptions = CallOptions & {
  /** Sent to standard input, which is then closed. Secrets and scripts go here: a command line shows in `ps`. */
  stdin?: string | Buffer;
  /** Bytes kept of each of stdout and stderr; the rest is thrown away and `truncated` is true. Default 1 MiB. */
  maxOutputBytes?: number;
  /** Gets the output instead of the result, which is then empty. */
  onOutput?: OnOutput;
};

export type ExecResult = {
  /** null when a signal ended the command or its output was cut for its size. */
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
  durationMs: number;
};

/** Of a terminal, in characters. */
export type ShellSize = { columns: number; rows: number };

/** How a shell ended; both null: the server did not say. */
export type ShellExit = { exitCode: number | null; signal: string | null };

export type Shell = {
  /**
   * Input and output of the shell. A slow reader pauses the host instead of filling Buoy's memory. It ends with the shell, is
   * destroyed with `unreachable` when the connection is lost, and hangs up when the caller destroys it.
   */
  readonly stream: Duplex;
  resize(size: ShellSize): void;
  /** Whether so much waits for the server that no more should be sent: a channel takes small pieces without end. */
  isBehind(): boolean;
  /** To be asked when the stream has ended. */
  exit(): ShellExit;
};

/** `latencyMs`: from the first packet to the finished login. */
export type TestResult = { latencyMs: number; hostKey: HostKey };

/** The state of the pool, without network access. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'backing_off' | 'circuit_open';

export type Ssh = {
  /**
   * Runs `command` through the account's login shell, as ssh does. Throws AppError.
   * On deadline or cancel it is killed (sshd 7.9 and later). Its output is awaited for 5 s after its exit, for children
   * that keep the pipe open, and cut off at 64 MiB: then `exitCode` is null.
   */
  exec(serverId: string, command: string, options: ExecOptions): Promise<ExecResult>;
  /**
   * Runs a POSIX script by `/bin/sh`, whatever the login shell is; `args` become $1…, unchanged. Script and args go
   * through standard input: neither shows in `ps`. The script is read whole before it runs, and its own standard input
   * is empty. What the login shell prints by itself is cut off; kind `shell` when the account runs no commands.
   */
  script(
    serverId: string,
    script: string,
    args: readonly string[],
    options: Omit<ExecOptions, 'stdin'>,
  ): Promise<ExecResult>;
  /**
   * The same with a script that is made once its channel is open, for secrets that may be deleted while the server moves: what
   * `script` finds then goes to the place that the server had, or has. Rejects with what `script` rejects with.
   */
  lateScript(
    serverId: string,
    script: () => Promise<string>,
    args: readonly string[],
    options: Omit<ExecOptions, 'stdin'>,
  ): Promise<ExecResult>;
  /**
   * Writes a file by SFTP, atomically (temporary name beside it, then rename), with `mode` (octal number). An existing file
   * keeps its owner where the login may set it; behind a symbolic link its target is replaced. A leading `~/` is the login's home.
   */
  writeFile(
    serverId: string,
    path: string,
    content: Buffer | string,
    options: CallOptions & { mode: number },
  ): Promise<void>;
  /**
   * A byte stream to `host:port` as seen from the server (direct-tcpip): no local port is opened. Deadline and signal are
   * for the opening; the stream then belongs to the caller, who destroys it. `gateway_unavailable` when nothing listens.
   * It takes one of 64 places for streams, not one of the 8 for commands. Works as the socket of `ws` and `node:http`.
   */
  forward(serverId: string, host: string, port: number, options: CallOptions): Promise<Duplex>;
  /**
   * The account's login shell in a terminal of this size. Deadline and signal are for the opening; the shell then belongs to the
   * caller, who destroys its stream. It takes one of 4 places for shells, not one of the 8 for commands.
   */
  shell(serverId: string, size: ShellSize, options: CallOptions): Promise<Shell>;
  /**
   * Opens a connection of its own, logs in, closes it: the pool, its breaker and its back-off are left alone (a jump
   * host is reached over its kept connection). Pins or refuses the host key as any connection does. `reset` after a
   * success ends a pause that an earlier refused login had begun.
   */
  test(target: SshTarget, options: CallOptions): Promise<TestResult>;
  /** The host key that the server shows now, without logging in. */
  scanHostKey(target: ScanTarget, options: CallOptions): Promise<HostKey>;
  /** Drops the kept connection and forgets breaker and back-off: credentials, address or pinned key have changed. */
  reset(serverId: string): void;
  state(serverId: string): ConnectionState;
  /** @returns what says whether anything can have been sent to the server since: it had a connection then, or has got one */
  watchSending(serverId: string): () => boolean;
  /** Called when the kept connection of a server comes up (`connected`) or goes down. Returns the unsubscribe function. */
  onStateChange(listener: (serverId: string, state: ConnectionState) => void): () => void;
  close(): Promise<void>;
};

/** What the module needs from the features: they own credentials and pinned keys. */
export type SshTargets = {
  /**
   * Throws `not_found` when the server is gone, and kind `jump` when its jump server was removed or its owner may not use it.
   * Asked at each new connection, so a change takes effect after `reset`.
   */
  find(serverId: string): Promise<SshTarget>;
  /** First contact: the key shown was accepted and is now the pinned one. The login waits for this promise. */
  onHostKeyPinned(target: SshTarget, key: HostKey): Promise<void>;
  /** The server showed another key than the pinned or expected one; the connection was refused. */
  onHostKeyRefused(target: SshTarget, offered: HostKey): Promise<void>;
};

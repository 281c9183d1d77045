// Facts of an OpenClaw installation from its host over SSH, without asking the gateway.
import type { CallOptions } from '../../ssh/ssh.ts';

/** `supervised`: Buoy's own supervisor, on a server without systemd; its state has the words of systemd. */
export type ServiceManager = 'systemd-user' | 'systemd-system' | 'supervised' | 'none';

/** The gateway's unit as systemd, or Buoy's supervisor, shows it. All null with manager "none". */
export type ServiceFacts = {
  manager: ServiceManager;
  unit: string | null;
  /** systemd's ActiveState: active, activating, deactivating, inactive, failed … */
  activeState: string | null;
  /** systemd's SubState: running, auto-restart, failed, dead … */
  subState: string | null;
  /** systemd's Result: success, exit-code, signal, oom-kill, timeout, start-limit-hit … */
  result: string | null;
  /** Automatic restarts since the last start by hand (NRestarts). */
  restarts: number | null;
  /** systemd stopped restarting the unit, which restarted too often. `systemctl reset-failed` comes before the next start. */
  startLimitHit: boolean;
  /** Main process; null when there is none. */
  pid: number | null;
  /** Exit status of the last main process that ended; 78 is OpenClaw's "configuration error, do not restart". */
  execMainStatus: number | null;
  /** Seconds since the main process started. */
  uptimeS: number | null;
  /** Resident bytes of the main process. */
  rssBytes: number | null;
};

export type Installation = {
  installed: boolean;
  /** Absolute path of the `openclaw` command; null when there is only a unit or nothing. */
  binaryPath: string | null;
  /** Absolute path of the Node that runs it, when that could be told. */
  nodePath: string | null;
  version: string | null;
  /** Absolute path of openclaw.json; null when there is none. */
  configPath: string | null;
  /** Absolute path of OpenClaw's own folder, whether it is there or not; null when unknown. */
  statePath: string | null;
  /** From the unit, else the config file, else OpenClaw's default 18789. */
  port: number;
  bind: string | null;
  authMode: string | null;
  manager: ServiceManager;
  unit: string | null;
  /** Whether user services outlive the last login and start at boot; null for a system unit or when unknown. */
  linger: boolean | null;
};

export type HostInspection = {
  installation: Installation;
  service: ServiceFacts;
  /** File system of the login's home. */
  disk: { totalBytes: number; availableBytes: number } | null;
  memory: { totalBytes: number; availableBytes: number } | null;
  /** Absolute path of the certificate of a gateway that serves TLS; absent: it serves none. */
  certificatePath?: string;
  /** Why the config file cannot be read, one sentence; null when it can, or there is none. */
  configProblem: string | null;
  /** Agents in the config file; null when it does not show them. */
  agentsInConfig: number | null;
  /** Milliseconds since the epoch. */
  observedAtMs: number;
};

/** Why the gateway ended or did not start, as its log says. */
export type GatewayFailure = {
  /** One sentence with a full stop; null: the log names no cause. */
  cause: string | null;
  /** What the gateway itself wrote last; null: nothing. */
  lastLine: string | null;
};

/** How to log in to the gateway. Holds a secret: never logged, never stored. */
export type GatewayAccess = {
  port: number;
  /** Below which path the gateway serves its Control UI; absent: the root. */
  controlUiPath?: string;
  auth: { token: string } | { password: string } | null;
  /** Where the secret was read; absent without a config file. */
  configPath?: string;
  /** Which account a system unit runs the gateway as; absent for root and without such a unit. */
  account?: string;
  /** Why there is no usable secret, one sentence; null when there is one or none is needed. */
  problem: string | null;
};

export type JournalOptions = CallOptions & {
  /** At most this many of the last lines. */
  lines: number;
  /** Only lines since this time (ISO 8601). */
  sinceIso?: string;
};

export type Installations = {
  /** The installation and its paths. Cached for minutes: it changes slowly. Throws AppError. */
  find(serverId: string, options: CallOptions & { fresh?: boolean }): Promise<Installation>;
  /** The unit's state, always asked anew. Throws AppError. */
  service(serverId: string, options: CallOptions): Promise<ServiceFacts>;
  /** Everything in one inspection, never cached; refreshes the caches of `find` and `access`. Throws AppError. */
  inspect(serverId: string, options: CallOptions): Promise<HostInspection>;
  /** The result of the last inspection, however old, without asking the host. */
  lastInspection(serverId: string): HostInspection | null;
  /** Port and secret of the gateway. Kept until `fresh` is asked for. Throws AppError, `not_installed` among others. */
  access(serverId: string, options: CallOptions & { fresh?: boolean }): Promise<GatewayAccess>;
  /** The gateway's last log lines, newest last, without colour codes. Empty when no log could be read. Throws AppError. */
  journal(serverId: string, options: JournalOptions): Promise<string[]>;
  /** Clears the caches of a server. */
  reset(serverId: string): void;
};

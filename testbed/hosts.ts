// Typed access to the hosts of hosts.sh: real Linux servers on this machine, reused between test files and processes.
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type CommandResult, runCommand } from './run-command.ts';

/** Layers whose OpenClaw is installed, set up with the fake model and started at boot. */
export const currentOpenclawLayer = 'openclaw-2026.9.6';
export const previousOpenclawLayer = 'openclaw-2026.7.35';

const hostInfoSchema = z.object({
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  /** Logs in by `password` or by `key`. */
  user: z.string(),
  /** Logs in by `key` only. */
  rootUser: z.string(),
  password: z.string(),
  /** Path of the private key, without a passphrase. */
  key: z.string(),
  /** Fingerprints as OpenSSH shows them: `SHA256:…`. */
  hostKeys: z.object({ ed25519: z.string(), ecdsa: z.string() }),
  state: z.enum(['running', 'frozen', 'stopped']),
  layer: z.string().nullable(),
  sudo: z.enum(['nopasswd', 'password', 'none']),
  internet: z.boolean(),
  /** 0 when the host shares this machine's disk. */
  diskMiB: z.number().int(),
  /** 0 when there is no limit. */
  memoryMiB: z.number().int(),
  gatewayPort: z.number().int().nullable(),
  /** Null when the host has no OpenClaw config. */
  gatewayToken: z.string().nullable(),
  consoleLog: z.string(),
});
export type HostInfo = z.infer<typeof hostInfoSchema>;

export type HostOptions = {
  /** 1 to 24 of a-z, 0-9 and -. */
  name: string;
  layer?: string;
  /** MiB, 512 or more. */
  disk?: number;
  /** MiB. */
  mem?: number;
  /** Default 'nopasswd'. */
  sudo?: 'nopasswd' | 'password' | 'none';
  /** Default true. */
  internet?: boolean;
  /** Default 'debian-13'; a layer is of it. */
  system?: 'debian-12' | 'debian-13';
  /** Default true; without, process 1 only starts sshd, and `reboot` is a power loss. */
  systemd?: boolean;
  /** Default true; without, a folder of the image or layer cannot be renamed, only copied, as in many containers. */
  renames?: boolean;
  /** Default: true for a layer of OpenClaw. */
  waitGateway?: boolean;
  signal?: AbortSignal;
};

export type Fault =
  | 'cut'
  | 'restore'
  | 'refuse'
  | 'unrefuse'
  | 'rate'
  | 'unrate'
  | 'freeze'
  | 'thaw'
  | 'fill'
  | 'unfill'
  | 'kill-connections'
  | 'ssh-stop'
  | 'ssh-start'
  | 'gateway-stop'
  | 'gateway-start'
  | 'break-config'
  | 'mend-config'
  | 'new-host-key'
  | 'restore-host-key'
  | 'none';

export type ExecOptions = {
  user?: 'root' | 'deploy';
  input?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
};

export type Host = HostInfo & {
  /** Asks again: state, host keys and token change with faults and restarts. */
  info: () => Promise<HostInfo>;
  /** Starts or ends a fault; `rate` takes kbit/s. Throws when the host does not support it (`fill` without `disk`). */
  fault: (fault: Fault, value?: number) => Promise<void>;
  /** Runs a shell line, or a program with its arguments, inside, as root or deploy, without ssh. Throws when the host is off. */
  exec: (command: string | string[], options?: ExecOptions) => Promise<CommandResult>;
  /** Returns when the host takes logins again. */
  reboot: () => Promise<void>;
  /** Orderly shutdown; the disk is kept. */
  stop: () => Promise<void>;
  /** Power loss; the disk is kept. */
  powerOff: () => Promise<void>;
  /** Boots a stopped host, and returns when it takes logins. */
  start: () => Promise<void>;
  /** Returns when OpenClaw's gateway is ready; throws after `seconds`, 240 unless told. */
  waitGateway: (seconds?: number) => Promise<void>;
  /** Stops and deletes the host. */
  down: () => Promise<void>;
  /** Ends its faults and leaves it running for the next test. */
  [Symbol.asyncDispose]: () => Promise<void>;
};

const script = fileURLToPath(new URL('./hosts.sh', import.meta.url));
/** Room for the image and a layer on a busy machine, and for another process that builds them. */
const makeTimeoutMs = 20 * 60_000;
const orderTimeoutMs = 5 * 60_000;
const execTimeoutMs = 2 * 60_000;
/** What `hosts.sh exec` ends with when the host is not there. */
const notRunningStatus = 255;

/** Whether hosts can run on this machine; the reason is one line for the person who reads "skipped". */
export async function testbedSupport(): Promise<{ ok: true } | { ok: false; reason: string }> {
  const result = await runCommand('bash', [script, 'supported'], { timeoutMs: 60_000 });
  if (result.code === 0) return { ok: true };
  return {
    ok: false,
    reason: result.stdout.trim() || result.stderr.trim() || `hosts.sh ended with ${result.code}`,
  };
}

/**
 * A running host with these options. One of that name that runs with the same options is reused with what is on its disk, after
 * every fault on it is ended; else it is made anew. Builds the image and the layer when they are not cached (minutes).
 */
export async function acquireHost(options: HostOptions): Promise<Host> {
  const waitGateway = options.waitGateway ?? options.layer?.startsWith('openclaw-') ?? false;
  const flags = [
    ...(options.layer ? ['--layer', options.layer] : []),
    ...(options.disk ? ['--disk', String(options.disk)] : []),
    ...(options.mem ? ['--mem', String(options.mem)] : []),
    ...(options.internet === false ? ['--no-internet'] : []),
    ...(options.system ? ['--system', options.system] : []),
    ...(options.systemd === false ? ['--no-systemd'] : []),
    ...(options.renames === false ? ['--no-renames'] : []),
    ...(options.sudo === 'none' ? ['--no-sudo'] : []),
    ...(options.sudo === 'password' ? ['--password-sudo'] : []),
    ...(waitGateway ? ['--wait-gateway'] : []),
  ];
  const stdout = await runScript(['acquire', options.name, ...flags], makeTimeoutMs, options.signal);
  return hostOf(parseInfo(stdout));
}

/** The host of that name as it is, whoever made it. Throws when there is none. */
export async function findHost(name: string): Promise<Host> {
  return hostOf(parseInfo(await runScript(['info', name], orderTimeoutMs)));
}

/** Every host of this machine, running or not. */
export async function listHosts(): Promise<HostInfo[]> {
  const stdout = await runScript(['list'], orderTimeoutMs);
  return stdout.split('\n').filter(Boolean).map(parseInfo);
}

/** Makes the bridge that the hosts hang on, so that no address of this machine changes when the first of them comes up. */
export async function prepareNetwork(): Promise<void> {
  await runScript(['network'], orderTimeoutMs);
}

/** Builds the image, and a layer on it, where they are not cached (minutes). */
export async function prepareLayer(layer: string, signal?: AbortSignal): Promise<void> {
  await runScript(['layer', layer], makeTimeoutMs, signal);
}

/** Stops and deletes the hosts whose name starts with `prefix`, all of them by default; about 1.4 s each. */
export async function releaseAll({ prefix = '' }: { prefix?: string } = {}): Promise<void> {
  for (const { name } of await listHosts()) {
    if (name.startsWith(prefix)) await runScript(['down', name], orderTimeoutMs);
  }
}

function hostOf(info: HostInfo): Host {
  const { name } = info;
  const order = async (...args: string[]) => void (await runScript(args, orderTimeoutMs));
  return {
    ...info,
    info: async () => parseInfo(await runScript(['info', name], orderTimeoutMs)),
    fault: (fault, value) => order('fault', name, fault, ...(value === undefined ? [] : [String(value)])),
    exec: async (command, { user = 'root', input, timeoutMs = execTimeoutMs, signal } = {}) => {
      const words = typeof command === 'string' ? ['bash', '-c', command] : command;
      const result = await runCommand('bash', [script, 'exec', name, '--user', user, ...words], {
        input,
        timeoutMs,
        signal,
      });
      if (result.code === notRunningStatus && result.stderr.startsWith('testbed: '))
        throw new Error(result.stderr.trim());
      return result;
    },
    reboot: () => order('reboot', name),
    stop: () => order('stop', name),
    powerOff: () => order('poweroff', name),
    start: () => order('start', name),
    waitGateway: (seconds = 240) => order('wait-gateway', name, String(seconds)),
    down: () => order('down', name),
    [Symbol.asyncDispose]: () => order('fault', name, 'none'),
  };
}

function parseInfo(json: string): HostInfo {
  return hostInfoSchema.parse(JSON.parse(json));
}

async function runScript(args: string[], timeoutMs: number, signal?: AbortSignal): Promise<string> {
  const result = await runCommand('bash', [script, ...args], { timeoutMs, signal });
  if (result.code !== 0)
    throw new Error(`hosts.sh ${args.join(' ')}: ${result.stderr.trim() || `ended with ${result.code}`}`);
  return result.stdout;
}

// The files that OpenClaw reads for an agent. Concurrent edits of one file must not lose anything.
import { createHash } from 'node:crypto';
import { type AgentFile, type AgentFileEntry, agentFile, agentFileEntry } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { toldTime } from '../../lib/clock.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import type { HostConfigs } from '../config/host-config.ts';
import { createServerLocks } from '../config/server-locks.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained, type Meaning } from '../gateway/refusals.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import { type GatewayFiles, unsafeFile } from '../host/gateway-files.ts';
import { boundedArray, nameText } from '../reads/bounded.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import { agentIn, readAgentsOnHost, refusedAgent } from './read-agents.ts';

type Options = { signal: AbortSignal };

/** Without the gateway: what both versions read, and what only 2026.7.35 does, which keeps its agents in a list. */
const usualNames = ['AGENTS.md', 'SOUL.md', 'IDENTITY.md', 'USER.md', 'BOOTSTRAP.md', 'MEMORY.md'];
const formerNames = ['TOOLS.md', 'HEARTBEAT.md'];
/** Bytes: far more than an agent could read. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** Prints `name size seconds` of each file of `$2…` that is in the folder `$1`. */
const statScript = [
  'cd -- "$1" || exit 0',
  'shift',
  'for name; do if [ -f "$name" ]; then printf "%s " "$name"; stat -c "%s %Y" -- "$name"; fi; done',
].join('\n');

const entry = z.looseObject({
  name: nameText,
  missing: z.boolean().catch(false),
  size: z.number().int().nonnegative().nullish().catch(null),
  updatedAtMs: z.number().positive().nullish().catch(null),
});
const filesList = z.looseObject({ files: boundedArray(entry, 500) });
const whole = entry.extend({
  content: z.string().nullish(),
  /** Absent in 2026.7.35. */
  hash: nameText.nullish().catch(null),
});
const fileAnswer = z.looseObject({ file: whole });
type Whole = z.output<typeof whole>;

const conflictDetails = z.looseObject({
  type: z.literal('agent_file_conflict'),
  currentHash: z.string().nullish().catch(null),
});

export type AgentFiles = ReturnType<typeof createAgentFiles>;

export function createAgentFiles({
  gateways,
  reader,
  hostConfigs,
  runAsGateway,
  gatewayFiles,
}: {
  gateways: Gateways;
  reader: Reader;
  hostConfigs: HostConfigs;
  runAsGateway: RunAsGateway;
  gatewayFiles: GatewayFiles;
}) {
  /** Writes of one file one at a time: 2026.7.35 does not compare hashes by itself. */
  const locks = createServerLocks();

  async function workspaceOnHost(serverId: string, agentId: string, limits: CallOptions & Options) {
    const reading = await readAgentsOnHost(hostConfigs, serverId, limits);
    const { workspace } = agentIn(reading, agentId);
    if (workspace === null) throw new AppError('not_found', 'The folder of this agent is not known.');
    const names = reading.agentsConfig.form === 'list' ? [...usualNames, ...formerNames] : usualNames;
    return { workspace, names };
  }

  /** @throws AppError `refused` for a link out of the folder: access to the file gives no access to the target that an agent chose */
  async function readOnHost(
    serverId: string,
    workspace: string,
    name: string,
    limits: CallOptions,
  ): Promise<AgentFile> {
    const place = { folder: workspace, name, maxBytes: MAX_FILE_BYTES, inside: true };
    const file = await gatewayFiles.read(serverId, place, limits);
    if (file === null) return { name, size: null, updatedAt: null, missing: true, content: '', hash: null };
    const { content, size, changedAtMs } = file;
    const updatedAt = toldTime(changedAtMs);
    return { name, size, updatedAt, missing: false, content, hash: sha256(content) };
  }

  /** Under the requested name: a file must not be saved under a name that a server made up. */
  const get = (call: GatewayCall, agentId: string, name: string): Promise<Whole> =>
    explained(call('agents.files.get', { agentId, name }, fileAnswer), absent(agentId, name)).then(
      ({ file }) => ({ ...file, name }),
    );

  async function write(
    serverId: string,
    { agentId, name }: { agentId: string; name: string },
    { content, hash }: { content: string; hash?: string | null | undefined },
    { signal }: Options,
  ): Promise<AgentFile> {
    const call: GatewayCall = (method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal });
    const before = await get(call, agentId, name);
    const current = hashOf(before);
    if (hash !== undefined && hash !== current) throw stale(current);
    // Passed to OpenClaw, which closes the gap between our read and the write.
    const expected = hash == null || before.hash == null ? {} : { expectedHash: before.hash };
    await explained(call('agents.files.set', { agentId, name, content, ...expected }, z.unknown()), [
      {
        when: ({ details }) => conflictDetails.safeParse(details).success,
        is: ({ details }) => stale(conflictDetails.parse(details).currentHash ?? null),
      },
      ...absent(agentId, name),
    ]);
    return present(await get(call, agentId, name));
  }

  return {
    /** The files that this version of OpenClaw reads, those that are not there included. Throws AppError. */
    list: (serverId: string, agentId: string, { signal }: Options) =>
      reader.read(
        serverId,
        {
          what: `agents/${agentId}/files`,
          schema: z.object({ files: z.array(agentFileEntry) }),
          fromGateway: async (call) => {
            const { files } = await explained(
              call('agents.files.list', { agentId }, filesList),
              absent(agentId, ''),
            );
            return { files: files.map(presentEntry) };
          },
          fromHost: async (_call, limits) => {
            const { workspace, names } = await workspaceOnHost(serverId, agentId, limits);
            const { stdout } = await runAsGateway(serverId, statScript, [workspace, ...names], {
              ...limits,
              reads: true,
            });
            return { files: filesOnHost(stdout, names) };
          },
          keep: 'memory',
        },
        { signal },
      ),

    /** One file. Throws AppError: `not_found` for a name that this version does not read. */
    read: (serverId: string, { agentId, name }: { agentId: string; name: string }, { signal }: Options) =>
      reader.read(
        serverId,
        {
          what: `agents/${agentId}/files/${name}`,
          schema: z.object({ file: agentFile }),
          fromGateway: async (call) => ({ file: present(await get(call, agentId, name)) }),
          fromHost: async (_call, limits) => {
            const { workspace, names } = await workspaceOnHost(serverId, agentId, limits);
            if (!names.includes(name)) throw noSuchFile(name);
            return { file: await readOnHost(serverId, workspace, name, limits) };
          },
          hostAnswers: ['refused'],
          keep: 'memory',
        },
        { signal },
      ),

    /**
     * Writes a file. Throws AppError: `stale_version` with the current hash in details when it is another one than `hash`
     * (null: when the file is there), `not_found` for a name that this version does not read.
     */
    write: (
      serverId: string,
      file: { agentId: string; name: string },
      change: { content: string; hash?: string | null | undefined },
      options: Options,
    ): Promise<AgentFile> =>
      locks.run(
        `${serverId} ${file.agentId} ${file.name}`,
        () => write(serverId, file, change, options),
        options.signal,
      ),
  };
}

/** `name size seconds` lines of those that are there, for all of `names`. */
export function filesOnHost(stdout: string, names: readonly string[]): AgentFileEntry[] {
  const found = new Map(
    stdout.split('\n').flatMap((line) => {
      const [, name, size, seconds] = /^(\S+) (\d+) (\d+)$/.exec(line.trim()) ?? [];
      return name === undefined
        ? []
        : [[name, { size: Number(size), updatedAt: toldTime(Number(seconds) * 1_000) }] as const];
    }),
  );
  return names.map((name) => {
    const file = found.get(name);
    return {
      name,
      size: file?.size ?? null,
      updatedAt: file?.updatedAt ?? null,
      missing: file === undefined,
    };
  });
}

function presentEntry({ name, size, updatedAtMs, missing }: z.output<typeof entry>): AgentFileEntry {
  return {
    name,
    size: size ?? null,
    updatedAt: toldTime(updatedAtMs),
    missing,
  };
}

function present(file: Whole): AgentFile {
  return { ...presentEntry(file), content: file.content ?? '', hash: hashOf(file) };
}

/** OpenClaw's own hash is the SHA-256 of the content, too. */
function hashOf(file: Whole): string | null {
  if (file.missing) return null;
  return file.hash?.toLowerCase() ?? sha256(file.content ?? '');
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function stale(hash: string | null): AppError {
  return new AppError('stale_version', 'The file has changed since you read it; nothing was written.', {
    hint: 'Read it again, then apply your change to the new version.',
    details: { hash },
  });
}

function absent(agentId: string, name: string): Meaning[] {
  return [
    { when: ({ message }) => message.startsWith('unsupported file'), is: () => noSuchFile(name) },
    { when: ({ message }) => message.startsWith('unsafe workspace file'), is: () => unsafeFile(name, true) },
    refusedAgent(agentId),
  ];
}

function noSuchFile(name: string): AppError {
  return new AppError('not_found', `OpenClaw does not read a file ${name} for its agents.`, {
    hint: 'Check the list of files.',
  });
}

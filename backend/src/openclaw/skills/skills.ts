// The skills of OpenClaw on a server: list, search, enable, upload, remove. Installing from ClawHub is a task.
import {
  type ClawhubSkill,
  clawhubSkill,
  type Skill,
  type SkillFinding,
  skill,
  type Upload,
} from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { IsolatedWork } from '../../lib/isolated-work.ts';
import { pause } from '../../lib/pause.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { expectAgentOnHost } from '../agents/read-agents.ts';
import type { ConfigApplied } from '../config/config-applied.ts';
import type { HostConfigs } from '../config/host-config.ts';
import type { CallWithConfigLock } from '../config/locked-call.ts';
import { APPLY_MS, CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import type { Answer, Reader } from '../reads/reader.ts';
import { behindGateway, searchResults } from './clawhub.ts';
import { inspectUpload } from './inspect-upload.ts';
import {
  createSkillFolders,
  type InstalledSkillFolder,
  occupied,
  type SkillFolder,
} from './skill-folders.ts';
import {
  entryNamed,
  isOfPeople,
  placeIn,
  readStatus,
  rootOf,
  type SkillEntry,
  type SkillStatus,
  skillOf,
  skillStatus,
  skillsOf,
} from './skill-list.ts';

type ForAgent = { agentId?: string | undefined };
type Limits = { signal: AbortSignal };

export type UploadOutcome = {
  /** null when it was not installed. */
  skill: Skill | null;
  installed: boolean;
  findings: SkillFinding[];
};

export type Skills = {
  /** As that agent sees them, the default one when none is named. Throws AppError, `not_found` for an unknown agent. */
  list(serverId: string, agent: ForAgent, limits: Limits): Promise<Answer<{ skills: Skill[] }>>;
  /** Asks ClawHub through the gateway. Throws AppError, `clawhub_unreachable` from a server without internet. */
  search(serverId: string, query: string, limits: Limits): Promise<Answer<{ results: ClawhubSkill[] }>>;
  /** For all agents; resolves when the gateway has applied it. Throws AppError. */
  setEnabled(
    serverId: string,
    name: string,
    enabled: boolean,
    agent: ForAgent,
    limits: Limits,
  ): Promise<Skill>;
  /**
   * Scans an upload, and installs it when it has no severe findings or the person confirms them. Throws AppError:
   * `invalid_request` for a bad archive, `rate_limited` when many uploads of that person wait, `duplicate` for an existing name,
   * `refused` when OpenClaw rejects it.
   */
  upload(
    serverId: string,
    upload: Upload,
    options: ForAgent & { confirm: boolean; replace: boolean },
    limits: Limits & { person: string },
  ): Promise<UploadOutcome>;
  /** Throws AppError: `conflict` for a skill that was not uploaded or installed. */
  remove(serverId: string, name: string, agent: ForAgent, limits: Limits): Promise<void>;
};

/** Milliseconds: OpenClaw takes 14 s to find out that it has no internet (2026.9.6). */
const SEARCH_MS = 25_000;
const MAX_FOUND = 50;
/** Milliseconds to send 10 MiB and unpack them, on a slow line. */
const PLACE_MS = 120_000;
/** Milliseconds until OpenClaw lists the skills in its folders; it reads them at each call. */
const SEEN_MS = 10_000;
const CHECK_INTERVAL_MS = 250;

const listed = z.object({ skills: z.array(skill) });
const found = z.object({ results: z.array(clawhubSkill) });

export function createSkills({
  reader,
  gateways,
  callWithConfigLock,
  configApplied,
  hostConfigs,
  ssh,
  runAsGateway,
  isolatedWork,
  clock,
}: {
  reader: Reader;
  gateways: Gateways;
  callWithConfigLock: CallWithConfigLock;
  configApplied: ConfigApplied;
  hostConfigs: Pick<HostConfigs, 'read'>;
  ssh: Pick<Ssh, 'writeFile'>;
  runAsGateway: RunAsGateway;
  isolatedWork: IsolatedWork;
  clock: Clock;
}): Skills {
  const folders = createSkillFolders({ ssh, runAsGateway });

  /** The agent that the gateway showed when none was named: its command asks for a name where there are several. */
  const shownAgents = new Map<string, string>();
  gateways.onStateChange((serverId, state) => {
    if (state === 'reset') shownAgents.delete(serverId);
  });

  /** For changes: from the gateway alone, since only that knows the folders. */
  const statusOf = (serverId: string, { agentId }: ForAgent, { signal }: Limits): Promise<SkillStatus> =>
    readStatus(
      (method, params, schema) =>
        gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal, retry: true }),
      agentId,
    );

  /** Polls until the list is as expected; null at the deadline. OpenClaw 2026.9.6 notices a changed folder with a delay. */
  async function untilStatus(
    serverId: string,
    agent: ForAgent,
    is: (status: SkillStatus) => boolean,
    limits: Limits,
  ): Promise<SkillStatus | null> {
    const endsAt = clock.now() + SEEN_MS;
    for (;;) {
      const status = await statusOf(serverId, agent, limits);
      if (is(status)) return status;
      if (clock.now() >= endsAt) return null;
      await pause(clock, CHECK_INTERVAL_MS, limits.signal);
    }
  }

  async function untilSeen(
    serverId: string,
    agent: ForAgent,
    is: (entry: SkillEntry, status: SkillStatus) => boolean,
    limits: Limits,
  ): Promise<Skill | null> {
    const find = (status: SkillStatus) => status.skills.find((one) => is(one, status));
    const status = await untilStatus(serverId, agent, (now) => find(now) !== undefined, limits);
    const entry = status === null ? undefined : find(status);
    return status === null || entry === undefined ? null : skillOf(status, entry);
  }

  /** Keeps a placed skill that OpenClaw lists, and removes one that it does not list. */
  async function proved(placed: InstalledSkillFolder, find: () => Promise<Skill | null>): Promise<Skill> {
    // Also when the caller has left, so that no work stays incomplete.
    const settle = (outcome: 'keep' | 'undo') => placed.settle(outcome, { deadlineMs: CHANGE_MS });
    let seen: Skill | null;
    try {
      seen = await find();
    } catch (error) {
      await settle('undo').catch(() => undefined);
      throw error;
    }
    await settle(seen === null ? 'undo' : 'keep');
    if (seen !== null) return seen;
    throw new AppError('refused', 'OpenClaw does not list the skill, so Buoy removed it again.', {
      hint: 'Check the front matter of its SKILL.md, and the limits for skills in the config.',
    });
  }

  return {
    list(serverId, agent, { signal }) {
      return reader.read(
        serverId,
        {
          what: agent.agentId === undefined ? 'skills' : `skills/${agent.agentId.toLowerCase()}`,
          schema: listed,
          // The caller chooses the id: stored on disk, it could create any number of rows.
          ...(agent.agentId === undefined ? {} : { keep: 'memory' as const }),
          async fromGateway(call) {
            const status = await readStatus(call, agent.agentId);
            if (agent.agentId === undefined && status.agentId != null)
              shownAgents.set(serverId, status.agentId);
            return { skills: skillsOf(status) };
          },
          async fromHost(call, limits) {
            if (agent.agentId !== undefined)
              await expectAgentOnHost(hostConfigs, serverId, agent.agentId, limits);
            const agentId = agent.agentId ?? shownAgents.get(serverId);
            const words = agentId === undefined ? [] : ['--agent', agentId];
            return { skills: skillsOf(await call(['skills', 'list', '--json', ...words], skillStatus)) };
          },
        },
        { signal },
      );
    },

    search(serverId, query, { signal }) {
      return reader.read(
        serverId,
        {
          what: `skills/search ${query}`,
          schema: found,
          keep: 'memory',
          slowMs: SEARCH_MS,
          async fromGateway(call) {
            try {
              return { results: await call('skills.search', { query, limit: MAX_FOUND }, searchResults) };
            } catch (error) {
              throw behindGateway(error, 'search ClawHub');
            }
          },
        },
        { signal },
      );
    },

    async setEnabled(serverId, name, enabled, agent, limits) {
      const { skillKey, name: realName } = entryNamed(await statusOf(serverId, agent, limits), name);
      const key = skillKey ?? realName;
      await callWithConfigLock(serverId, 'skills.update', { skillKey: key, enabled }, z.looseObject({}), {
        deadlineMs: CHANGE_MS,
        ...limits,
      });
      await configApplied(serverId, { deadlineMs: APPLY_MS, ...limits });
      const is = (one: SkillEntry) => one.name === realName && one.disabled !== enabled;
      const seen = await untilSeen(serverId, agent, is, limits);
      if (seen !== null) return seen;
      throw new AppError('deadline', 'The change is written, but the gateway has not applied it yet.', {
        hint: 'Check again in a moment.',
      });
    },

    async upload(serverId, upload, { agentId, confirm, replace }, limits) {
      const { name, description, files, findings } = await inspectUpload(isolatedWork, upload, limits);
      const agent = { agentId };
      const status = await statusOf(serverId, agent, limits);
      const root = rootOf(status, agentId === undefined ? 'server' : 'agent');
      const before = status.skills.find((one) => one.name === name);
      if (before !== undefined && !isOfPeople(before))
        findings.unshift({
          rule: 'replaces-skill',
          severity: 'high',
          message: 'Replaces a skill of the same name from OpenClaw or a plugin.',
          file: 'SKILL.md',
          line: null,
          excerpt: null,
        });
      const there = before === undefined ? null : placeIn(status, before);
      if (there?.root === root && !(replace && there.name === name)) throw occupied(name);
      if (there !== null && agentId === undefined && there.root !== root)
        throw new AppError(
          'conflict',
          'The default agent has a skill with this name, which would hide this one.',
          {
            hint: 'Remove that one first, or upload for one agent.',
          },
        );
      if (!confirm && findings.some(({ severity }) => severity === 'high'))
        return { skill: null, installed: false, findings };
      const limit = { deadlineMs: PLACE_MS, signal: limits.signal };
      const placed = await folders.place(serverId, { root, name }, files, { ...limit, replace });
      const lies = (one: SkillEntry, now: SkillStatus) =>
        one.name === name && isSameFolder(placeIn(now, one), { root, name });
      // Of one that was replaced, the old words may still be listed.
      const isNew = (one: SkillEntry, now: SkillStatus) =>
        lies(one, now) && plain(one.description) === plain(description);
      const seen = await proved(
        placed,
        async () =>
          (await untilSeen(serverId, agent, isNew, limits)) ?? untilSeen(serverId, agent, lies, limits),
      );
      return { skill: seen, installed: true, findings };
    },

    async remove(serverId, name, agent, limits) {
      const status = await statusOf(serverId, agent, limits);
      const entry = entryNamed(status, name);
      const place = isOfPeople(entry) ? placeIn(status, entry) : null;
      if (place === null)
        throw new AppError('conflict', notRemovable(entry), {
          hint: 'Disable it instead.',
        });
      await folders.remove(serverId, place, { deadlineMs: CHANGE_MS, ...limits });
      // The next list must not show it; the folder is removed even where OpenClaw takes longer to notice.
      const lies = (one: SkillEntry, now: SkillStatus) => isSameFolder(placeIn(now, one), place);
      await untilStatus(serverId, agent, (now) => !now.skills.some((one) => lies(one, now)), limits);
    },
  };
}

function isSameFolder(one: SkillFolder | null, other: SkillFolder): boolean {
  return one?.root === other.root && one.name === other.name;
}

/** OpenClaw may fold lines and spaces in another way than YAML. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function notRemovable({ bundled, source }: SkillEntry): string {
  if (bundled) return 'This skill comes with OpenClaw and cannot be removed.';
  return source === 'openclaw-workspace' || source === 'openclaw-managed'
    ? 'This skill has no folder of its own among the uploaded skills, so Buoy does not remove it.'
    : 'This skill comes from a plugin or another folder and cannot be removed here.';
}

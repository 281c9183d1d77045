// The task that installs a skill from ClawHub, or a program that a skill needs, by the gateway's own installers.
import { type SkillInstallation, type SkillInstalled, skillInstallation, taskTypes } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { serverOf, type TaskKind, taskStep } from '../../tasks/task-kind.ts';
import type { CallWithConfigLock } from '../config/locked-call.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { nameText, wordText } from '../reads/bounded.ts';
import { behindGateway, withoutPaths } from './clawhub.ts';
import { entryNamed, readStatus, type SkillStatus, skillOf } from './skill-list.ts';

const READ_MS = 30_000;
/** Allows for compilers and large downloads; OpenClaw gets the same limit. */
const INSTALL_MS = 15 * 60_000;
/** Milliseconds by which the gateway's answer may come later than its own limit. */
const GRACE_MS = 30_000;

const answer = z.looseObject({
  message: z.string().catch(''),
  stdout: z.string().catch(''),
  stderr: z.string().catch(''),
  // Kept with the task, and so in each list of tasks.
  slug: nameText.nullish().catch(null),
  version: wordText.nullish().catch(null),
  warning: z.string().nullish().catch(null),
});
const installed = z.object({ slug: z.string().nullable(), version: z.string().nullable() });
/** Result of the step `check`: the agent whose skills were read. OpenClaw requires its name when several agents exist. */
const checked = z.object({ agentId: z.string().nullable() });
const asked = z.object({ asked: z.boolean().default(false) });

/** Input: the body of `POST …/skills/install`. Result: `{skill: {name, key, source, eligible}, version}`. */
export function createInstallSkillKind({
  gateways,
  callWithConfigLock,
}: {
  gateways: Pick<Gateways, 'call'>;
  callWithConfigLock: CallWithConfigLock;
}): TaskKind {
  const readSkills = (
    serverId: string,
    { agentId }: SkillInstallation,
    signal: AbortSignal,
  ): Promise<SkillStatus> =>
    readStatus(
      (method, params, schema) =>
        gateways.call(serverId, method, params, schema, { deadlineMs: READ_MS, signal, retry: true }),
      agentId,
    );

  const check = taskStep<SkillInstallation>({
    id: 'check',
    title: 'Check the installed skills',
    deadlineMs: READ_MS,
    async run(context) {
      const { input, signal } = context;
      const status = await readSkills(serverOf(context), input, signal);
      if (input.source === 'clawhub') {
        const isThere = bySlug(status, input.slug) !== undefined;
        if (isThere)
          throw new AppError('duplicate', 'A skill with this name is already installed.', {
            hint: 'Remove it first to reinstall it.',
          });
        return { agentId: status.agentId ?? null };
      }
      const { install } = entryNamed(status, input.name);
      if (!install.some(({ id }) => id === input.installId))
        throw new AppError('not_found', 'The skill has no installer with this id.', {
          hint: 'Use an installId from the list of skills.',
        });
      return { agentId: status.agentId ?? null };
    },
  });

  const install = taskStep<SkillInstallation, z.output<typeof asked>>({
    id: 'install',
    title: 'Install',
    deadlineMs: INSTALL_MS + GRACE_MS,
    stateSchema: asked,
    async run(context) {
      const { input, signal, state } = context;
      const serverId = serverOf(context);
      // The gateway continues by itself when Buoy stops during the step: an installed skill is not requested again.
      if (state.asked && isDone(await readSkills(serverId, input, signal), input))
        return { slug: null, version: null };
      const { agentId } = context.resultOf('check', checked);
      const params = paramsOf(input, input.agentId ?? agentId);
      state.asked = true;
      await context.saveState();
      try {
        const said = await callWithConfigLock(serverId, 'skills.install', params, answer, {
          deadlineMs: INSTALL_MS + GRACE_MS,
          signal,
          mayWrite: context.expectAllowed,
        });
        for (const text of [said.message, said.warning ?? '', said.stdout, said.stderr])
          if (text.trim() !== '') context.output(`${text.trimEnd()}\n`);
        return { slug: said.slug ?? null, version: said.version ?? null };
      } catch (error) {
        const deed = input.source === 'clawhub' ? 'get the skill from ClawHub' : 'install it';
        const told = behindGateway(error, deed);
        if (told instanceof AppError && told !== error) context.output(`${withoutPaths(told.message)}\n`);
        throw told;
      }
    },
  });

  const verify = taskStep<SkillInstallation>({
    id: 'verify',
    title: 'Verify that OpenClaw lists the skill',
    deadlineMs: READ_MS,
    async run(context): Promise<SkillInstalled> {
      const { input } = context;
      const { slug, version } = context.resultOf('install', installed);
      const status = await readSkills(serverOf(context), input, context.signal);
      const found =
        input.source === 'dependency' ? entryNamed(status, input.name) : bySlug(status, slug ?? input.slug);
      if (found === undefined)
        throw new AppError('bad_gateway', 'OpenClaw reported the skill as installed, but does not list it.', {
          hint: 'Check the gateway log: OpenClaw skips a skill without name and description.',
        });
      const { name, key, source, eligible, missing } = skillOf(status, found);
      if (input.source === 'dependency' && missing.bins.length > 0)
        context.detail(`Still missing: ${missing.bins.join(', ')}`.slice(0, 200));
      return { skill: { name, key, source, eligible }, version };
    },
  });

  return {
    type: taskTypes.installSkill,
    title: 'Install a skill',
    exclusivePerServer: true,
    inputSchema: skillInstallation,
    steps: [check, install, verify],
  };
}

/** OpenClaw installs into a folder of the slug's name. */
function bySlug(status: SkillStatus, slug: string) {
  const name = slug.split('/').at(-1);
  return status.skills.find(
    ({ baseDir, source }) => source === 'openclaw-workspace' && baseDir?.split('/').at(-1) === name,
  );
}

function isDone(status: SkillStatus, input: SkillInstallation): boolean {
  if (input.source === 'clawhub') return bySlug(status, input.slug) !== undefined;
  return entryNamed(status, input.name).missing.bins.length === 0;
}

function paramsOf(input: SkillInstallation, agentId: string | null): Record<string, unknown> {
  const agent = agentId === null ? {} : { agentId };
  if (input.source === 'dependency')
    return { ...agent, name: input.name, installId: input.installId, timeoutMs: INSTALL_MS };
  const version = input.version === undefined ? {} : { version: input.version };
  return { ...agent, ...version, source: 'clawhub', slug: input.slug, timeoutMs: INSTALL_MS };
}

// The task that mends what one check of a server found, by the steps of a setup that belong to it.
import { readFileSync } from 'node:fs';
import {
  downloader,
  type FixableCheckId,
  fixableCheckIds,
  nodeSetup,
  openclawSetup,
  taskTypes,
} from '@buoy/contract';
import { z } from 'zod';
import { oneServiceTask } from '../openclaw/service/gateway-service.ts';
import { skipped, type TaskKind, type TaskStepKind } from '../tasks/task-kind.ts';
import { createInstallNodeStep } from './install-node.ts';
import { createInstallOpenclawStep } from './install-openclaw.ts';
import { sudoPasswordOf } from './install-service.ts';
import { createInstallStep, type DownloadTools } from './install-step.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const lingerScript = ['installer.sh', 'linger.sh', 'enable-linger.sh'].map(load).join('\n');

const fixInput = z.strictObject({ checkId: z.enum(fixableCheckIds), via: downloader.optional() });
type FixInput = z.output<typeof fixInput>;

/** A step runs for these checks: npm comes with Node, and OpenClaw needs both. */
const stepsOf: Record<FixableCheckId, readonly string[]> = {
  node: ['install-node'],
  npm: ['install-node'],
  openclaw: ['install-node', 'install-openclaw'],
  linger: ['enable-linger'],
};

/** Secret of the task: the password for sudo, where it needs one. */
export function createFixCheckKind(tools: DownloadTools): TaskKind {
  const viaOf = ({ via }: FixInput) => via;
  const steps = [
    createInstallNodeStep<FixInput>(tools, () => nodeSetup.parse({}), viaOf),
    createInstallOpenclawStep<FixInput>(tools, () => openclawSetup.parse({}), viaOf),
    createInstallStep<FixInput, { linger: true }>(tools, {
      id: 'enable-linger',
      title: 'Keep services running after sign-out',
      script: lingerScript,
      variables: () => ({}),
      secrets: sudoPasswordOf,
      found: (_input, { linger }) =>
        linger ? { reason: 'Lingering is on already.', result: { linger: true } } : null,
    }),
  ];
  return {
    type: taskTypes.fixCheck,
    title: 'Fix what a check found',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    inputSchema: fixInput,
    steps: steps.map(whereNeeded),
  };
}

function whereNeeded(step: TaskStepKind): TaskStepKind {
  return {
    ...step,
    async run(context) {
      const { checkId } = context.input as FixInput;
      return stepsOf[checkId].includes(step.id)
        ? step.run(context)
        : skipped('This check does not need it.', null);
    },
  };
}

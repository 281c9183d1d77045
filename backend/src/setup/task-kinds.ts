// The tasks of a setup: each step by itself, and all of them from a bare server to the first answer of an agent.
import {
  channelChoice,
  type Downloader,
  defaultAgentSetup,
  downloader,
  gatewayChange,
  gatewaySetup,
  nodeInstall,
  nodeSetup,
  onboardingFields,
  openclawInstall,
  openclawInstalled,
  openclawSetup,
  type PrerequisiteId,
  type SetupResult,
  serviceSetup,
  taskTypes,
} from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';
import { oneServiceTask } from '../openclaw/service/gateway-service.ts';
import { reachServer } from '../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf, skipped, type TaskKind, taskStep } from '../tasks/task-kind.ts';
import { CARRIES, createChooseDownloader } from './carry/choose-downloader.ts';
import type { CheckPrerequisites } from './check-prereqs.ts';
import { createConfigureGatewayStep } from './configure-gateway.ts';
import { createConnectChannelStep } from './connect-channel.ts';
import type { CreateDefaultAgent } from './create-default-agent.ts';
import { editedScriptInput } from './edited-script.ts';
import { createFixCheckKind } from './fix-check.ts';
import { createInstallNodeStep } from './install-node.ts';
import { createInstallOpenclawStep } from './install-openclaw.ts';
import { createInstallServiceStep } from './install-service.ts';
import type { DownloadTools } from './install-step.ts';
import { readInstalled, refuseBesideAnother } from './installed.ts';
import { createOnboardStep } from './onboard.ts';
import { createMakeSnapshotKind } from './snapshots/make-snapshot.ts';
import { createRestoreSnapshotKind } from './snapshots/restore-snapshot.ts';
import type { ProbeGateway } from './until-ready.ts';
import { createUpdateComponentKind } from './update/update-component.ts';
import type { UpdateTools } from './update/update-parts.ts';
import type { VerifyHealth } from './verify-health.ts';

export type SetupTools = Omit<DownloadTools, 'chooseDownloader'> & {
  clock: Clock;
  probeGateway: ProbeGateway;
  checkPrerequisites: CheckPrerequisites;
  verifyHealth: VerifyHealth;
  createDefaultAgent: CreateDefaultAgent;
  connectTelegram: Openclaw['connectTelegram'];
} & Omit<UpdateTools, 'chooseDownloader'>;

/** Milliseconds for what asks the server a few questions, or makes an agent that answers; the rest is for a network outage. */
const ASK_MS = 10 * 60_000;
/** Milliseconds for a gateway that has just become ready: on a small server it is too busy to answer calls for its first seconds. */
const SETTLE_MS = 60_000;
const VERIFY_PAUSE_MS = 2_000;
/** Whom the history of the config names for a change by a setup; the task says who began it. */
const BY_SETUP = 'setup';

/** One setup at a time on a server, whichever step, and nothing that starts or stops the gateway meanwhile. */
const common = { exclusivePerServer: true, exclusiveAs: oneServiceTask } as const;

const onboardInput = onboardingFields.omit({ apiKey: true }).extend({ hasKey: z.boolean() });
const runInput = z.strictObject({
  onboard: onboardInput,
  node: nodeSetup,
  openclaw: openclawSetup,
  gateway: gatewaySetup,
  agent: defaultAgentSetup,
  channel: channelChoice.optional(),
  via: downloader.optional(),
});
type RunInput = z.output<typeof runInput>;
/** Of the steps by themselves. */
const nodeInput = nodeInstall.extend(editedScriptInput);
const openclawInput = openclawInstall.extend(editedScriptInput);
const onboardStepInput = onboardInput.extend(editedScriptInput);
const gatewayInput = gatewayChange.extend(editedScriptInput);
const serviceInput = serviceSetup.extend(editedScriptInput);
const checked = z.object({ startedAtMs: z.number(), via: downloader.default('server') });

/** Why a setup stops at a check, where it is no plain refusal. */
const codes: Partial<Record<PrerequisiteId, AppError['code']>> = {
  disk: 'disk_full',
  port: 'port_taken',
  registry: 'registry_failed',
  dns: 'registry_failed',
  sudo: 'sudo_refused',
  user_manager: 'no_service_manager',
};

/** Input of each: the body of its call, without keys and passwords, which are secrets of the task. */
export function createSetupKinds(setupTools: SetupTools): TaskKind[] {
  const tools = { ...setupTools, chooseDownloader: createChooseDownloader(setupTools.checkPrerequisites) };
  return [
    createFixCheckKind(tools),
    {
      ...common,
      type: taskTypes.installNode,
      title: 'Install Node',
      inputSchema: nodeInput,
      steps: [
        createInstallNodeStep<z.output<typeof nodeInput>>(
          tools,
          (input) => input,
          ({ via }) => via,
        ),
      ],
    },
    {
      ...common,
      type: taskTypes.installOpenclaw,
      title: 'Install OpenClaw',
      inputSchema: openclawInput,
      steps: [
        createInstallOpenclawStep<z.output<typeof openclawInput>>(
          tools,
          (input) => input,
          ({ via }) => via,
        ),
      ],
    },
    {
      ...common,
      type: taskTypes.onboard,
      title: 'Write the first config of OpenClaw',
      inputSchema: onboardStepInput,
      steps: [
        createOnboardStep<z.output<typeof onboardStepInput>>(tools, (onboard) => ({
          ...gatewaySetup.parse({}),
          onboard,
          // A key is sent to replace one.
          always: onboard.hasKey,
        })),
      ],
    },
    {
      ...common,
      type: taskTypes.configureGateway,
      title: 'Configure the gateway',
      inputSchema: gatewayInput,
      steps: [createConfigureGatewayStep<z.output<typeof gatewayInput>>(tools, (input) => input)],
    },
    {
      ...common,
      type: taskTypes.setupService,
      title: 'Make the gateway a service',
      inputSchema: serviceInput,
      steps: [createInstallServiceStep<z.output<typeof serviceInput>>(tools, (input) => input)],
    },
    createUpdateComponentKind(tools),
    createMakeSnapshotKind(tools),
    createRestoreSnapshotKind(tools),
    {
      ...common,
      type: taskTypes.setup,
      title: 'Set up OpenClaw',
      inputSchema: runInput,
      steps: runSteps(tools),
    },
  ];
}

function runSteps(setupTools: SetupTools): TaskKind['steps'] {
  const tools = {
    ...setupTools,
    // The first step has checked it.
    chooseDownloader: async (context: StepContext<unknown, unknown>, asked: Downloader | undefined) =>
      asked ?? context.resultOf('check-prereqs', checked).via,
  };
  const viaOf = ({ via }: RunInput) => via;
  const { clock, checkPrerequisites, verifyHealth, createDefaultAgent } = tools;
  return [
    taskStep<RunInput>({
      id: 'check-prereqs',
      title: 'Check what the server has',
      deadlineMs: ASK_MS,
      async run(context): Promise<z.output<typeof checked>> {
        const { input } = context;
        const startedAtMs = clock.now();
        refuseBesideAnother(
          await reachServer(context, ASK_MS, (limits) => readInstalled(tools.ssh, serverOf(context), limits)),
        );
        const { ready, checks, via } = await reachServer(context, ASK_MS, ({ signal }) =>
          checkPrerequisites(serverOf(context), { port: input.gateway.port, signal }),
        );
        const failing = checks.filter(({ status, fix }) => status === 'fail' && fix?.automatic !== true);
        for (const { title, status, detail } of checks) context.output(`${status}  ${title}: ${detail}\n`);
        const [first] = failing;
        if (!ready && first !== undefined)
          throw new AppError(codes[first.id] ?? 'refused', first.detail, {
            hint: first.fix?.text ?? 'Mend it, then start the setup again.',
          });
        if (input.via === undefined && via === 'buoy') context.output(CARRIES);
        return { startedAtMs, via };
      },
    }),
    createInstallNodeStep<RunInput>(tools, ({ node }) => node, viaOf),
    createInstallOpenclawStep<RunInput>(tools, ({ openclaw }) => openclaw, viaOf),
    createOnboardStep<RunInput>(tools, ({ onboard, gateway }) => ({ ...gateway, onboard, always: false })),
    createConfigureGatewayStep<RunInput>(tools, ({ gateway }) => ({ ...gateway, rotateToken: false })),
    createInstallServiceStep<RunInput>(tools, ({ gateway }) => ({ manager: 'auto', port: gateway.port })),
    createConnectChannelStep<RunInput>(
      tools,
      { by: BY_SETUP, deadlineMs: ASK_MS, settleMs: SETTLE_MS },
      ({ channel }) => channel,
    ),
    taskStep<RunInput>({
      id: 'verify-health',
      title: 'Verify that it works',
      deadlineMs: ASK_MS,
      async run(context) {
        const endsAtMs = clock.now() + SETTLE_MS;
        const verify = () =>
          reachServer(context, ASK_MS, ({ signal }) =>
            verifyHealth(serverOf(context), { modelTurn: false, signal }),
          );
        let answer = await verify();
        while (!answer.ok && clock.now() < endsAtMs) {
          await pause(clock, VERIFY_PAUSE_MS, context.signal);
          answer = await verify();
        }
        const { ok, checks } = answer;
        for (const { title, status, detail } of checks) context.output(`${status}  ${title}: ${detail}\n`);
        const failing = checks.find(({ status }) => status === 'fail');
        if (!ok && failing !== undefined)
          throw new AppError('not_ready', failing.detail, { hint: failing.fix?.text });
        return { ok };
      },
    }),
    taskStep<RunInput>({
      id: 'create-default-agent',
      title: 'Make the first agent',
      deadlineMs: ASK_MS,
      async run(context) {
        const { input } = context;
        const { agent, created, reply } = await reachServer(context, ASK_MS, ({ signal }) =>
          createDefaultAgent(serverOf(context), input.agent, {
            ...{ by: BY_SETUP, signal, mayWrite: context.expectAllowed },
            always: input.agent.message !== undefined,
          }),
        );
        const result: SetupResult = {
          version: context.resultOf('install-openclaw', openclawInstalled).version,
          gateway: input.gateway,
          agentId: agent.id,
          reply: reply?.text ?? null,
          tookMs: clock.now() - context.resultOf('check-prereqs', checked).startedAtMs,
        };
        return created || reply !== null
          ? result
          : skipped(`The agent ${agent.id} is there already.`, result);
      },
    }),
  ];
}

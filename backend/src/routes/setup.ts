// The setup of OpenClaw on a server.
import { type Onboarding, type TaskType, taskTypes } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { admin, serverInPath, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import { BOT_TOKEN, gatewayChangeOf, PROVIDER_KEY, type Setup, SUDO_PASSWORD } from '../setup/setup.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { UpdatePolicies } from '../update-policies/update-policies.ts';
import type { Caller } from '../users/caller.ts';

type TaskCall = {
  params: { id: string };
  body: unknown;
  caller: Pick<Caller, 'user'>;
  audit: AuditRecorder;
};

export function setupRoutes({
  setup,
  tasks,
  updatePolicies,
}: {
  setup: Setup;
  tasks: Tasks;
  updatePolicies: Pick<UpdatePolicies, 'targetOf'>;
}): Route[] {
  /** A task of that type, whose input is the body of its call. */
  const starts =
    (type: TaskType) =>
    async ({ params, body, caller, audit }: TaskCall) => ({
      task: await tasks.start(type, { serverId: params.id, input: body, createdBy: caller.user.id }, audit),
    });

  return [
    route('GET /servers/:id/setup/check-prereqs', viewer(serverInPath), ({ params, query, signal }) =>
      setup.checkPrerequisites(params.id, { port: query.port, signal }),
    ),
    route('POST /servers/:id/setup/check-prereqs', viewer(serverInPath), ({ params, body, signal }) =>
      setup.checkPrerequisites(params.id, { port: body.port, signal }),
    ),

    route(
      'POST /servers/:id/setup/fix',
      admin(serverInPath),
      async ({ params, body: { checkId, sudoPassword }, caller, audit }) => ({
        task: await tasks.start(
          taskTypes.fixCheck,
          {
            ...{ serverId: params.id, input: { checkId }, createdBy: caller.user.id },
            secrets: sudoSecret(sudoPassword),
          },
          audit,
        ),
      }),
    ),

    route('POST /servers/:id/setup/install-node', admin(serverInPath), starts(taskTypes.installNode)),

    route('POST /servers/:id/setup/install-openclaw', admin(serverInPath), starts(taskTypes.installOpenclaw)),

    route('POST /servers/:id/setup/onboard', admin(serverInPath), async ({ params, body, caller, audit }) => {
      const { input, secrets } = separateKey(body);
      const start = { serverId: params.id, input, secrets, createdBy: caller.user.id };
      return { task: await tasks.start(taskTypes.onboard, start, audit) };
    }),

    route(
      'POST /servers/:id/setup/configure-gateway',
      admin(serverInPath),
      async ({ params, body: { sudoPassword, ...input }, callerNow, audit, signal }) => {
        // A task would wait for a server that is away; whoever waits for this answer is told at once.
        await setup.expectOpenclaw(params.id, { signal });
        // The server took as long as it wanted, and a task that was never queued is not cancelled with the role.
        const { user } = await callerNow();
        const start = {
          ...{ serverId: params.id, input, createdBy: user.id },
          secrets: sudoSecret(sudoPassword),
        };
        const { id } = await tasks.start(taskTypes.configureGateway, start, audit);
        return gatewayChangeOf(await tasks.untilEnded(id, { signal }));
      },
    ),

    route(
      'POST /servers/:id/setup/systemd',
      admin(serverInPath),
      async ({ params, body: { sudoPassword, ...input }, caller, audit }) => ({
        task: await tasks.start(
          taskTypes.setupService,
          {
            ...{ serverId: params.id, input, createdBy: caller.user.id },
            secrets: sudoSecret(sudoPassword),
          },
          audit,
        ),
      }),
    ),

    ...previewRoutes(setup),

    route('GET /servers/:id/setup/verify-health', viewer(serverInPath), ({ params, signal }) =>
      setup.verifyHealth(params.id, { modelTurn: false, signal }),
    ),
    route('POST /servers/:id/setup/verify-health', admin(serverInPath), ({ params, body, signal }) =>
      setup.verifyHealth(params.id, { modelTurn: body.modelTurn, signal }),
    ),

    route(
      'POST /servers/:id/setup/create-default-agent',
      admin(serverInPath),
      ({ params, body, caller, signal }) =>
        setup.createDefaultAgent(params.id, body, { by: caller.user.id, signal }),
    ),

    route(
      'POST /servers/:id/setup/channel',
      admin(serverInPath),
      async ({ params, body: { botToken, account }, caller, callerNow, signal }) => ({
        channel: await setup.connectTelegram(
          params.id,
          { botToken, account },
          { by: caller.user.id, signal, mayWrite: callerNow },
        ),
      }),
    ),

    route('GET /servers/:id/setup/check-updates', viewer(serverInPath), ({ params, signal }) =>
      setup.checkUpdates(params.id, { signal }),
    ),
    route('POST /servers/:id/setup/check-updates', viewer(serverInPath), ({ params, signal }) =>
      setup.checkUpdates(params.id, { signal }),
    ),

    route('POST /servers/:id/setup/update-component', admin(serverInPath), async (call) => {
      // Refused at once; the task asks again when it begins, which may be hours later.
      await updatePolicies.targetOf(call.params.id, call.body.version);
      return starts(taskTypes.updateComponent)(call);
    }),

    route('POST /servers/:id/setup/run', admin(serverInPath), async ({ params, body, caller, audit }) => {
      const { onboard, channel, sudoPassword, ...rest } = body;
      const { input, secrets } = separateKey(onboard);
      const { botToken, ...choice } = channel ?? {};
      const start = {
        ...{ serverId: params.id, createdBy: caller.user.id },
        input: { ...rest, onboard: input, ...(channel === undefined ? {} : { channel: choice }) },
        secrets: {
          ...secrets,
          ...sudoSecret(sudoPassword),
          ...(botToken === undefined ? {} : { [BOT_TOKEN]: botToken }),
        },
      };
      return { task: await tasks.start(taskTypes.setup, start, audit) };
    }),
  ];
}

/** What each step would run; nothing of it is stored. */
function previewRoutes({ previewScripts }: Setup): Route[] {
  const preview = (audit: AuditRecorder, type: TaskType, input: object) => {
    audit.unchanged();
    return { scripts: previewScripts(type, input) };
  };
  return [
    route('POST /servers/:id/setup/install-node/preview', admin(serverInPath), async ({ body, audit }) =>
      preview(audit, taskTypes.installNode, body),
    ),
    route('POST /servers/:id/setup/install-openclaw/preview', admin(serverInPath), async ({ body, audit }) =>
      preview(audit, taskTypes.installOpenclaw, body),
    ),
    route('POST /servers/:id/setup/onboard/preview', admin(serverInPath), async ({ body, audit }) =>
      preview(audit, taskTypes.onboard, separateKey(body).input),
    ),
    route(
      'POST /servers/:id/setup/configure-gateway/preview',
      admin(serverInPath),
      async ({ body: { sudoPassword: _, ...input }, audit }) =>
        preview(audit, taskTypes.configureGateway, input),
    ),
    route(
      'POST /servers/:id/setup/systemd/preview',
      admin(serverInPath),
      async ({ body: { sudoPassword: _, ...input }, audit }) => preview(audit, taskTypes.setupService, input),
    ),
    route(
      'POST /servers/:id/setup/run/preview',
      admin(serverInPath),
      async ({ body: { sudoPassword: _, onboard, ...rest }, audit }) =>
        preview(audit, taskTypes.setup, { ...rest, onboard: separateKey(onboard).input }),
    ),
  ];
}

/** The input of a task is stored and shown; its secrets are sealed until it ends. */
function separateKey({ apiKey, ...onboard }: Onboarding): { input: object; secrets: Record<string, string> } {
  return {
    input: { ...onboard, hasKey: apiKey !== undefined },
    secrets: apiKey === undefined ? {} : { [PROVIDER_KEY]: apiKey },
  };
}

function sudoSecret(sudoPassword: string | undefined): Record<string, string> {
  return sudoPassword === undefined ? {} : { [SUDO_PASSWORD]: sudoPassword };
}

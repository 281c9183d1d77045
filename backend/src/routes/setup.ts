// The setup of OpenClaw on a server.
import { type Onboarding, type TaskType, taskTypes } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { admin, serverInPath, viewer } from '../http/policies.ts';
import { type Policy, type Route, route } from '../http/route.ts';
import {
  BOT_TOKEN,
  gatewayChangeOf,
  PROVIDER_KEY,
  type Setup,
  SUDO_PASSWORD,
  separateScript,
} from '../setup/setup.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Caller } from '../users/caller.ts';

type TaskCall = {
  params: { id: string };
  caller: Pick<Caller, 'user'>;
  audit: AuditRecorder;
};

type HealthCall = {
  params: { id: string };
  signal: AbortSignal;
  audit: AuditRecorder;
  admits(policy: Policy): Promise<boolean>;
};

export function setupRoutes({ setup, tasks }: { setup: Setup; tasks: Tasks }): Route[] {
  /** A task of one step, which runs that script in place of its own; the hash of the script is in the audit log, the script nowhere. */
  const startStep = async (
    type: TaskType,
    { params, caller, audit }: TaskCall,
    { script, input, secrets = {} }: { script: string | undefined; input: object; secrets?: Secrets },
  ) => {
    const edited = separateScript(script);
    audit.note({ details: edited.input });
    return tasks.start(
      type,
      {
        ...{ serverId: params.id, createdBy: caller.user.id },
        input: { ...input, ...edited.input },
        secrets: { ...secrets, ...edited.secrets },
      },
      audit,
    );
  };

  const verifyHealth = ({ params, signal, admits, audit }: HealthCall, modelTurn: boolean) =>
    setup.verifyHealth(params.id, {
      modelTurn,
      mayAskModel: () => admits(admin(serverInPath)),
      // The success of a GET leaves no entry, and this one spends tokens.
      beforeModel: () => audit.begin({ details: { modelTurn: true } }),
      signal,
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
      async ({ params, body: { sudoPassword, ...input }, caller, audit }) => ({
        task: await tasks.start(
          taskTypes.fixCheck,
          {
            ...{ serverId: params.id, input, createdBy: caller.user.id },
            // Only this one needs it.
            secrets: input.checkId === 'linger' ? sudoSecret(sudoPassword) : {},
          },
          audit,
        ),
      }),
    ),

    route('POST /servers/:id/setup/install-node', admin(serverInPath), async (call) => {
      const { script, ...input } = call.body;
      return { task: await startStep(taskTypes.installNode, call, { script, input }) };
    }),

    route('POST /servers/:id/setup/install-openclaw', admin(serverInPath), async (call) => {
      const { script, ...input } = call.body;
      return { task: await startStep(taskTypes.installOpenclaw, call, { script, input }) };
    }),

    route('POST /servers/:id/setup/onboard', admin(serverInPath), async (call) => {
      const { script, ...onboard } = call.body;
      return { task: await startStep(taskTypes.onboard, call, { script, ...separateKey(onboard) }) };
    }),

    route(
      'POST /servers/:id/setup/configure-gateway',
      admin(serverInPath),
      async ({ params, body: { sudoPassword, script, ...input }, callerNow, audit, signal }) => {
        // A task would wait for a server that is away; whoever waits for this answer is told at once.
        await setup.expectOpenclaw(params.id, { signal });
        // The server took as long as it wanted, and a task that was never queued is not cancelled with the role.
        const caller = await callerNow();
        const { id } = await startStep(
          taskTypes.configureGateway,
          { params, caller, audit },
          { script, input, secrets: sudoSecret(sudoPassword) },
        );
        return gatewayChangeOf(await tasks.untilEnded(id, { signal }));
      },
    ),

    route('POST /servers/:id/setup/systemd', admin(serverInPath), async (call) => {
      const { sudoPassword, script, ...input } = call.body;
      const secrets = sudoSecret(sudoPassword);
      return { task: await startStep(taskTypes.setupService, call, { script, input, secrets }) };
    }),

    ...previewRoutes(setup),

    route('GET /servers/:id/setup/verify-health', viewer(serverInPath), (call) =>
      verifyHealth(call, call.query.modelTurn === 'true'),
    ),
    route('POST /servers/:id/setup/verify-health', viewer(serverInPath), (call) =>
      verifyHealth(call, call.body.modelTurn),
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

    route(
      'POST /servers/:id/setup/update-component',
      admin(serverInPath),
      async ({ params, body: { sudoPassword, ...input }, caller, audit }) => {
        // Refused at once; the task asks again when it begins, which may be hours later.
        await setup.expectUpdate(params.id, input);
        const start = {
          ...{ serverId: params.id, input, createdBy: caller.user.id },
          // A task with secrets ends when its server moves; only this component needs one.
          secrets: input.component === 'ollama' ? sudoSecret(sudoPassword) : {},
        };
        return { task: await tasks.start(taskTypes.updateComponent, start, audit) };
      },
    ),

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

type Secrets = Record<string, string>;

/** The input of a task is stored and shown; its secrets are sealed until it ends. */
function separateKey({ apiKey, ...onboard }: Onboarding): { input: object; secrets: Secrets } {
  return {
    input: { ...onboard, hasKey: apiKey !== undefined },
    secrets: apiKey === undefined ? {} : { [PROVIDER_KEY]: apiKey },
  };
}

function sudoSecret(sudoPassword: string | undefined): Secrets {
  return sudoPassword === undefined ? {} : { [SUDO_PASSWORD]: sudoPassword };
}

// Whether a gateway that was set up works: its service, its answers, its channels and, if asked, a model behind it.
import type { HealthCheck, HealthCheckId, ModelCheck, OpenclawStatus } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Installations } from '../openclaw/host/installation.ts';
import type { OpenclawStatusReader } from '../openclaw/status/status.ts';

export type HealthAnswer = { ok: boolean; checks: HealthCheck[]; observedAt: string };

export type VerifyHealth = (
  serverId: string,
  options: {
    modelTurn: boolean;
    /** Absent: yes. */
    mayAskModel?: () => Promise<boolean>;
    /** Called right before a model is asked, which spends tokens. */
    beforeModel?: () => Promise<void>;
    signal: AbortSignal;
  },
) => Promise<HealthAnswer>;

/** Milliseconds for what is read of the host. */
const HOST_MS = 15_000;

const titles: Record<HealthCheckId, string> = {
  service: 'Service',
  gateway: 'Gateway',
  rpc: 'Answers to calls',
  linger: 'Running without a login',
  channels: 'Channels',
  model_turn: 'Answer of a model',
};

/** Throws AppError for a server that cannot be reached, `forbidden` for a model that may not be asked. */
export function createVerifyHealth({
  status,
  installations,
  modelCheck,
  clock,
}: {
  status: OpenclawStatusReader;
  installations: Pick<Installations, 'find'>;
  modelCheck: (
    serverId: string,
    body: { provider?: string | undefined },
    options: { signal: AbortSignal },
  ) => Promise<ModelCheck>;
  clock: Clock;
}): VerifyHealth {
  return async (serverId, { modelTurn, mayAskModel, beforeModel, signal }) => {
    const expectMayAsk = async () => {
      if (!modelTurn || (await mayAskModel?.()) !== false) return;
      throw new AppError(
        'forbidden',
        'To ask a model costs tokens, so only admins of the server may do it.',
        {
          hint: 'Check the health without modelTurn, or ask an admin.',
        },
      );
    };
    await expectMayAsk();
    const { linger } = await installations.find(serverId, { deadlineMs: HOST_MS, signal, fresh: true });
    const answer = await status.read(serverId, { signal });
    // The server took as long as it wanted.
    await expectMayAsk();
    if (modelTurn) await beforeModel?.();
    const model = modelTurn ? await modelCheck(serverId, {}, { signal }) : null;
    const checks = healthChecks({
      status: answer.status,
      isFromGateway: answer.source === 'gateway',
      linger,
      model,
    });
    return {
      ok: checks.every((check) => check.status !== 'fail'),
      checks,
      observedAt: isoTime(clock.now()),
    };
  };
}

/** @param seen.model null: no model was asked */
export function healthChecks(seen: {
  status: OpenclawStatus;
  isFromGateway: boolean;
  linger: boolean | null;
  model: ModelCheck | null;
}): HealthCheck[] {
  const { status, isFromGateway, linger, model } = seen;
  const checks = [
    serviceCheck(status),
    gatewayCheck(status),
    isFromGateway
      ? pass('rpc', 'The gateway answers calls.')
      : fail('rpc', 'The gateway does not answer calls.', 'Restart the gateway.'),
    lingerCheck(status, linger),
    channelsCheck(status),
  ];
  return model === null ? checks : [...checks, modelCheckOf(model)];
}

function serviceCheck({ service, installed }: OpenclawStatus): HealthCheck {
  if (!installed) return fail('service', 'OpenClaw is not installed.', 'Set OpenClaw up.');
  if (service.manager === 'none')
    return fail(
      'service',
      'The gateway is no service, so nothing starts it after a reboot.',
      'Set up the service.',
    );
  return service.activeState === 'active'
    ? pass('service', `The service ${service.unit} is active.`)
    : fail(
        'service',
        `The service ${service.unit} is ${service.activeState ?? 'not known'}.`,
        'Start the gateway.',
      );
}

function gatewayCheck({ gateway }: OpenclawStatus): HealthCheck {
  if (gateway.state === 'running' && gateway.ready)
    return pass('gateway', `The gateway is ready${gateway.port === null ? '' : ` on port ${gateway.port}`}.`);
  const words =
    gateway.state === 'running' ? 'runs, but is not ready' : `is ${gateway.state.replace('_', ' ')}`;
  return fail('gateway', `The gateway ${words}.`, 'Restart the gateway; its log names the cause.');
}

function lingerCheck({ service }: OpenclawStatus, linger: boolean | null): HealthCheck {
  if (service.manager === 'supervised')
    return linger
      ? pass('linger', 'The gateway outlives logins, and cron starts it after a reboot.')
      : {
          ...base('linger', 'warn', 'The gateway outlives logins, but nothing starts it after a reboot.'),
          fix: {
            text: 'Install cron and set up the service again, or let the server run this command as the account when it starts.',
            command: '~/.local/openclaw/bin/openclaw-supervisor start',
            automatic: false,
          },
        };
  if (service.manager !== 'systemd-user' || linger === null)
    return pass('linger', 'The gateway does not depend on a login.');
  return linger
    ? pass('linger', 'Services of the account outlive its logins.')
    : fail(
        'linger',
        'The gateway stops when the last login of the account ends.',
        'Enable lingering for the account.',
        'sudo loginctl enable-linger "$(id -un)"',
      );
}

function channelsCheck({ channels }: OpenclawStatus): HealthCheck {
  const used = channels.filter(({ state }) => state !== 'disabled' && state !== 'not_configured');
  if (used.length === 0) return pass('channels', 'No channel is set up.');
  const off = used.filter(({ state }) => state !== 'connected' && state !== 'starting');
  if (off.length === 0)
    return pass(
      'channels',
      used.length === 1 ? 'The channel is connected.' : `All ${used.length} channels are connected.`,
    );
  return {
    ...base(
      'channels',
      'warn',
      `Not connected: ${[...new Set(off.map(({ id }) => id))].slice(0, 10).join(', ')}.`,
    ),
    fix: { text: 'Open the channels of this server.', command: null, automatic: false },
  };
}

function modelCheckOf({ ok, detail }: ModelCheck): HealthCheck {
  return ok
    ? pass('model_turn', detail)
    : fail('model_turn', detail, 'Check the key of the provider and the model.');
}

function base(id: HealthCheckId, status: HealthCheck['status'], detail: string): HealthCheck {
  return { id, title: titles[id], status, detail, fix: null };
}

function pass(id: HealthCheckId, detail: string): HealthCheck {
  return base(id, 'pass', detail);
}

function fail(id: HealthCheckId, detail: string, text: string, command: string | null = null): HealthCheck {
  return { ...base(id, 'fail', detail), fix: { text, command, automatic: false } };
}

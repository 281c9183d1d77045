// Gateways whose OpenClaw has one config file that the test edits: `config.get`, `config.patch` and a call that writes by itself.
import { createHash } from 'node:crypto';
import { type ConfigObject, mergePatch } from '@buoy/contract/config-patch';
import { AppError } from '../../../lib/app-error.ts';
import type { GatewayConnectionState, Gateways } from '../../gateway/gateways.ts';

export type ScriptedConfig = {
  gateways: Gateways;
  /** The file; a new object is an edit by hand. */
  file: ConfigObject;
  /** The problem with it, as OpenClaw words it. */
  problem: string | null;
  calls: Array<{ method: string; params: Record<string, unknown> }>;
  /** Runs before the next `config.patch` is handled. */
  beforePatch: () => void;
  /** Error that `config.patch` throws instead. */
  patchFailure: AppError | null;
  /** Error that `config.patch` throws after writing, as for a lost answer. */
  answerLost: AppError | null;
  setState(state: GatewayConnectionState): void;
};

export function createScriptedConfig(): ScriptedConfig {
  const listeners = new Set<(serverId: string, state: GatewayConnectionState) => void>();
  const hash = () =>
    createHash('sha256')
      .update(JSON.stringify([scripted.file, scripted.problem]))
      .digest('hex');
  const refused = (message: string, details: object = {}) =>
    new AppError('refused', 'OpenClaw refused the call.', {
      details: { openclaw: { code: 'INVALID_REQUEST', message, details } },
    });

  function answer(method: string, params: Record<string, unknown>): unknown {
    scripted.calls.push({ method, params });
    if (method === 'config.get') {
      const valid = scripted.problem === null;
      return {
        path: '/home/deploy/.openclaw/openclaw.json',
        parsed: valid ? withTokensHidden(scripted.file) : null,
        valid,
        issues: valid ? [] : [{ path: '', message: scripted.problem }],
        hash: hash(),
        configRevisionHash: valid ? hash() : null,
        appliedConfigHash: hash(),
      };
    }
    if (method === 'config.schema.lookup') return { path: params.path, reloadKind: 'hot', children: [] };
    if (method === 'config.patch') {
      scripted.beforePatch();
      scripted.beforePatch = () => {};
      if (scripted.patchFailure !== null) throw scripted.patchFailure;
      if (params.baseHash !== hash())
        throw refused('config changed since last load; re-run config.get and retry');
      scripted.file = mergePatch(scripted.file, JSON.parse(String(params.raw))) as ConfigObject;
      if (scripted.answerLost !== null) throw scripted.answerLost;
      return { ok: true, hash: hash(), sentinel: { payload: { stats: { requiresRestart: false } } } };
    }
    if (method === 'agents.create') {
      scripted.file = { ...scripted.file, agents: { entries: { main: {}, sales: {} } } };
      return { ok: true };
    }
    throw refused(`no answer for ${method}`);
  }

  const scripted: ScriptedConfig = {
    file: { gateway: { port: 1, auth: { token: 'the-secret' } } },
    problem: null,
    calls: [],
    beforePatch: () => {},
    patchFailure: null,
    answerLost: null,
    setState(state) {
      for (const listener of listeners) listener('s1', state);
    },
    gateways: {
      call: async (_serverId, method, params, schema) => schema.parse(answer(method, params)) as never,
      hello: () => Promise.reject(new Error('not part of this test')),
      probe: () => Promise.reject(new Error('not part of this test')),
      onEvent: () => () => {},
      onStateChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      reset: () => {},
      close: () => Promise.resolve(),
    },
  };
  return scripted;
}

function withTokensHidden(file: ConfigObject): unknown {
  return JSON.parse(
    JSON.stringify(file, (key, value) => (key === 'token' ? '__OPENCLAW_REDACTED__' : value)),
  );
}

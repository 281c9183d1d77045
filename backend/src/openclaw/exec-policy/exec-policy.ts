// Which commands the agents of a server may run, and when they must ask: read and changed without touching what Buoy does not know.
import { type ExecPolicy, type ExecPolicyChange, execPolicy } from '@buoy/contract';
import { isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained, type Meaning } from '../gateway/refusals.ts';
import { ownValue } from '../reads/bounded.ts';
import type { Answer, Reader } from '../reads/reader.ts';

const { security, ask } = execPolicy.shape.defaults.shape;
const rules = { security: security.optional().catch(null), ask: ask.optional().catch(null) };

type Fields = Record<string, unknown>;

/** Agents of a policy, and commands that all of them may run. */
const MAX_AGENTS = 500;
const MAX_ALLOWED = 5_000;

/** Refused as a whole beyond these bounds, before `schema` looks at one entry: a part of it, changed and sent back, would end what the rest allows. */
function boundedPolicy<S extends z.ZodType>(schema: S) {
  return z
    .unknown()
    .check((context) => {
      const { file } = fieldsIn(context.value);
      const agents = Object.values(fieldsIn(fieldsIn(file).agents));
      const refuseBeyond = (maximum: number) =>
        context.issues.push({
          ...{ code: 'too_big', origin: 'array', maximum, inclusive: true },
          input: context.value,
        });
      if (agents.length > MAX_AGENTS) refuseBeyond(MAX_AGENTS);
      else if (agents.reduce<number>((sum, one) => sum + allowedBy(one), 0) > MAX_ALLOWED)
        refuseBeyond(MAX_ALLOWED);
    })
    .pipe(schema);
}

function allowedBy(agent: unknown): number {
  const { allowlist } = fieldsIn(agent);
  return Array.isArray(allowlist) ? allowlist.length : 0;
}

/** `exec.approvals.get`, `exec.approvals.set`, `openclaw approvals get --json`: the same in both versions. */
const policyFile = z.looseObject({
  file: z.looseObject({
    defaults: z.looseObject(rules).optional().catch(undefined),
    agents: z
      .record(
        z.string(),
        z.looseObject({
          ...rules,
          allowlist: z
            .array(z.looseObject({ pattern: z.string() }))
            .optional()
            .catch(undefined),
        }),
      )
      .optional()
      .catch(undefined),
  }),
  hash: z.string().nullish().catch(null),
});

const stored = boundedPolicy(policyFile);

/** The same for writing it back: fields unknown to Buoy must not be lost. */
const untouched = boundedPolicy(
  z.looseObject({ file: z.record(z.string(), z.unknown()), hash: z.string().nullish().catch(null) }),
);

const stale: Meaning = {
  when: ({ message }) => /changed since|hash mismatch|base ?hash/i.test(message),
  is: () => changedSince(),
};

export type ExecPolicies = ReturnType<typeof createExecPolicies>;

export function createExecPolicies({ reader, gateways }: { reader: Reader; gateways: Gateways }) {
  return {
    read(serverId: string, { signal }: { signal: AbortSignal }): Promise<Answer<{ policy: ExecPolicy }>> {
      return reader.read(
        serverId,
        {
          what: 'exec-policy',
          schema: z.object({ policy: execPolicy }),
          fromGateway: async (call) => ({
            policy: presentPolicy(await call('exec.approvals.get', {}, stored)),
          }),
          fromHost: async (call) => ({
            policy: presentPolicy(await call(['approvals', 'get', '--json'], stored)),
          }),
        },
        { signal },
      );
    },

    /** Throws `stale_version` when the policy is not the one that the caller read. */
    async change(serverId: string, change: ExecPolicyChange, signal: AbortSignal): Promise<ExecPolicy> {
      const options = { deadlineMs: CHANGE_MS, signal };
      const before = await gateways.call(serverId, 'exec.approvals.get', {}, untouched, options);
      if (change.hash !== undefined && before.hash != null && change.hash !== before.hash)
        throw changedSince();
      const file = changedFile(before.file, change);
      const params = { file, ...(before.hash == null ? {} : { baseHash: before.hash }) };
      const after = await explained(gateways.call(serverId, 'exec.approvals.set', params, stored, options), [
        stale,
      ]);
      return presentPolicy(after);
    },
  };
}

/** OpenClaw's policy as clients get it. */
export function presentPolicy({ file, hash }: z.output<typeof policyFile>): ExecPolicy {
  return {
    defaults: { security: file.defaults?.security ?? null, ask: file.defaults?.ask ?? null },
    agents: Object.entries(file.agents ?? {}).map(([agentId, one]) => ({
      agentId,
      security: one.security ?? null,
      ask: one.ask ?? null,
      allowlist: (one.allowlist ?? []).map(({ pattern }) => pattern),
    })),
    hash: hash ?? null,
  };
}

/** `file` with the change applied; all other fields stay, including those unknown to Buoy. */
export function changedFile(file: Fields, { defaults, agents = [] }: ExecPolicyChange): Fields {
  const changedAgents: Fields = { ...fieldsIn(file.agents) };
  for (const { agentId, allowlist, ...more } of agents) {
    const before = fieldsIn(ownValue(changedAgents, agentId));
    const after = withRules(before, more);
    const entries = Array.isArray(before.allowlist) ? before.allowlist.map(fieldsIn) : [];
    if (allowlist !== undefined)
      after.allowlist = allowlist.map(
        (pattern) => entries.find((entry) => entry.pattern === pattern) ?? { pattern },
      );
    changedAgents[agentId] = after;
  }
  return { ...file, defaults: withRules(fieldsIn(file.defaults), defaults ?? {}), agents: changedAgents };
}

/** null restores the default by removing the field. */
function withRules(before: Fields, change: { security?: unknown; ask?: unknown }): Fields {
  const after: Fields = { ...before };
  for (const field of ['security', 'ask'] as const) {
    if (change[field] === null) delete after[field];
    else if (change[field] !== undefined) after[field] = change[field];
  }
  return after;
}

/** Without a schema, which would refuse each entry of a long list for itself. */
function fieldsIn(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function changedSince(): AppError {
  return new AppError('stale_version', 'The policy has changed since you read it.', {
    hint: 'Read it again, then change it.',
  });
}

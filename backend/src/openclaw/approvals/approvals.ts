// Commands of agents that wait for a person, and allowing or denying them.
import { type ApprovalDecision, approvalDecision, type ExecApproval, execApproval } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { type Clock, toldTime } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained, type Meaning } from '../gateway/refusals.ts';
import type { Installations } from '../host/installation.ts';
import { boundedArray, cut, figure, firstOf, nameText, wordText } from '../reads/bounded.ts';
import { createDecisions, decidedOtherwise } from '../reads/decisions.ts';
import type { Answer, Reader } from '../reads/reader.ts';
import type { SnapshotStore } from '../reads/snapshots.store.ts';

/** Pending commands at a time, and UTF-16 units of one with all that decides what it does: nobody could read more before allowing it. */
const MAX_WAITING = 500;
const MAX_COMMAND = 100_000;
/** Names of variables that are still shown of a command that cannot be allowed. */
const MAX_NAMES = 50;

const word = nameText.nullish().catch(null);

/** `exec.approval.list`: an array in both versions. */
export const waitingApprovals = boundedArray(
  z.looseObject({
    id: nameText,
    request: z.looseObject({
      // Never truncated here: the hidden part would run all the same.
      command: z.string().catch(''),
      cwd: z.string().nullish().catch(null),
      /** The agent chooses variables for the command; OpenClaw tells their names alone. */
      envKeys: z.array(z.string()).nullish().catch(null),
      host: word,
      nodeId: word,
      agentId: word,
      sessionKey: word,
      warningText: word,
      allowedDecisions: firstOf(wordText, 20).nullish().catch(null),
    }),
    createdAtMs: figure,
    expiresAtMs: figure,
  }),
  MAX_WAITING,
);

type Waiting = z.output<typeof waitingApprovals>[number];

/** `approval.get` (2026.9.6): also returns resolved commands. */
const known = z.looseObject({
  approval: z.looseObject({ status: wordText, decision: word, resolvedAtMs: figure }),
});

const anything = z.unknown();

const reasonIs = (reason: string) => (refusal: { details: Record<string, unknown> }) =>
  refusal.details.reason === reason;

const notThere: Meaning = { when: reasonIs('APPROVAL_NOT_FOUND'), is: () => noLongerWaits() };
const resolvedElsewhere: Meaning = {
  when: reasonIs('APPROVAL_ALREADY_RESOLVED'),
  is: () =>
    new AppError('conflict', 'Someone has already resolved this command differently.', {
      hint: 'Nothing was changed.',
    }),
};

export type Approvals = ReturnType<typeof createApprovals>;

export function createApprovals({
  reader,
  gateways,
  installations,
  snapshots,
  clock,
  logger,
}: {
  reader: Reader;
  gateways: Gateways;
  installations: Installations;
  snapshots: SnapshotStore;
  clock: Clock;
  logger: Logger;
}) {
  const decisions = createDecisions<ApprovalDecision, ExecApproval | null>({
    name: 'approvals',
    decision: approvalDecision,
    request: execApproval.nullable(),
    // Commands may be private: the decision is stored, not the command.
    kept: () => null,
    store: snapshots,
    clock,
    logger,
  });

  const present = (list: readonly Waiting[]) => presentApprovals(list, clock.now());

  /** Always from the gateway and never from a snapshot. Throws AppError. */
  const waiting = (serverId: string, limits: CallOptions): Promise<Waiting[]> =>
    gateways.call(serverId, 'exec.approval.list', {}, waitingApprovals, { ...limits, retry: true });

  /** The outcome of a command that is no longer pending. `unsupported` on 2026.7.35, which cannot report it. */
  async function fate(serverId: string, id: string, decision: ApprovalDecision, signal: AbortSignal) {
    const { approval } = await explained(
      gateways.call(serverId, 'approval.get', { id }, known, { deadlineMs: CHANGE_MS, signal }),
      [notThere],
    );
    if (approval.status === 'pending') return 'pending';
    if (approval.decision === decision) return 'same';
    if (approval.status === 'expired' || approval.decision == null) throw expired();
    throw decidedOtherwise(approval.decision, toldTime(approval.resolvedAtMs));
  }

  return {
    /** Those of `waiting`. Throws AppError. */
    pending: async (serverId: string, limits: CallOptions): Promise<ExecApproval[]> =>
      present(await waiting(serverId, limits)),

    async list(
      serverId: string,
      { signal }: { signal: AbortSignal },
    ): Promise<Answer<{ approvals: ExecApproval[] }>> {
      const answer = await reader.read(
        serverId,
        {
          what: 'approvals',
          keep: 'memory',
          schema: z.object({ approvals: z.array(execApproval) }),
          fromGateway: async (call) => ({
            approvals: present(await call('exec.approval.list', {}, waitingApprovals)),
          }),
          // A command waits within a turn of the gateway: without a gateway none is pending.
          fromHost: async (_call, limits) => {
            const { pid } = await installations.service(serverId, limits);
            if (pid !== null) throw new AppError('gateway_unavailable', 'The gateway does not answer.');
            return { approvals: [] };
          },
        },
        { signal },
      );
      return answer.source === 'gateway'
        ? answer
        : { ...answer, approvals: await decisions.undecided(serverId, answer.approvals) };
    },

    /**
     * A repeated decision changes nothing. Throws `not_found` for an unknown id, `conflict` when it was
     * resolved differently or has expired, `refused` when OpenClaw does not offer that decision for this command.
     */
    async resolve(serverId: string, approvalId: string, decision: ApprovalDecision, signal: AbortSignal) {
      const { request: approval, already } = await decisions.once(
        serverId,
        approvalId,
        decision,
        async () => {
          const found = (await waiting(serverId, { deadlineMs: CHANGE_MS, signal })).find(
            ({ id }) => id === approvalId,
          );
          if (found === undefined) {
            const became = await fate(serverId, approvalId, decision, signal).catch((error: unknown) => {
              // Only resolving shows the outcome, for some seconds: the same decision again is answered, another one refused.
              if (isAppError(error, 'unsupported')) return 'unknown';
              throw error;
            });
            if (became === 'same') return { request: null, already: true, note: null };
          }
          if (found !== undefined && decision !== 'deny' && isTooLong(found.request)) throw cannotBeShown();
          await explained(
            gateways.call(serverId, 'exec.approval.resolve', { id: approvalId, decision }, anything, {
              deadlineMs: CHANGE_MS,
              signal,
            }),
            [notThere, resolvedElsewhere],
          );
          const [request = null] = present(found === undefined ? [] : [found]);
          return { request, already: request === null, note: null };
        },
      );
      return { approvalId, decision, already, approval };
    },
  };
}

/** OpenClaw's list of commands that wait, as clients get it. */
export function presentApprovals(list: readonly Waiting[], nowMs: number): ExecApproval[] {
  return list.map(({ id, request, createdAtMs, expiresAtMs }) => {
    const tooLong = isTooLong(request);
    const names = request.envKeys ?? [];
    const offered = approvalDecision.options.filter(
      (decision) =>
        (decision === 'deny' || !tooLong) && (request.allowedDecisions?.includes(decision) ?? true),
    );
    return {
      id,
      command:
        request.command.length > MAX_COMMAND ? `${cut(request.command, MAX_COMMAND)}…` : request.command,
      cwd: request.cwd == null ? null : cut(request.cwd, MAX_COMMAND),
      env: tooLong ? names.slice(0, MAX_NAMES).map((name) => cut(name, MAX_COMMAND / MAX_NAMES)) : names,
      host: request.host ?? null,
      node: request.nodeId ?? null,
      agentId: request.agentId ?? null,
      sessionKey: request.sessionKey ?? null,
      warning: tooLong ? CANNOT_BE_SHOWN : (request.warningText ?? null),
      allowedDecisions: offered,
      requestedAt: toldTime(createdAtMs),
      expiresAt: toldTime(expiresAtMs),
      status: expiresAtMs != null && expiresAtMs <= nowMs ? 'expired' : 'pending',
    };
  });
}

const CANNOT_BE_SHOWN = 'This command is too long to show in full, so it can only be denied.';

function isTooLong({ command, cwd, envKeys }: Waiting['request']): boolean {
  const texts = [command, cwd ?? '', ...(envKeys ?? [])];
  return texts.reduce((length, text) => length + text.length, 0) > MAX_COMMAND;
}

function cannotBeShown(): AppError {
  return new AppError('refused', CANNOT_BE_SHOWN, { hint: 'Deny it, and ask the agent for a shorter one.' });
}

function noLongerWaits(): AppError {
  return new AppError('not_found', 'No command with this id is waiting.', {
    hint: 'It has expired, or someone resolved it elsewhere: reload the list.',
  });
}

function expired(): AppError {
  return new AppError('conflict', 'This command waited too long and was denied.', {
    hint: 'Ask the agent again.',
  });
}

// Approves or rejects one pairing request, as its kind and the version of OpenClaw require.
import type { PairingDecision, PairingRequest } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { redactText } from '../../lib/redact.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained, type Meaning } from '../gateway/refusals.ts';
import type { Cli } from '../host/cli.ts';
import { asksForTooMuch } from './requests.ts';

/** Milliseconds of `openclaw pairing approve`: measured 6 to 13 s on a busy host. */
const COMMAND_MS = 35_000;
/** Characters of what the command says. */
const MAX_WORDS = 300;

const anything = z.unknown();

/** There is no code of its own for it in either version; details are empty. */
const gone: Meaning = {
  when: ({ message }) => /no longer exists|unknown requestId/i.test(message),
  is: () => noLongerPending(),
};

export type ResolvePairing = (
  serverId: string,
  request: PairingRequest,
  decision: PairingDecision,
  signal: AbortSignal,
) => Promise<{ note: string | null }>;

export function createResolvePairing({ gateways, cli }: { gateways: Gateways; cli: Cli }): ResolvePairing {
  return async (serverId, request, decision, signal) => {
    const call = (method: string, params: Record<string, unknown>) =>
      explained(gateways.call(serverId, method, params, anything, { deadlineMs: CHANGE_MS, signal }), [gone]);
    const isApproval = decision === 'approved';
    if (isApproval && asksForTooMuch(request)) throw cannotBeShown();
    if (request.kind === 'device') {
      await call(isApproval ? 'device.pair.approve' : 'device.pair.reject', { requestId: request.id });
      return { note: null };
    }
    const { channel, account, id: requestId } = request;
    try {
      await call(isApproval ? 'channels.pairing.approve' : 'channels.pairing.dismiss', {
        channel,
        accountId: account,
        requestId,
      });
      return { note: null };
    } catch (error) {
      if (!isAppError(error, 'unsupported')) throw error;
      if (!isApproval) throw cannotReject();
    }
    return approveByCommand(serverId, request, signal);
  };

  /** 2026.7.35. The command also makes the first approved person the owner of OpenClaw's commands. */
  async function approveByCommand(
    serverId: string,
    { channel, account, code }: PairingRequest,
    signal: AbortSignal,
  ): Promise<{ note: string | null }> {
    if (channel === null || code === null) throw noLongerPending();
    const { exitCode, stdout, stderr } = await cli.run(
      serverId,
      ['pairing', 'approve', '--channel', channel, '--account', account ?? 'default', code],
      { deadlineMs: COMMAND_MS, signal },
    );
    if (exitCode !== 0) {
      if (/no pending pairing request/i.test(`${stdout}${stderr}`)) throw noLongerPending();
      throw new AppError('refused', 'OpenClaw did not approve this person.', {
        hint: 'The details quote its message.',
        details: { openclaw: { message: redactText(`${stderr}${stdout}`.trim().slice(-MAX_WORDS)) } },
      });
    }
    const madeOwner = /command owner configured/i.test(stdout);
    return {
      note: madeOwner
        ? 'This person is now also the owner of OpenClaw’s commands, which had no owner yet: see commands.ownerAllowFrom in the config.'
        : null,
    };
  }
}

export function noLongerPending(): AppError {
  return new AppError('not_found', 'This request is no longer pending.', {
    hint: 'It has expired, or someone resolved it elsewhere: reload the list.',
  });
}

function cannotBeShown(): AppError {
  return new AppError(
    'refused',
    'This device asks for more rights than can be shown, so it can only be rejected.',
    {
      hint: 'Reject it, and let the device ask for the rights that it needs.',
    },
  );
}

function cannotReject(): AppError {
  return new AppError('unsupported', 'This version of OpenClaw cannot reject a person.', {
    hint: 'Leave the request pending: it expires one hour after it was made. Newer versions can reject it.',
  });
}

// Pairing requests of people and devices to a server's OpenClaw: list, approve, reject.
import { type PairingDecision, type PairingRequest, pairingDecision, pairingRequest } from '@buoy/contract';
import { z } from 'zod';
import type { AuditRecorder } from '../../audit/audit-recorder.ts';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import type { Cli } from '../host/cli.ts';
import type { Installations } from '../host/installation.ts';
import { boundedRecord } from '../reads/bounded.ts';
import { createDecisions } from '../reads/decisions.ts';
import type { Answer, GatewayCall, Reader } from '../reads/reader.ts';
import type { SnapshotStore } from '../reads/snapshots.store.ts';
import { createPairingFiles } from './pairing-files.ts';
import {
  fromDevices,
  fromList,
  fromStored,
  listedRequests,
  pendingDevices,
  storedRequests,
} from './requests.ts';
import { createResolvePairing, noLongerPending } from './resolve.ts';

/** `openclaw channels list --json`: which channels are set up. */
/** OpenClaw knows some thirty. */
const MAX_CHANNELS = 100;
const channelNames = z.looseObject({ chat: boundedRecord(z.unknown(), MAX_CHANNELS).catch({}) });

export type Pairing = ReturnType<typeof createPairing>;

export function createPairing({
  reader,
  gateways,
  runAsGateway,
  installations,
  cli,
  snapshots,
  clock,
  logger,
}: {
  reader: Reader;
  gateways: Gateways;
  runAsGateway: RunAsGateway;
  installations: Installations;
  cli: Cli;
  snapshots: SnapshotStore;
  clock: Clock;
  logger: Logger;
}) {
  const inFiles = createPairingFiles({ runAsGateway, installations, clock });
  const resolve = createResolvePairing({ gateways, cli });
  const decisions = createDecisions<PairingDecision, PairingRequest>({
    name: 'pairing',
    decision: pairingDecision,
    request: pairingRequest,
    kept: (request) => ({ ...request, code: null }),
    store: snapshots,
    clock,
    logger,
  });

  async function ask(
    serverId: string,
    call: GatewayCall,
    fileLimits: CallOptions,
  ): Promise<PairingRequest[]> {
    const [people, devices] = await Promise.all([
      call('channels.pairing.list', {}, listedRequests).then(fromList, (error: unknown) => {
        if (isAppError(error, 'unsupported')) return inFiles(serverId, fileLimits);
        throw error;
      }),
      call('device.pair.list', {}, pendingDevices).then(fromDevices),
    ]);
    return [...people, ...devices];
  }

  /** The pending ones, always from the gateway and never from a snapshot. Throws AppError. */
  async function pending(serverId: string, limits: CallOptions): Promise<PairingRequest[]> {
    const call: GatewayCall = (method, params, schema) =>
      gateways.call(serverId, method, params, schema, { ...limits, retry: true });
    return ask(serverId, call, limits);
  }

  return {
    pending,

    /** Without a gateway the host lists only people; devices are known only to the gateway. */
    async list(
      serverId: string,
      { signal }: { signal: AbortSignal },
    ): Promise<Answer<{ requests: PairingRequest[] }>> {
      const answer = await reader.read(
        serverId,
        {
          what: 'pairing',
          // Names and codes of people who are no users of Buoy.
          keep: 'memory',
          schema: z.object({ requests: z.array(pairingRequest) }),
          fromGateway: async (call) => ({
            requests: await ask(serverId, call, { deadlineMs: CHANGE_MS, signal }),
          }),
          fromHost: async (call) => {
            const { chat } = await call(['channels', 'list', '--json'], channelNames);
            const requests: PairingRequest[] = [];
            for (const channel of Object.keys(chat)) {
              const stored = await call(['pairing', 'list', '--channel', channel, '--json'], storedRequests);
              requests.push(...fromStored(channel, stored, clock.now()));
            }
            return { requests };
          },
        },
        { signal },
      );
      return answer.source === 'gateway'
        ? answer
        : { ...answer, requests: await decisions.undecided(serverId, answer.requests) };
    },

    /** A repeated decision changes nothing. Throws `not_found` for an unknown id, `conflict` when it was resolved differently. */
    async resolve(
      serverId: string,
      requestId: string,
      decision: PairingDecision,
      audit: AuditRecorder,
      signal: AbortSignal,
    ) {
      const answer = await decisions.once(serverId, requestId, decision, async () => {
        const waiting = await pending(serverId, { deadlineMs: CHANGE_MS, signal });
        const request = waiting.find(({ id }) => id === requestId);
        if (request === undefined) throw noLongerPending();
        const { note } = await resolve(serverId, request, decision, signal);
        return { request, already: false, note };
      });
      const { kind, channel, account, from } = answer.request;
      audit.note({ details: { kind, channel, account, from: from.id, already: answer.already } });
      return { ...answer, decision };
    },
  };
}

// Sends a test to one notification channel or to all, and keeps what came of it for the page.
import type { Contract, ResponseOf } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Dispatch, SetStateAction } from 'react';
import { useServices } from '../../services.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { refetchChannels } from './channel-queries.ts';

export type TestResult = ResponseOf<Contract['POST /me/notification-channels/:id/test']>;
/** By the id of the channel. */
export type TestResults = ReadonlyMap<string, TestResult>;

/** @param channelId null: all channels that are switched on */
export function useSendTest(channelId: string | null, setResults: Dispatch<SetStateAction<TestResults>>) {
  const { api } = useServices();
  const queries = useQueryClient();
  const decision = useDecisionKey();
  return useMutation({
    mutationFn: async (): Promise<Array<[string, TestResult]>> => {
      const headers = decision.headers();
      if (channelId !== null) {
        const params = { id: channelId };
        return [[channelId, await api.call('POST /me/notification-channels/:id/test', { params, headers })]];
      }
      const { results } = await api.call('POST /me/notification-channels/test', { headers });
      return results.map((result) => [result.channelId, result]);
    },
    // An earlier result must not be read as that of this test.
    onMutate: () =>
      setResults((known) => new Map([...known].filter(([id]) => channelId !== null && id !== channelId))),
    onSuccess: (results) => {
      decision.renew();
      setResults((known) => new Map([...known, ...results]));
    },
    onError: decision.onError,
    onSettled: () => refetchChannels(queries),
  });
}

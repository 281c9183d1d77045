// Buoy's API with scripted answers, as a client of a person sees it.
import type { EndpointKey } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';

export type ApiInput = { params?: Record<string, string>; query?: object; body?: object; headers?: object };
/** What the API answers to each call; an ApiError is thrown, and a call without an answer is refused as `not_found`. */
export type ApiAnswers = Partial<Record<EndpointKey, (input: ApiInput) => unknown>>;

export function createScriptedApi(answers: ApiAnswers) {
  const calls: Array<{ key: string; input: ApiInput }> = [];
  const call = async (key: EndpointKey, input: ApiInput = {}) => {
    calls.push({ key, input });
    const answer = await answers[key]?.(input);
    if (answer === undefined) throw refusal(404, 'There is no such thing.');
    if (answer instanceof ApiError) throw answer;
    return answer;
  };
  return { api: call as unknown as Client, calls, callsOf: (key: EndpointKey) => of(calls, key) };
}

function of<T extends { key: string }>(calls: readonly T[], wanted: EndpointKey): T[] {
  return calls.filter(({ key }) => key === wanted);
}

export function refusal(status: number, error: string): ApiError {
  return new ApiError(status, { error, code: status === 429 ? 'rate_limited' : 'conflict' });
}

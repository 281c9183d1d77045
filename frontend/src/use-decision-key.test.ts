import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { createDecisionKey } from './use-decision-key.ts';

const answer = (status: number) => new ApiError(status, { error: 'No.' });

it('is the same when nothing was answered, or what failed may go away by itself', () => {
  const decision = createDecisionKey();
  const first = decision.headers();
  for (const status of [0, 429, 500, 504]) decision.onError(answer(status));
  expect(decision.headers()).toEqual(first);
});

it('is another one after a refusal, and when something else is wanted', () => {
  const decision = createDecisionKey();
  const keys = [decision.headers()['idempotency-key']];
  decision.onError(answer(409));
  keys.push(decision.headers()['idempotency-key']);
  decision.renew();
  keys.push(decision.headers()['idempotency-key']);
  expect(new Set(keys).size).toBe(3);
});

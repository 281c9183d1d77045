import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { createDecisionKey } from './use-decision-key.ts';

const answer = (status: number) => new ApiError(status, { error: 'No.' });

it('keeps the decision key without an answer or after a temporary error', () => {
  const decision = createDecisionKey();
  const first = decision.headers();
  for (const status of [0, 429, 500, 504]) decision.onError(answer(status));
  expect(decision.headers()).toEqual(first);
});

it('changes the decision key after a refusal or for another decision', () => {
  const decision = createDecisionKey();
  const keys = [decision.headers()['idempotency-key']];
  decision.onError(answer(409));
  keys.push(decision.headers()['idempotency-key']);
  decision.renew();
  keys.push(decision.headers()['idempotency-key']);
  expect(new Set(keys).size).toBe(3);
});

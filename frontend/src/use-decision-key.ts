// The idempotency key of a decision: kept for a retry without an answer, replaced after a refusal.
import { useState } from 'react';
import { isRefusal } from './api.ts';
import { randomKey } from './random-key.ts';

export type DecisionKey = {
  headers(): { 'idempotency-key': string };
  /** What is asked for has changed, or was done: the next press is another decision. */
  renew(): void;
  /** A refusal stays with its key; silence and what goes away by itself do not. */
  onError(error: Error): void;
};

export function createDecisionKey(): DecisionKey {
  let key = randomKey();
  const renew = () => {
    key = randomKey();
  };
  return {
    headers: () => ({ 'idempotency-key': key }),
    renew,
    onError: (error) => {
      if (isRefusal(error)) renew();
    },
  };
}

/** One for as long as the component is there. */
export function useDecisionKey(): DecisionKey {
  return useState(createDecisionKey)[0];
}

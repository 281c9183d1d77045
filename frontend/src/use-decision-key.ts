// The idempotency key of one decision of a person: pressed again after silence it is the same decision, after a refusal another.
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

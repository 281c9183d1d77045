import type { User } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { forgetWithPerson } from './forget-with-person.ts';
import type { SessionState } from './session.ts';

/** How often something was forgotten after each state of a session. */
function forgottenAfter(states: readonly SessionState[]): number[] {
  let [state, count] = [{ phase: 'starting' } as SessionState, 0];
  let tell = () => {};
  const session = {
    state: () => state,
    subscribe(onChange: () => void) {
      tell = onChange;
      return () => {};
    },
  };
  forgetWithPerson(session, () => {
    count += 1;
  });
  return states.map((next) => {
    state = next;
    tell();
    return count;
  });
}

const as = (id: string): SessionState => ({ phase: 'signed-in', user: { id } as User, notice: null });
const signedOut: SessionState = { phase: 'signed-out', problem: null };
const expired: SessionState = {
  phase: 'signed-out',
  problem: new ApiError(401, { error: 'Sign in again.' }),
};

it('forgets what a person wanted when they sign out', () => {
  expect(forgottenAfter([signedOut, as('1'), signedOut, as('2')])).toEqual([0, 0, 1, 1]);
});

it('keeps it for the person whose sign-in has ended, and for nobody else', () => {
  expect(forgottenAfter([as('1'), expired, as('1'), expired, as('2')])).toEqual([0, 0, 0, 0, 1]);
});

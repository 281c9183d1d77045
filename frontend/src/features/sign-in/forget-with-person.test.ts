import type { User } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { forgetWithPerson } from './forget-with-person.ts';
import type { SessionState } from './session.ts';
import { createWantedPage } from './wanted-page.ts';

/** Whether the page that a person came for is still wanted after each state of a session. */
function isWantedAfter(states: readonly SessionState[]): boolean[] {
  let state: SessionState = { phase: 'starting' };
  let tell = () => {};
  const session = {
    state: () => state,
    subscribe(onChange: () => void) {
      tell = onChange;
      return () => {};
    },
  };
  const wantedPage = createWantedPage({} as Window, null, null);
  forgetWithPerson(session, wantedPage);
  wantedPage.keep('/invite', 'abc');
  return states.map((next) => {
    state = next;
    tell();
    return wantedPage.path() !== null;
  });
}

const as = (id: string): SessionState => ({ phase: 'signed-in', user: { id } as User, notice: null });
const signedOut: SessionState = { phase: 'signed-out', problem: null };
const expired: SessionState = {
  phase: 'signed-out',
  problem: new ApiError(401, { error: 'Sign in again.' }),
};

it('forgets what a person wanted when they sign out', () => {
  expect(isWantedAfter([signedOut, as('1'), signedOut, as('2')])).toEqual([true, true, false, false]);
});

it('keeps it for the person whose sign-in has ended, and for nobody else', () => {
  const states = [as('1'), expired, as('1'), expired, as('2'), as('1')];
  expect(isWantedAfter(states)).toEqual([true, false, true, false, false, false]);
});

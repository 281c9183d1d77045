// What one person of a browser wanted is nothing for the next one.
import type { Session } from './session.ts';

/** Calls `forget` when a person signs out, and when somebody else comes. */
export function forgetWithPerson(session: Pick<Session, 'state' | 'subscribe'>, forget: () => void): void {
  let person: string | null = null;
  session.subscribe(() => {
    const state = session.state();
    if (state.phase === 'signed-in') {
      if (person !== null && person !== state.user.id) forget();
      person = state.user.id;
    } else if (state.phase === 'signed-out' && state.problem === null && person !== null) {
      person = null;
      forget();
    }
  });
}

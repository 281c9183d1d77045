// What one person of a browser wanted is nothing for the next one.
import type { Session } from './session.ts';
import type { WantedPage } from './wanted-page.ts';

/** Tells the wanted page who is there: it is forgotten in all tabs when a person signs out, and here when somebody else comes. */
export function forgetWithPerson(
  session: Pick<Session, 'state' | 'subscribe'>,
  wantedPage: Pick<WantedPage, 'personIs' | 'forgetEverywhere'>,
): void {
  let wasSignedIn = false;
  session.subscribe(() => {
    const state = session.state();
    wantedPage.personIs(state.phase === 'signed-in' ? state.user.id : null);
    if (state.phase === 'signed-in') wasSignedIn = true;
    else if (state.phase === 'signed-out' && state.problem === null && wasSignedIn) {
      wasSignedIn = false;
      wantedPage.forgetEverywhere();
    }
  });
}

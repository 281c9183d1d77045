// Asks before leaving a page with unsaved input, whichever way the person leaves it.

export type LeaveGuard = {
  /** Something on the page is not saved. @returns how to say that it is, or is given up */
  hold(): () => void;
  isHolding(): boolean;
  /** Goes at once when nothing is held, else when the person agrees; a newer wish takes the place of an older one. */
  leave(go: () => void): void;
  /** Whether the person is being asked. */
  isAsking(): boolean;
  answer(leaves: boolean): void;
  subscribe(onChange: () => void): () => void;
};

export function createLeaveGuard(): LeaveGuard {
  const held = new Set<symbol>();
  const listeners = new Set<() => void>();
  let pendingLeave: (() => void) | null = null;
  const become = (next: (() => void) | null): void => {
    pendingLeave = next;
    for (const listener of listeners) listener();
  };
  return {
    hold() {
      const one = Symbol('unsaved');
      held.add(one);
      return () => void held.delete(one);
    },
    isHolding: () => held.size > 0,
    leave(go) {
      if (held.size === 0) go();
      else become(go);
    },
    isAsking: () => pendingLeave !== null,
    answer(leaves) {
      const go = pendingLeave;
      become(null);
      if (leaves) go?.();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

type Page = Pick<Window, 'location' | 'history' | 'addEventListener'>;

/** Makes the browser's own back and forward ask too. To be called before anything else listens to the history. */
export function guardHistory(page: Page, guard: LeaveGuard): void {
  let shown = addressOf(page);
  let isAgreed = false;
  page.addEventListener('popstate', (event) => {
    const isElsewhere = page.location.pathname !== new URL(shown).pathname;
    // Only the browser's own events come when the address has changed already; those of `navigate` have been asked for.
    if (event.isTrusted && isElsewhere && !isAgreed && guard.isHolding()) {
      event.stopImmediatePropagation();
      page.history.pushState(null, '', shown);
      guard.leave(() => {
        isAgreed = true;
        page.history.back();
      });
      return;
    }
    isAgreed = false;
    shown = addressOf(page);
  });
}

function addressOf(page: Page): string {
  return page.location.href;
}

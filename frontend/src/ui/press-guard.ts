// Tells a press that a person meant from one that was on its way to something else. A stranger's page can bring up Buoy's under the
// second click of a double click, or under a key that is held down.

/** Milliseconds that a page and its question are in sight before a press counts. */
export const GLANCE_MS = 1_000;

export type GuardedPage = {
  /** Its window, asked for once something listens. */
  events(): Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  isInSight(): boolean;
};

export type PressGuard = {
  /** Whether the page was in sight for long enough, and without a click meanwhile. */
  isReady(): boolean;
  /** Whether the click that is under way counts. */
  isMeant(): boolean;
  /** Watches the page from now on. @param onChange called when `isReady` changes. @returns what ends it */
  listen(onChange: () => void): () => void;
};

type Press = { pointerType?: string; key?: string; repeat?: boolean; detail?: number };

/** Keys that click what has the focus. */
const clickKeys: readonly unknown[] = ['Enter', ' '];

export function createPressGuard({ events, isInSight }: GuardedPage): PressGuard {
  let isReady = false;
  let hasMoved = false;
  /** Whether the press under way counts; null: none was begun here. */
  let press: boolean | null = null;
  let isMeant = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onChange: () => void = () => undefined;

  const become = (next: boolean): void => {
    if (next === isReady) return;
    isReady = next;
    onChange();
  };
  const wait = (): void => {
    clearTimeout(timer);
    become(false);
    if (!isInSight()) return;
    timer = setTimeout(() => {
      press = null;
      become(true);
    }, GLANCE_MS);
  };
  const begin = (): void => {
    hasMoved = false;
    press = null;
    isMeant = false;
    wait();
  };

  const handlers: Record<string, (event: Press) => void> = {
    pointermove({ pointerType }) {
      if (pointerType === 'mouse') hasMoved = true;
    },
    // A finger does not move before it touches.
    pointerdown({ pointerType }) {
      press = isReady && (pointerType !== 'mouse' || hasMoved);
    },
    keydown({ key, repeat = false }) {
      if (!repeat) hasMoved = true;
      if (!clickKeys.includes(key)) return;
      // Held down: since another page, or since the press that it was.
      press = repeat ? (press ?? false) : isReady;
    },
    click({ detail, pointerType }) {
      // Screen readers click without a pointer or key; in Firefox as if with a mouse that is none.
      isMeant = press ?? (isReady && (detail === 0 || pointerType === ''));
      press = null;
      if (!isReady) wait();
    },
  };
  const sightEvents = ['focus', 'blur', 'visibilitychange', 'pageshow'];

  return {
    isReady: () => isReady,
    isMeant: () => isMeant,
    listen(listener) {
      onChange = listener;
      begin();
      const target = events();
      const listeners = Object.entries(handlers).map(
        ([type, handle]) => [type, (event: Event) => handle(event as Press)] as const,
      );
      // Before the page's own handlers, which may stop an event.
      for (const [type, handle] of listeners) target.addEventListener(type, handle, { capture: true });
      for (const type of sightEvents) target.addEventListener(type, begin);
      return () => {
        onChange = () => undefined;
        clearTimeout(timer);
        isReady = false;
        for (const [type, handle] of listeners) target.removeEventListener(type, handle, { capture: true });
        for (const type of sightEvents) target.removeEventListener(type, begin);
      };
    },
  };
}

import { describe, expect, it, vi } from 'vitest';
import { createLeaveGuard, guardHistory } from './leave-guard.ts';

describe('leaving a page', () => {
  it('proceeds immediately when everything is saved', () => {
    const guard = createLeaveGuard();
    const go = vi.fn();
    guard.leave(go);
    expect(go).toHaveBeenCalledOnce();
    const saved = guard.hold();
    saved();
    guard.leave(go);
    expect(go).toHaveBeenCalledTimes(2);
  });

  it('asks first while input is unsaved', () => {
    const guard = createLeaveGuard();
    const go = vi.fn();
    guard.hold();
    guard.leave(go);
    expect(guard.isAsking()).toBe(true);
    guard.answer(false);
    expect(guard.isAsking()).toBe(false);
    expect(go).not.toHaveBeenCalled();
    guard.leave(go);
    guard.answer(true);
    guard.answer(true);
    expect(go).toHaveBeenCalledOnce();
  });
});

describe('the browser’s back', () => {
  /** A tab that has come from `/` to `/servers/new`. */
  function tab() {
    let entries = ['/', '/servers/new'];
    let at = 1;
    let onPop = (_event: PopStateEvent): void => undefined;
    const pop = () => {
      const stop = vi.fn();
      onPop({ isTrusted: true, stopImmediatePropagation: stop } as unknown as PopStateEvent);
      return stop;
    };
    const page = {
      get location() {
        return new URL(entries[at] ?? '/', 'https://buoy.example');
      },
      history: {
        pushState: (_state: unknown, _title: string, url: string) => {
          entries = [...entries.slice(0, at + 1), new URL(url).pathname];
          at += 1;
        },
        back: () => {
          at -= 1;
          pop();
        },
      },
      addEventListener: (_name: string, listener: typeof onPop) => {
        onPop = listener;
      },
    };
    return {
      page: page as unknown as Parameters<typeof guardHistory>[0],
      path: () => page.location.pathname,
      entries: () => entries,
      /** @returns whether the app was not told of it */
      back: () => {
        at -= 1;
        return pop().mock.calls.length > 0;
      },
    };
  }

  it('stays while input is unsaved, and leaves when the person agrees', () => {
    const guard = createLeaveGuard();
    const { page, back, path, entries } = tab();
    guardHistory(page, guard);
    guard.hold();
    expect(back()).toBe(true);
    expect(path()).toBe('/servers/new');
    expect(entries()).toEqual(['/', '/servers/new']);
    guard.answer(false);
    expect(path()).toBe('/servers/new');
    expect(back()).toBe(true);
    guard.answer(true);
    expect(path()).toBe('/');
  });

  it('leaves when everything is saved', () => {
    const guard = createLeaveGuard();
    const { page, back, path } = tab();
    guardHistory(page, guard);
    expect(back()).toBe(false);
    expect(path()).toBe('/');
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPressGuard, GLANCE_MS } from './press-guard.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A page with one guarded button, and the hands of the person before it. */
function openPage({ isInSight = true } = {}) {
  const events = new EventTarget();
  let isShown = isInSight;
  const guard = createPressGuard({ events: () => events, isInSight: () => isShown });
  let acts = 0;
  const stop = guard.listen(() => undefined);
  const happens = (type: string, fields: object = {}) =>
    void events.dispatchEvent(Object.assign(new Event(type), fields));
  const clicked = (detail: number) => {
    happens('click', { detail });
    if (guard.isMeant()) acts += 1;
  };
  const page = {
    guard,
    happens,
    stop,
    acts: () => acts,
    wait: (ms = GLANCE_MS) => void vi.advanceTimersByTime(ms),
    comesIntoSight() {
      isShown = true;
      happens('focus');
    },
    goesOutOfSight() {
      isShown = false;
      happens('blur');
    },
    moveMouse: () => happens('pointermove', { pointerType: 'mouse' }),
    clickMouse() {
      happens('pointerdown', { pointerType: 'mouse' });
      clicked(1);
    },
    tap() {
      happens('pointerdown', { pointerType: 'touch' });
      clicked(1);
    },
    /** A key that is held down repeats, and clicks a focused button each time. */
    pressEnter(repeat = false) {
      happens('keydown', { key: 'Enter', repeat });
      clicked(0);
    },
    /** As a screen reader does, without a pointer or key. */
    activate: () => clicked(0),
  };
  return page;
}

describe('a click', () => {
  it('counts once the page has been in sight for a second and the mouse has moved on it', () => {
    const page = openPage();
    page.moveMouse();
    page.wait();
    expect(page.guard.isReady()).toBe(true);
    page.clickMouse();
    expect(page.acts()).toBe(1);
  });

  it('does not count on a page that has just come up, as under the second click of a double click', () => {
    const page = openPage();
    page.moveMouse();
    page.wait(GLANCE_MS - 1);
    expect(page.guard.isReady()).toBe(false);
    page.clickMouse();
    expect(page.acts()).toBe(0);
  });

  it('does not count just after a window above the page was closed', () => {
    const page = openPage({ isInSight: false });
    page.moveMouse();
    page.wait(60_000);
    expect(page.guard.isReady()).toBe(false);
    page.comesIntoSight();
    page.moveMouse();
    page.wait(GLANCE_MS - 1);
    page.clickMouse();
    expect(page.acts()).toBe(0);
  });

  it('does not count for the time that the page was in sight before something else came above it', () => {
    const page = openPage();
    page.moveMouse();
    page.wait();
    page.goesOutOfSight();
    expect(page.guard.isReady()).toBe(false);
    page.comesIntoSight();
    page.clickMouse();
    expect(page.acts()).toBe(0);
  });

  it('does not count by a mouse that has rested since the page came up', () => {
    const page = openPage();
    page.wait(60_000);
    page.clickMouse();
    expect(page.acts()).toBe(0);
    page.moveMouse();
    page.clickMouse();
    expect(page.acts()).toBe(1);
  });

  it('does not count while the person clicks on and on: each click begins the second anew', () => {
    const page = openPage();
    for (let times = 0; times < 20; times += 1) {
      page.moveMouse();
      page.clickMouse();
      page.wait(GLANCE_MS / 2);
    }
    expect(page.acts()).toBe(0);
    page.wait();
    page.clickMouse();
    expect(page.acts()).toBe(1);
  });

  it('does not count when the mouse was pressed before the second was over, and let go after it', () => {
    const page = openPage();
    page.moveMouse();
    page.happens('pointerdown', { pointerType: 'mouse' });
    page.wait();
    page.happens('click', { detail: 1 });
    expect(page.guard.isMeant()).toBe(false);
  });

  it('counts by a screen reader in Firefox, whose click looks like that of a mouse', () => {
    const page = openPage();
    page.happens('click', { detail: 1, pointerType: '' });
    expect(page.guard.isMeant()).toBe(false);
    page.wait();
    page.happens('click', { detail: 1, pointerType: '' });
    expect(page.guard.isMeant()).toBe(true);
  });

  it('does not count when it was begun on another page', () => {
    const page = openPage();
    page.moveMouse();
    page.wait();
    page.happens('click', { detail: 1 });
    expect(page.guard.isMeant()).toBe(false);
  });
});

describe('without a mouse', () => {
  it('the first tap counts, however often the person has scrolled before', () => {
    const page = openPage();
    page.happens('pointerdown', { pointerType: 'touch' });
    page.wait();
    page.tap();
    expect(page.acts()).toBe(1);
  });

  it('a tap does not count on a page that has just come up', () => {
    const page = openPage();
    page.wait(GLANCE_MS - 1);
    page.tap();
    expect(page.acts()).toBe(0);
  });

  it('the first press of a key counts', () => {
    const page = openPage();
    page.wait();
    page.pressEnter();
    expect(page.acts()).toBe(1);
  });

  it('a key that is held down since another page counts at no time', () => {
    const page = openPage();
    for (let times = 0; times < 100; times += 1) {
      page.pressEnter(true);
      page.wait(100);
    }
    page.wait();
    page.pressEnter(true);
    expect(page.acts()).toBe(0);
    page.pressEnter();
    page.pressEnter(true);
    expect(page.acts()).toBe(1);
  });

  it('the space bar counts when it is let go, however long it was held', () => {
    const page = openPage();
    page.wait();
    page.happens('keydown', { key: ' ' });
    for (let times = 0; times < 20; times += 1) page.happens('keydown', { key: ' ', repeat: true });
    page.activate();
    expect(page.acts()).toBe(1);
  });

  it('a screen reader acts once the page has been in sight for a second', () => {
    const page = openPage();
    page.activate();
    expect(page.acts()).toBe(0);
    page.wait();
    page.activate();
    expect(page.acts()).toBe(1);
  });

  it('a screen reader acts, whatever keys its person has pressed to get there', () => {
    const page = openPage();
    for (const key of ['Control', 'ArrowRight', 'Enter']) page.happens('keydown', { key });
    page.wait();
    page.happens('keydown', { key: 'Control', repeat: true });
    page.activate();
    expect(page.acts()).toBe(1);
  });
});

it('tells when presses begin and cease to count, and nothing once nobody listens', () => {
  const events = new EventTarget();
  const guard = createPressGuard({ events: () => events, isInSight: () => true });
  const told: boolean[] = [];
  const stop = guard.listen(() => told.push(guard.isReady()));
  vi.advanceTimersByTime(GLANCE_MS);
  events.dispatchEvent(new Event('blur'));
  vi.advanceTimersByTime(GLANCE_MS);
  expect(told).toEqual([true, false, true]);
  stop();
  events.dispatchEvent(new Event('blur'));
  vi.advanceTimersByTime(GLANCE_MS);
  expect(told).toHaveLength(3);
});

// Tickets on a FakeClock.
import { beforeEach, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import type { Caller } from '../users/caller.ts';
import { userWith } from '../users/testing/people.ts';
import { createTickets, type Tickets } from './tickets.ts';

const caller: Caller = { user: userWith('42'), sessionId: 'ses_1', apiToken: null };

let clock: FakeClock;
let tickets: Tickets;
beforeEach(() => {
  clock = createFakeClock();
  tickets = createTickets({ clock });
});

test('a ticket is valid until its stated expiry', () => {
  const { value, expiresAt } = tickets.issue(caller, 'srv_1');
  expect(expiresAt).toBe('2026-03-01T10:00:30.000Z');
  clock.pass(29_999);
  expect(tickets.redeem(value, 'srv_1')).toBe(caller);
});

test('an expired ticket is refused', () => {
  const { value } = tickets.issue(caller, 'srv_1');
  clock.pass(30_000);
  expect(() => tickets.redeem(value, 'srv_1')).toThrow('has expired');
});

test('unused expired tickets do not block later ones', () => {
  for (let count = 0; count < 3; count += 1) tickets.issue(caller, 'srv_1');
  clock.pass(30_000);
  const { value } = tickets.issue(caller, 'srv_2');
  expect(tickets.redeem(value, 'srv_2')).toBe(caller);
});

test('an unknown ticket is refused with the same message', () => {
  expect(() => tickets.redeem('made-up', 'srv_1')).toThrow('never existed');
});

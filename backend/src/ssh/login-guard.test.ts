// The limit of refused logins around one attempt: which outcomes count, and that each attempt is settled.
import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { timeoutFailure } from './failures.ts';
import { type LoginGuard, withLoginGuard } from './login-guard.ts';
import { createRefusedLogins, type RefusedLogins } from './refused-logins.ts';
import type { SshTarget } from './ssh.ts';

const target: SshTarget = {
  ...{
    serverId: 's',
    host: 'h',
    port: 22,
    username: 'root',
    hostKey: null,
    credentialHostKey: null,
    jump: null,
    enteredBy: 'ada',
  },
  credential: { type: 'password', password: 'p' },
};
const refused = new AppError('ssh_auth', 'refused');
let logins: RefusedLogins;
let clock: ReturnType<typeof createFakeClock>;
beforeEach(() => {
  clock = createFakeClock();
  logins = createRefusedLogins({ clock });
});

const attempt = <T>(connect: (guard: LoginGuard) => Promise<T>) =>
  withLoginGuard(logins, target, new AbortController().signal, clock, connect);
const refusedAfter = (error: unknown, { afterMs = 0 } = {}) =>
  attempt(async (guard) => {
    await guard.begin();
    clock.pass(afterMs);
    throw error;
  }).catch((caught: unknown) => caught);

test('refused logins › count only after the credential was to be sent, and not for slowness', async () => {
  for (let time = 0; time < 6; time += 1) {
    await expect(attempt(() => Promise.reject(refused))).rejects.toBe(refused);
    expect(await refusedAfter(timeoutFailure('login', 'h:22'), { afterMs: 8_000 })).toMatchObject({
      details: { kind: 'timeout' },
    });
  }
  for (let time = 0; time < 5; time += 1) expect(await refusedAfter(refused)).toBe(refused);
  expect(await refusedAfter(refused)).toMatchObject({ code: 'circuit_open' });
});

test('refused logins › the sixth attempt does not even connect', async () => {
  for (let time = 0; time < 5; time += 1) await refusedAfter(refused);
  await expect(attempt(() => expect.unreachable())).rejects.toMatchObject({ code: 'circuit_open' });
});

test('refused logins › a connection that breaks off while its login waits takes no turn', async () => {
  const outcomes = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const open = outcomes.map(({ promise }) =>
    attempt(async (guard) => {
      await guard.begin();
      await promise;
    }),
  );
  let waited: Promise<void> | undefined;
  const broken = attempt(async (guard) => {
    waited = guard.begin();
    waited.catch(() => undefined);
    throw new AppError('unreachable', 'broke off');
  });
  await expect(broken).rejects.toMatchObject({ code: 'unreachable' });
  for (const { resolve } of outcomes) resolve();
  await Promise.all(open);
  await expect(waited).rejects.toMatchObject({ code: 'cancelled' });
  // All five turns are free again.
  await Promise.all(Array.from({ length: 5 }, () => attempt((guard) => guard.begin())));
});

// Password guesses made just before the deadline of a call, so that the refusal comes too late to be counted;
// and owners of slow servers, whose logins must not count as guesses.
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';

const cleanUp: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

/** Milliseconds that PAM waits before it refuses, that the guesser's name server takes, and of one call. */
const PAM_MS = 300;
const LOOKUP_MS = 250;
const CALL_MS = 400;

test('five guesses at a password are the limit, even when a slow name server delays the call', async () => {
  const machine = await startScriptedServer({
    onAuth(context) {
      if (context.method !== 'password') return context.reject(['password']);
      setTimeout(() => context.reject(['password']), PAM_MS);
    },
  });
  cleanUp.push(() => machine.close());
  const target = machine.target({ host: 'late.example', enteredBy: 'mallory' });
  const ssh = createSsh({
    targets: createMemoryTargets(target),
    clock: systemClock,
    logger: createKeptLogger().logger,
    lookup: async () => {
      await new Promise((resolve) => setTimeout(resolve, LOOKUP_MS));
      return [{ address: '127.0.0.1', family: 4 }];
    },
  });
  cleanUp.push(() => ssh.close());
  let last: unknown;
  for (let guess = 0; guess < 8; guess += 1)
    last = await ssh
      .test(
        { ...target, serverId: `s${guess}`, credential: { type: 'password', password: `guess ${guess}` } },
        { deadlineMs: CALL_MS },
      )
      .catch((error: unknown) => error);
  expect(machine.tried).toHaveLength(5);
  expect(last).toMatchObject({ code: 'circuit_open' });
});

test('an owner can log in again as soon as an overloaded server that accepted the login before answers', async () => {
  let isOverloaded = false;
  const machine = await startScriptedServer({
    onAuth(context) {
      if (context.method !== 'password') return context.reject(['password']);
      if (!isOverloaded) context.accept();
    },
  });
  cleanUp.push(() => machine.close());
  const target = machine.target({ credential: { type: 'password', password: 'his own' } });
  const ssh = createSsh({
    targets: createMemoryTargets(target),
    clock: systemClock,
    logger: createKeptLogger().logger,
  });
  cleanUp.push(() => ssh.close());
  const login = (credential = target.credential) =>
    ssh.test({ ...target, credential }, { deadlineMs: CALL_MS }).catch((error: unknown) => error);
  expect(await login()).toHaveProperty('hostKey');
  isOverloaded = true;
  for (let time = 0; time < 6; time += 1)
    expect(await login()).toMatchObject({ details: { phase: 'login' } });
  isOverloaded = false;
  expect(await login()).toHaveProperty('hostKey');
  isOverloaded = true;
  for (let guess = 0; guess < 5; guess += 1) await login({ type: 'password', password: `guess ${guess}` });
  expect(await login({ type: 'password', password: 'guess 6' })).toMatchObject({ code: 'circuit_open' });
});

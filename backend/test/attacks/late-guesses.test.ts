// Guessing passwords just before the time of a call is over, so that a refusal comes too late to be counted.
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

test("somebody whose name server answers late has five guesses at another's password all the same", async () => {
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

// Reports before the host and browser suites whether real hosts can run here, and removes those that the suites left running.
import type { TestProject } from 'vitest/node';
import { prepareNetwork, releaseAll, testbedSupport } from '../../../testbed/hosts.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why no real host can run here; empty when it can. */
    hostsMissing: string;
  }
}

/** Test files prefix their hosts like this; hosts that a person created for themselves stay. */
const testHostPrefix = 'test-';

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const support = await testbedSupport();
  project.provide('hostsMissing', support.ok ? '' : support.reason);
  if (!support.ok) {
    process.stdout.write(`Tests on real hosts are skipped: ${support.reason}\n`);
    return undefined;
  }
  await prepareNetwork();
  return () => releaseAll({ prefix: testHostPrefix });
}

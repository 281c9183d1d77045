// Ends a run with one line for people and scripts. Before it: what was skipped, by file, what passed only when run again, and what failed and why.
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

export default class ClosingLine implements Reporter {
  /** At once, since a long run that is stopped prints no summary. */
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === 'failed') write(`${test.module.relativeModuleId} > ${test.fullName}`, errors);
  }

  /** Its set-up failed: none of its tests ran. */
  onTestSuiteResult(suite: TestSuite): void {
    write(`${suite.module.relativeModuleId} > ${suite.fullName}`, suite.errors());
  }

  onTestModuleEnd(testModule: TestModule): void {
    write(testModule.relativeModuleId, testModule.errors());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped: string[] = [];
    const repeated: string[] = [];
    const failed = unhandledErrors.map((error) => `outside a test: ${firstLine(error)}`);
    for (const testModule of modules) {
      const before = { ...count };
      let reason: string | undefined;
      for (const test of testModule.children.allTests()) {
        const { state, errors } = test.result();
        const name = `${testModule.relativeModuleId} > ${test.fullName}`;
        if ((test.diagnostic()?.retryCount ?? 0) > 0) repeated.push(name);
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') {
          count.failed += 1;
          failed.push(`${name}: ${firstLine(errors[0])}`);
        } else {
          count.skipped += 1;
          reason ??= /\(skipped: .+?\)/.exec(name)?.[0];
        }
      }
      const skippedHere = count.skipped - before.skipped;
      if (skippedHere > 0)
        skipped.push([testModule.relativeModuleId, skippedHere, reason].filter(Boolean).join(' '));
      // A file or a set-up that broke has no failed test of its own.
      if (testModule.state() === 'failed' && count.failed === before.failed) {
        count.failed += 1;
        failed.push(`${testModule.relativeModuleId}: ${firstLine(testModule.errors()[0])}`);
      }
    }
    for (const line of skipped) process.stdout.write(`skipped: ${line}\n`);
    for (const name of repeated) process.stdout.write(`run twice: ${name}\n`);
    for (const line of failed) process.stdout.write(`failed: ${line}\n`);
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}

function write(what: string, errors: ReadonlyArray<{ message: string; stack?: string | undefined }>): void {
  if (errors.length === 0) return;
  const texts = errors.map(({ message, stack }) => stack ?? message).join('\n');
  process.stdout.write(`failed: ${what}: ${texts}\n`);
}

function firstLine(error: unknown): string {
  const text = error instanceof Object && 'message' in error ? String(error.message) : String(error);
  return text.split('\n', 1)[0]?.slice(0, 300) ?? '';
}

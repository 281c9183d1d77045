// Ends a run with one line for people and scripts, and names what was skipped and why, and what passed only when it was run again.
import type { Reporter, TestModule } from 'vitest/node';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped: string[] = [];
    const repeated: string[] = [];
    for (const testModule of modules) {
      const failedBefore = count.failed;
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        const name = `${testModule.relativeModuleId} > ${test.fullName}`;
        if ((test.diagnostic()?.retryCount ?? 0) > 0) repeated.push(name);
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') count.failed += 1;
        else {
          count.skipped += 1;
          skipped.push(name);
        }
      }
      // A file or a set-up that broke has no failed test of its own.
      if (testModule.state() === 'failed' && count.failed === failedBefore) count.failed += 1;
    }
    for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
    for (const name of repeated) process.stdout.write(`run twice: ${name}\n`);
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}

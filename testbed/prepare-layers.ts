// Builds what the hosts of the tests stand on, beside the tests that need no host; those that come first would else wait for it for minutes.
import { currentOpenclawLayer, prepareLayer, previousOpenclawLayer, testbedSupport } from './hosts.ts';
import { isLongRun } from './long-run.ts';

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.abort());

if ((await testbedSupport()).ok) {
  await prepareLayer(currentOpenclawLayer, stopped.signal);
  if (isLongRun) await prepareLayer(previousOpenclawLayer, stopped.signal);
}

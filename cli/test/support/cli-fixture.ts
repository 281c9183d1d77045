// The command line beside a Buoy in this process that listens for real.
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../../../backend/test/support/test-buoy.ts';
import { createTestCli, type TestCli } from './test-cli.ts';

export type CliFixture = TestCli & {
  running: TestBuoy;
  url: string;
  /** Token of the super-admin, who is signed in. */
  token: string;
  close(): Promise<void>;
};

/** @param environment on top of what every test Buoy has */
export async function startCliFixture(environment: Record<string, string> = {}): Promise<CliFixture> {
  const running = await startTestBuoy(environment);
  const url = await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  const token = await running.signIn(SUPER_ID);
  const cli = createTestCli({ url, token });
  return {
    ...cli,
    running,
    url,
    token,
    async close() {
      await running.close();
      cli.close();
    },
  };
}

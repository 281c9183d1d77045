// The command line with a real Buoy listening in this process.
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../../../backend/test/support/test-buoy.ts';
import { createTestCli, type TestCli } from './test-cli.ts';

export type CliFixture = TestCli & {
  running: TestBuoy;
  url: string;
  /** Token of the signed-in super-admin. */
  token: string;
  close(): Promise<void>;
};

/** @param environment added to that of every test Buoy */
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

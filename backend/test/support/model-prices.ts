// Prices for the fake model, so that what a turn costs can be checked.
import type { Host } from '../../../testbed/hosts.ts';

export type ModelPrices = { input: number; output: number };

/**
 * Writes prices of the fake model into the config of a host, in USD for a million tokens; the gateway takes them over a moment later,
 * without a restart. Answers what takes them away again.
 */
export async function setModelPrices(host: Host, prices: ModelPrices): Promise<() => Promise<void>> {
  const set = async (wanted: ModelPrices) => {
    const { code, stderr } = await host.exec(
      [
        'env',
        'PATH=/opt/node24/bin:/usr/bin:/bin',
        'openclaw',
        'config',
        'set',
        'models.providers.fake.models[0].cost',
        JSON.stringify({ ...wanted, cacheRead: 0, cacheWrite: 0 }),
        '--strict-json',
      ],
      { user: 'deploy' },
    );
    if (code !== 0) throw new Error(stderr);
  };
  await set(prices);
  return () => set({ input: 0, output: 0 });
}

// Prices for the fake model, so that the cost of a turn can be checked.
import type { Host } from '../../../testbed/hosts.ts';

export type ModelPrices = { input: number; output: number };

/**
 * Writes prices of the fake model into the config of a host, in USD for a million tokens; the gateway applies them a moment later,
 * without a restart. Returns a function that removes them again.
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

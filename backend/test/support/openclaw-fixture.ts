// A Buoy process beside a real host with OpenClaw, for suites that use HTTP alone and verify on the host.
import type { z } from 'zod';
import { untilUp } from '../../../testbed/buoy-client.ts';
import {
  acquireHost,
  currentOpenclawLayer,
  type Host,
  previousOpenclawLayer,
} from '../../../testbed/hosts.ts';
import { isLongRun } from '../../../testbed/long-run.ts';
import { testHost } from '../../../testbed/test-hosts.ts';
import { type LiveBuoy, startLiveBuoy } from './live-buoy.ts';

export type OpenclawVersion = {
  name: string;
  layer: string;
  version: string;
  /** No other file uses the host: it is removed when its file has ended, since an idle gateway costs CPU too. */
  isApart?: boolean;
  /** MiB; then the host has a disk of its own, which the fault `fill` fills. */
  disk?: number;
};

export const currentVersion: OpenclawVersion = {
  name: testHost('gateway'),
  layer: currentOpenclawLayer,
  version: '2026.9.6',
};
export const previousVersion: OpenclawVersion = {
  name: testHost('gateway-previous'),
  layer: previousOpenclawLayer,
  version: '2026.7.35',
};
export const bothVersions: readonly OpenclawVersion[] = [currentVersion, previousVersion];
/** The long run tests the previous version as well. */
export const usualVersions = isLongRun ? bothVersions : [currentVersion];

/** On a host that no other file uses: for tests whose config changes would affect others. */
export function apart(version: OpenclawVersion, part: string, disk?: number): OpenclawVersion {
  const name = testHost(version === currentVersion ? part : `${part}-previous`);
  return { ...version, name, isApart: true, ...(disk !== undefined && { disk }) };
}

export type OpenclawFixture = {
  host: Host;
  live: LiveBuoy;
  serverId: string;
  /** Runs OpenClaw's own command on the host and parses its output. Throws with the output when that is not JSON. */
  cli<S extends z.ZodType>(words: readonly string[], schema: S): Promise<z.output<S>>;
  /**
   * Cuts Buoy's connection to the gateway and waits for the next one: a gateway accepts only so many config changes in a minute from one
   * connection (2026.7.35 three). This is quicker than waiting, and much quicker than a restart.
   */
  freshConnection(): Promise<void>;
  close(): Promise<void>;
};

/** @param environment for Buoy, on top of disabled rate limits */
export async function openclawFixture(
  { name, layer, isApart = false, disk }: OpenclawVersion,
  environment: Record<string, string> = {},
): Promise<OpenclawFixture> {
  const host = await acquireHost({ name, layer, waitGateway: true, ...(disk !== undefined && { disk }) });
  const live = await startLiveBuoy(environment);
  const serverId = await addUntilUp(live, host);
  return {
    host,
    live,
    serverId,
    async cli(words, schema) {
      // OpenClaw finds its Node by PATH, which `exec` sets without one.
      const result = await host.exec(
        ['env', 'PATH=/opt/node24/bin:/usr/bin:/bin', 'openclaw', '--no-color', ...words],
        { user: 'deploy' },
      );
      try {
        return schema.parse(JSON.parse(result.stdout));
      } catch (cause) {
        throw new Error(`openclaw ${words.join(' ')} printed: ${result.stdout}${result.stderr}`, { cause });
      }
    },
    async freshConnection() {
      await host.exec(`ss -HtnK state established 'dport = :${host.gatewayPort}'`);
      await untilUp(live.api, serverId);
    },
    async close() {
      await live.close();
      if (isApart) await host.down();
    },
  };
}

/** Closes Buoy when adding the server fails: no other code would. */
async function addUntilUp(live: LiveBuoy, host: Parameters<LiveBuoy['add']>[0]): Promise<string> {
  try {
    const { id } = await live.add(host);
    await untilUp(live.api, id);
    return id;
  } catch (error) {
    await live.close();
    throw error;
  }
}

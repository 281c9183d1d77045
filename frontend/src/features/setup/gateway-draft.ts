// What a person changes about the address of a gateway, and the request body.
import type { Contract, OpenclawStatus, RequestOf } from '@buoy/contract';

type GatewayBody = RequestOf<Contract['POST /servers/:id/setup/configure-gateway']>['body'];

/** Where a gateway can be told to listen; a config written by hand may have other words. */
export const gatewayBinds = ['loopback', 'lan', 'tailnet'] as const;
type GatewayBind = (typeof gatewayBinds)[number];

export type GatewayDraft = { port: string; bind: string };

/** OpenClaw's own, where its config has none. */
const DEFAULT_PORT = 18_789;
const DEFAULT_BIND = 'loopback';

/** The address that the gateway has now. */
export function gatewayDraftOf({
  port,
  bind,
}: Pick<OpenclawStatus['gateway'], 'port' | 'bind'>): GatewayDraft {
  return { port: String(port ?? DEFAULT_PORT), bind: bind ?? DEFAULT_BIND };
}

/** null: not one that Buoy sets. */
export function knownBind(bind: string): GatewayBind | null {
  return gatewayBinds.find((one) => one === bind) ?? null;
}

/**
 * The body of POST /servers/:id/setup/configure-gateway: port and address always, because what is absent gets its default there.
 * @param sudoPassword empty: none. Returns null for an address that Buoy does not set
 */
export function gatewayChangeOf(
  { port, bind }: GatewayDraft,
  { rotateToken, sudoPassword }: { rotateToken: boolean; sudoPassword: string },
): GatewayBody | null {
  const known = knownBind(bind);
  if (known === null) return null;
  return {
    port: Number(port),
    bind: known,
    rotateToken,
    ...(sudoPassword === '' ? {} : { sudoPassword }),
  };
}

// The gateway port: typed RPC to the OpenClaw gateway of each server, over the SSH connection that Buoy keeps.
import type { z } from 'zod';

export type RpcOptions = {
  /** Milliseconds for the whole call, connecting included. */
  deadlineMs: number;
  signal?: AbortSignal;
  /**
   * Only for calls that change nothing: ask again, within the deadline, while the gateway says that it is starting or
   * restarting. Without it such an answer is `gateway_unavailable` immediately.
   */
  retry?: boolean;
  /** The user who makes the call: the config history names them where the call changes it. */
  by?: string;
};

/** The hello of a gateway when Buoy connects. `bootId` changes at each start: it proves a restart. */
export type Hello = {
  version: string;
  /** null with gateways that do not report it (2026.7.35). */
  bootId: string | null;
  /** Milliseconds since the gateway started, at the time of the hello. */
  uptimeMs: number | null;
  authMode: string | null;
};

export type GatewayEvent = { event: string; payload: unknown };

/** `reset`: Buoy dropped its connection and caches; the server may be another host from now on. */
export type GatewayConnectionState = 'connected' | 'disconnected' | 'reset';

export type Gateways = {
  /** The hello of the kept connection; connects first where there is none. Throws AppError. */
  hello(serverId: string, options: RpcOptions): Promise<Hello>;
  /** One RPC; its payload is parsed by `schema`. A refusal is `refused` (message in details), an unknown method `unsupported`. */
  call<S extends z.ZodType>(
    serverId: string,
    method: string,
    params: Record<string, unknown>,
    schema: S,
    options: RpcOptions,
  ): Promise<z.output<S>>;
  /** GET /healthz, /readyz and so on over the same way; the body must be JSON (any unknown path answers HTML with 200). */
  probe(
    serverId: string,
    path: '/healthz' | '/readyz',
    options: RpcOptions,
  ): Promise<{ status: number; body: unknown }>;
  /** Events of the kept connection while it exists; re-subscribed after each reconnect. */
  onEvent(listener: (serverId: string, event: GatewayEvent) => void): () => void;
  /** Called each time the kept connection of a server comes up or goes down. */
  onStateChange(listener: (serverId: string, state: GatewayConnectionState) => void): () => void;
  /** Drops connection and token of a server: it was deleted, or its address or credential changed. */
  reset(serverId: string): void;
  close(): Promise<void>;
};

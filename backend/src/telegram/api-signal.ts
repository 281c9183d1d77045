import type { Api } from 'grammy/web';

/** grammY declares signals by a type of its own; it takes those of the platform. */
export function apiSignal(signal: AbortSignal): NonNullable<Parameters<Api['getMe']>[0]> {
  return signal as unknown as NonNullable<Parameters<Api['getMe']>[0]>;
}

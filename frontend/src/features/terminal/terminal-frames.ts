// Parses the text frames of a terminal's WebSocket before they are used.
import type { TerminalServerFrame } from '@buoy/contract';

/** @returns null for a kind that is not known, and for what is not as it should be */
export function parseServerFrame(text: string): TerminalServerFrame | null {
  const fields = fieldsOf(text);
  switch (fields.type) {
    case 'ready':
    case 'heartbeat':
      return { type: fields.type };
    case 'exit':
      return {
        type: 'exit',
        exitCode: typeof fields.exitCode === 'number' ? fields.exitCode : null,
        signal: typeof fields.signal === 'string' ? fields.signal : null,
      };
    case 'error': {
      const { error, code, requestId, hint } = fields;
      if (typeof error !== 'string' || typeof code !== 'string' || typeof requestId !== 'string') return null;
      return { type: 'error', error, code, requestId, ...(typeof hint === 'string' ? { hint } : {}) };
    }
    default:
      return null;
  }
}

function fieldsOf(text: string): Partial<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

// Gateways whose RPCs the test answers in place, for features that only call them.
import { AppError } from '../../lib/app-error.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Answer, Reader } from '../reads/reader.ts';

export type CalledGateways = Gateways & {
  /** Answers by method; one that is missing is unknown to this version. Throw to refuse. */
  methods: Record<string, (params: Record<string, unknown>) => unknown>;
  calls: Array<{ method: string; params: Record<string, unknown> }>;
};

export function createCalledGateways(): CalledGateways {
  const unused = () => {
    throw new Error('not part of this test');
  };
  const gateways: CalledGateways = {
    methods: {},
    calls: [],
    async call(_serverId, method, params, schema) {
      const answer = gateways.methods[method];
      if (answer === undefined)
        throw new AppError('unsupported', `OpenClaw does not support the call ${method}.`);
      gateways.calls.push({ method, params });
      return schema.parse(await answer(params));
    },
    hello: unused,
    probe: unused,
    onEvent: () => () => {},
    onStateChange: () => () => {},
    reset: () => {},
    close: () => Promise.resolve(),
  };
  return gateways;
}

/** A reader that asks only the gateway. */
export function readerOf(gateways: Gateways): Reader {
  return {
    async read(serverId, { fromGateway }, { signal }) {
      const value = await fromGateway!((method, params, schema) =>
        gateways.call(serverId, method, params, schema, { deadlineMs: 1_000, signal }),
      );
      return answered(value);
    },
  };
}

function answered<T>(value: T): Answer<T> {
  return { ...value, source: 'gateway', observedAt: '2026-03-01T10:00:00.000Z' };
}

/** A refusal of OpenClaw with this message. */
export function refused(message: string, details: Record<string, unknown> = {}): AppError {
  return new AppError('refused', 'OpenClaw refused the call.', {
    details: { openclaw: { code: 'INVALID_REQUEST', message, details } },
  });
}

// Which call an edited script of a step becomes.
import { describe, expect, test } from 'vitest';
import type { Api } from '../../api.ts';
import { editedStep } from './edited-step.ts';
import { emptySetupDraft } from './setup-draft.ts';

const headers = { 'idempotency-key': 'k' };
const draft = { ...emptySetupDraft, apiKey: 'sk-1', sudoPassword: 'of deploy', port: '18790', node: '26' };

/** What is sent when the edited script of that step is run. */
async function sentBy(stepId: string) {
  const sent: Array<[string, unknown]> = [];
  const api = {
    call: async (key: string, request: { body: unknown }) => {
      sent.push([key, request.body]);
      return { task: { id: 'tsk_1' } };
    },
  } as unknown as Api;
  const task = await editedStep(api, 'srv_1', stepId, { draft, asksSudo: true, asksVia: false })?.(
    'echo mine',
    headers,
  );
  return { sent, taskId: task?.id ?? null };
}

describe('an edited script', () => {
  test.each([
    ['install-node', { version: '26', script: 'echo mine' }],
    ['install-openclaw', { version: 'latest', script: 'echo mine' }],
    ['onboard', { provider: 'anthropic', apiKey: 'sk-1', script: 'echo mine' }],
    ['systemd', { port: 18_790, sudoPassword: 'of deploy', script: 'echo mine' }],
  ])('of %s starts that step alone, with what was answered', async (stepId, body) => {
    expect(await sentBy(stepId)).toEqual({
      sent: [[`POST /servers/:id/setup/${stepId}`, body]],
      taskId: 'tsk_1',
    });
  });

  test('of configure-gateway has ended when it is answered', async () => {
    expect(await sentBy('configure-gateway')).toEqual({
      sent: [
        [
          'POST /servers/:id/setup/configure-gateway',
          { port: 18_790, sudoPassword: 'of deploy', script: 'echo mine' },
        ],
      ],
      taskId: null,
    });
  });

  test('of a step that takes none is not run', async () => {
    expect(editedStep({} as Api, 'srv_1', 'channel', { draft, asksSudo: false, asksVia: false })).toBeNull();
  });

  test.each(['install-node', 'install-openclaw'])(
    'of %s is not offered where Buoy sends the downloads',
    (stepId) => {
      const of = (via: 'buoy' | 'server') =>
        editedStep({} as Api, 'srv_1', stepId, { draft: { ...draft, via }, asksSudo: false, asksVia: true });
      expect(of('buoy')).toBeNull();
      expect(of('server')).not.toBeNull();
    },
  );
});

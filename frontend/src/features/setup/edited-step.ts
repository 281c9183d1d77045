// The call that runs one step of a setup with an edited script, with what was answered in the form.
import type { Task } from '@buoy/contract';
import type { Api } from '../../api.ts';
import { type SetupDraft, setupOf } from './setup-draft.ts';

/** @returns null for a step that has ended already */
export type StartEdited = (script: string, headers: { 'idempotency-key': string }) => Promise<Task | null>;

/**
 * null: the step takes no text, or is not known here.
 * @param stepId of the preview of a whole setup
 */
export function editedStep(
  api: Api,
  serverId: string,
  stepId: string,
  { draft, asksSudo, asksVia }: { draft: SetupDraft; asksSudo: boolean; asksVia: boolean },
): StartEdited | null {
  const params = { id: serverId };
  const { node, openclaw, onboard, gateway, sudoPassword } = setupOf(draft, { sudo: asksSudo, via: false });
  // An edited text does its own downloads, and this one is about what Buoy has sent.
  if (asksVia && draft.via === 'buoy' && stepId.startsWith('install-')) return null;
  const taskOf = async (answer: Promise<{ task: Task }>) => (await answer).task;
  switch (stepId) {
    case 'install-node':
      return (script, headers) =>
        taskOf(
          api.call('POST /servers/:id/setup/install-node', { params, body: { ...node, script }, headers }),
        );
    case 'install-openclaw':
      return (script, headers) =>
        taskOf(
          api.call('POST /servers/:id/setup/install-openclaw', {
            ...{ params, headers },
            body: { ...openclaw, script },
          }),
        );
    case 'onboard':
      return (script, headers) =>
        taskOf(
          api.call('POST /servers/:id/setup/onboard', { params, body: { ...onboard, script }, headers }),
        );
    case 'systemd':
      return (script, headers) =>
        taskOf(
          api.call('POST /servers/:id/setup/systemd', {
            ...{ params, headers },
            body: { port: gateway?.port, sudoPassword, script },
          }),
        );
    case 'configure-gateway':
      return async (script, headers) => {
        await api.call('POST /servers/:id/setup/configure-gateway', {
          ...{ params, headers },
          body: { ...gateway, sudoPassword, script },
        });
        return null;
      };
    default:
      return null;
  }
}

// Ends the maintenance of a server, or removes one of its windows.
import type { Server } from '@buoy/contract';
import { useMutation } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { maintenanceTexts } from './texts.ts';
import { useReadAgain } from './use-read-again.ts';

/** @param windowId null: all of them */
export function EndQuestion({
  server,
  windowId,
  onClose,
}: {
  server: Server;
  windowId: string | null;
  onClose: () => void;
}) {
  const { api } = useServices();
  const t = useTexts(maintenanceTexts);
  const readAgain = useReadAgain(server.id);
  const params = { id: server.id };
  const end = useMutation({
    mutationFn: () =>
      windowId === null
        ? api.call('DELETE /servers/:id/maintenance', { params })
        : api.call('DELETE /servers/:id/maintenance/:windowId', { params: { ...params, windowId } }),
    onSuccess: onClose,
    meta: { done: windowId === null ? t.ended : t.removed },
    onSettled: readAgain,
  });
  return (
    <Confirm
      title={windowId === null ? t.endTitle(server.name) : t.removeTitle}
      action={windowId === null ? t.end : t.remove}
      isPending={end.isPending}
      problem={end.error}
      onConfirm={() => end.mutate()}
      onClose={onClose}
    >
      <p>{windowId === null ? t.endEffect : t.removeEffect}</p>
    </Confirm>
  );
}

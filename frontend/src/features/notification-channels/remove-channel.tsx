// Removes a notification channel; one of this browser also ends the browser's subscription.
import type { NotificationChannel } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { refetchChannels } from './channel-queries.ts';
import { localStorageOf, removeOwnChannel } from './own-channels.ts';
import { channelsTexts } from './texts.ts';
import { unsubscribe } from './web-push.ts';

export function RemoveChannel({ channel, onClose }: { channel: NotificationChannel; onClose: () => void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(channelsTexts);
  const { id, label } = channel;
  const remove = useMutation({
    mutationFn: async () => {
      await api.call('DELETE /me/notification-channels/:id', { params: { id } });
      // The channel is gone: a subscription that the browser keeps nevertheless leads nowhere.
      if (removeOwnChannel(localStorageOf(window), id)) await unsubscribe().catch(() => undefined);
    },
    onSuccess: onClose,
    onSettled: () => refetchChannels(queries),
    meta: { done: t.removed(label) },
  });
  return (
    <Confirm
      title={t.removeTitle(label)}
      action={t.remove}
      isDestructive
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t.removeWhat}</p>
    </Confirm>
  );
}

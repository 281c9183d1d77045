// Opens OpenClaw's web interface in a new tab, on an origin that shares nothing with this app.
import { useMutation } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { askForControlUi, codeIn, confirmControlUi, enterControlUi } from './open-control-ui.ts';
import { controlUiTexts } from './texts.ts';

/** An opening of the Control UI. Its owner is the page: what it answered stays when the button is gone, as while the server is out of reach. */
export function useOpenControlUi(serverId: string) {
  const { api, telegram } = useServices();
  return useMutation({
    mutationFn: async (tab: Window | null) => {
      try {
        const way = await askForControlUi(api.call, serverId);
        if (tab !== null) {
          // What is shown there is not ours: it must not reach back into this page.
          tab.opener = null;
          enterControlUi(
            tab.document,
            await confirmControlUi(api.call, codeIn(new URL(way.link).hash) ?? ''),
          );
        }
        // Telegram opens a browser of its own: there the person signs in to Buoy first.
        return { ...way, isOpen: tab !== null || telegram?.openLink(way.link) === true };
      } catch (error) {
        tab?.close();
        throw error;
      }
    },
  });
}

type Opening = ReturnType<typeof useOpenControlUi>;

function OpenButton({ opening }: { opening: Opening }) {
  const { telegram } = useServices();
  const t = useTexts(controlUiTexts);
  return (
    // Only a tab that opens while the press lasts is not taken for an advertisement.
    <Button
      disabled={opening.isPending}
      onClick={() => opening.mutate(telegram === null ? window.open('about:blank', '_blank') : null)}
    >
      {opening.isPending ? t.opening : t.open}
    </Button>
  );
}

function Result({ opening: { data, error } }: { opening: Opening }) {
  const t = useTexts(controlUiTexts);
  return (
    <>
      {error !== null && <ProblemNote problem={error} />}
      {data !== undefined && (
        <div role="status" className="rounded-md border border-line bg-surface px-4 py-3 text-sm">
          {data.isOpen ? (
            <p>{t.isOpen}</p>
          ) : (
            <a href={data.link} target="_blank" rel="noreferrer" className={buttonClass('primary')}>
              {t.continueToControlUi}
            </a>
          )}
          {data.sshCommand === null ? (
            <p className="mt-2 text-muted">{t.noOwnTerminal}</p>
          ) : (
            <p className="mt-2 flex flex-wrap items-center gap-x-2 text-muted">
              {t.ownTerminal} <Copyable value={data.sshCommand} label={t.copy} name={t.copySsh} />
            </p>
          )}
        </div>
      )}
    </>
  );
}

export const OpenControlUi = { Button: OpenButton, Result };

// Tests on request whether the gateway's model answers.
import type { ModelCheck as ModelCheckAnswer } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { useTimedText } from '../../ui/clock.ts';
import { Facts } from '../../ui/facts.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { WorkingBar } from '../../ui/working-bar.tsx';
import { connectionTexts } from './connection-texts.ts';
import { modelCheckQuery } from './server-queries.ts';

function useModelCheck(serverId: string) {
  const { api } = useServices();
  return useQuery({ ...modelCheckQuery(api, serverId), enabled: false });
}

function CheckButton({ serverId }: { serverId: string }) {
  const t = useTexts(connectionTexts);
  const { isFetching, refetch } = useModelCheck(serverId);
  return (
    <Button disabled={isFetching} onClick={() => void refetch()}>
      {isFetching ? t.checkingModel : t.checkModel}
    </Button>
  );
}

function Result({ serverId }: { serverId: string }) {
  const { data, error, isFetching } = useModelCheck(serverId);
  const t = useTexts(connectionTexts);
  if (isFetching) return <WorkingBar label={t.modelUnderWay} />;
  return (
    <>
      {error !== null && <ProblemNote problem={error} />}
      {data !== undefined && <Checked {...data} />}
    </>
  );
}

function Checked({ check, at }: { check: ModelCheckAnswer; at: string }) {
  const t = useTexts(connectionTexts);
  const formats = useFormats();
  const { status, ok, detail, provider, model, latencyMs } = check;
  return (
    <section
      aria-label={t.modelCheck}
      className="rounded-lg border border-line bg-surface px-4 py-3 text-sm sm:px-5"
    >
      <div role="status">
        <p className={`font-medium ${ok ? 'text-up' : 'text-down'}`}>
          {status === 'ok' ? t.modelAnswers : t[`modelStatus_${status}`]}
        </p>
        {!ok && (
          <p lang="en" className="mt-1">
            <VisibleText text={detail} />
          </p>
        )}
      </div>
      <Facts
        facts={[
          { term: t.provider, value: provider ?? t.unknown },
          { term: t.model, value: model ?? t.unknown },
          ...(latencyMs === null ? [] : [{ term: t.answerTook, value: formats.milliseconds(latencyMs) }]),
        ]}
      />
      <CheckedAt at={at} />
    </section>
  );
}

function CheckedAt({ at }: { at: string }) {
  const t = useTexts(connectionTexts);
  const formats = useFormats();
  return (
    <p className="mt-2 text-xs text-muted">{useTimedText((now) => t.modelChecked(formats.age(at, now)))}</p>
  );
}

export const ModelCheck = { Button: CheckButton, Result };

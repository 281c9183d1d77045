// The scan findings of an upload, worst first, each with its place.
import type { SkillFinding } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { skillsTexts } from './texts.ts';

const severities = ['high', 'medium', 'low'] as const satisfies SkillFinding['severity'][];
const tones: Record<SkillFinding['severity'], string> = {
  high: 'text-down',
  medium: 'text-unreachable',
  low: 'text-muted',
};

export function Findings({ findings }: { findings: readonly SkillFinding[] }) {
  const t = useTexts(skillsTexts);
  const sorted = [...findings].sort(
    (one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity),
  );
  return (
    <section>
      <h3 className="text-sm font-semibold">{t.findings(findings.length)}</h3>
      <ul className="mt-2 space-y-3">
        {sorted.map((finding) => (
          <li
            key={`${finding.rule} ${finding.file} ${finding.line}`}
            className="border-l-2 border-line pl-3 text-sm"
          >
            <p>
              <span className={`font-medium ${tones[finding.severity]}`}>
                {t[`severity_${finding.severity}`]}
              </span>{' '}
              <span lang="en">
                <VisibleText text={finding.message} />
              </span>
            </p>
            <p className="font-mono text-xs break-all text-muted">
              <VisibleText text={finding.file} kind="name" />
              {finding.line !== null && `:${finding.line}`}
            </p>
            {finding.excerpt !== null && (
              <pre className="mt-1 overflow-x-auto rounded-md border border-line bg-inset px-2 py-1 font-mono text-xs whitespace-pre-wrap">
                <VisibleText text={finding.excerpt} kind="command" />
              </pre>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

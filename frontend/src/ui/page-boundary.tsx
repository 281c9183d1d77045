// Content that fails is replaced where it stands, so that the frame, the other pages and the way to them stay.
import { useQueryClient } from '@tanstack/react-query';
import { Component, type ReactNode } from 'react';
import { useTexts } from '../i18n/use-texts.ts';
import { usePath } from '../navigation.ts';
import { Button } from './button.tsx';
import { uiTexts } from './texts.ts';

/** Around the content of a page, or of a part of it that stands for itself. */
export function PageBoundary({ children }: { children: ReactNode }) {
  const path = usePath();
  const queries = useQueryClient();
  return (
    <FailureBoundary subject={path} onRetry={() => queries.removeQueries({ type: 'inactive' })}>
      {children}
    </FailureBoundary>
  );
}

type BoundaryProps = {
  /** What the content is about: that of another subject is tried. */
  subject: string;
  /** The content is tried again; what it failed on should not be there any more. */
  onRetry: () => void;
  /** What the person reads instead; absent: that the page has failed. */
  words?: FailureWords;
  children: ReactNode;
};

type FailureWords = { title: string; text: string };

type BoundaryState = { subject: string; hasFailed: boolean };

/** A class, because React knows no function that catches what its children throw. */
export class FailureBoundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { subject: this.props.subject, hasFailed: false };

  static getDerivedStateFromError(): Pick<BoundaryState, 'hasFailed'> {
    return { hasFailed: true };
  }

  static getDerivedStateFromProps({ subject }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return subject === state.subject ? null : { subject, hasFailed: false };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Failed
        words={this.props.words}
        onRetry={() => {
          this.props.onRetry();
          this.setState({ hasFailed: false });
        }}
      />
    );
  }
}

function Failed({ onRetry, words }: { onRetry: () => void; words: FailureWords | undefined }) {
  const t = useTexts(uiTexts);
  const { title, text } = words ?? { title: t.crashTitle, text: t.failedText };
  return (
    <div role="alert">
      <h2 className={words === undefined ? 'text-xl font-semibold tracking-tight' : 'font-semibold'}>
        {title}
      </h2>
      <p className="mt-2 max-w-prose text-muted">{text}</p>
      <Button variant="primary" className="mt-4" onClick={onRetry}>
        {t.tryAgain}
      </Button>
    </div>
  );
}

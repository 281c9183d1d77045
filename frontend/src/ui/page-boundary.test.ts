// A render on the server has no boundaries: the steps that React takes are taken here by hand.
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { languages } from '../i18n/languages.ts';
import { LanguageContext } from '../i18n/use-texts.ts';
import { FailureBoundary } from './page-boundary.tsx';
import { uiTexts } from './texts.ts';

type Boundary = InstanceType<typeof FailureBoundary>;

const at = (subject: string, onRetry = () => {}): Boundary => {
  const boundary = new FailureBoundary({ subject, onRetry, children: 'the page' });
  boundary.setState = (next) => {
    boundary.state = { ...boundary.state, ...(next as Partial<Boundary['state']>) };
  };
  return boundary;
};
const fail = (boundary: Boundary): void =>
  boundary.setState({ subject: boundary.state.subject, ...FailureBoundary.getDerivedStateFromError() });
const open = (boundary: Boundary, subject: string): void =>
  boundary.setState(
    FailureBoundary.getDerivedStateFromProps({ ...boundary.props, subject }, boundary.state) ??
      boundary.state,
  );
const shown = (boundary: Boundary, language: (typeof languages)[number] = 'en'): string =>
  renderToStaticMarkup(createElement(LanguageContext, { value: language }, boundary.render()));

it('shows the page while it does not fail', () => {
  const boundary = at('/alerts');
  open(boundary, '/alerts');
  expect(shown(boundary)).toBe('the page');
});

it('says in every language that the page has failed, and offers to try again', () => {
  const boundary = at('/alerts');
  fail(boundary);
  for (const language of languages) {
    const t = uiTexts[language];
    const markup = shown(boundary, language).replaceAll('&#x27;', "'");
    for (const words of [t.crashTitle, t.failedText, t.tryAgain]) expect(markup).toContain(words);
    expect(markup).not.toContain('the page<');
  }
});

it('stays failed where it is, and tries the page of another path', () => {
  const boundary = at('/alerts');
  fail(boundary);
  open(boundary, '/alerts');
  expect(shown(boundary)).toContain(uiTexts.en.crashTitle);
  open(boundary, '/inbox');
  expect(shown(boundary)).toBe('the page');
});

it('tries the page again with fresh data when it is asked to', () => {
  let retries = 0;
  const boundary = at('/alerts', () => {
    retries += 1;
  });
  fail(boundary);
  const failed = boundary.render() as { props: { onRetry: () => void } };
  failed.props.onRetry();
  expect(retries).toBe(1);
  expect(shown(boundary)).toBe('the page');
});

// The heading of a page: names the browser tab and takes the focus when the page opens, so that screen readers start there.

import { visibleText } from '@buoy/contract/visible-text';
import { type ReactNode, useEffect, useRef } from 'react';
import { VisibleText } from './visible-text.tsx';

export function PageHeading({
  title,
  children,
  className = 'text-xl',
}: {
  title: string;
  children: ReactNode;
  className?: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${visibleText(title)} · Buoy`;
  }, [title]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={`font-semibold tracking-tight ${className}`}>
      {typeof children === 'string' ? <VisibleText text={children} /> : children}
    </h1>
  );
}
